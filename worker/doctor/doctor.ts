/**
 * The doctor: whether a fleet can do its work, in plain words, with what to do about what does not.
 *
 * 1. It only reads; it is not run in the fleet's object, and no tick waits for it.
 * 2. What cannot be proved without changing something is told as such, never as good.
 * 3. What could not be seen is `warn` or `skipped`: not seeing is not knowing.
 */
import { ownerOf } from "../../durable/rules/drift.ts";
import type { EyesDeps } from "../observe.ts";
import { look } from "./look.ts";
import { checkLooks } from "./looks.ts";
import type { Examined, Patient } from "./patient.ts";
import { type Check, type DoctorReport, summaryOf, verdictOf } from "./report.ts";
import { checkKey, checkReads, checkWrites } from "./rights.ts";
import { checkProbe, checkQuota, checkSecrets, checkTick } from "./running.ts";
import {
  checkBundle,
  checkImage,
  checkKeyPair,
  checkLaunchScript,
  checkPrices,
  checkSpecialDays,
  checkTag,
  checkZones,
} from "./things.ts";

export type Doctor = (patient: Patient) => Promise<DoctorReport>;

export function createDoctor(deps: EyesDeps): Doctor {
  return async (patient) => {
    const { fleet, spec, checkup } = patient;
    const startedAt = deps.clock.now();
    const seen = await look(deps, fleet, spec, checkup?.candidate ?? null);
    const { config } = deps;
    const now = deps.clock.now();
    const owner = ownerOf(config.deployment, fleet);
    const checks = checksOf({ ...patient, look: seen, config, owner, now });
    return {
      fleet,
      region: spec.region,
      checkedAt: new Date(now).toISOString(),
      durationMs: now - startedAt,
      verdict: verdictOf(checks),
      summary: summaryOf(checks),
      checks,
    };
  };
}

function checksOf(examined: Examined): Check[] {
  return [
    checkKey(examined),
    ...checkReads(examined),
    ...checkWrites(examined),
    checkZones(examined),
    checkImage(examined),
    checkBundle(examined),
    checkPrices(examined),
    checkQuota(examined),
    ...checkLaunchScript(examined),
    checkKeyPair(examined),
    checkTag(examined),
    ...checkSpecialDays(examined),
    checkSecrets(examined),
    checkTick(examined),
    checkProbe(examined),
    checkLooks(examined),
  ];
}
