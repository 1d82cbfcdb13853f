/** What a fleet tells of itself to its doctor, and of its costs. */
import type { Checkup } from "../../../durable/rules/checkup-views.ts";
import type { FleetApi, Refusal } from "../../../durable/rules/views.ts";
import { COST } from "../../../worker/api/openapi/examples.ts";
import type { Patient } from "../../../worker/doctor/patient.ts";
import type { DoctorReport } from "../../../worker/doctor/report.ts";
import { aSpec } from "../../durable/rules/spec-builder.ts";
import { LAST_TICK_AT } from "./views.ts";

/** What is asked seldom: by the doctor, and of costs. */
export function fakeBooks(
  refusal: () => Refusal | null,
  exists: () => boolean,
  note: (method: "checkup" | "cost", ...args: unknown[]) => void,
) {
  return {
    checkup: async () => {
      note("checkup");
      return exists() ? checkup() : null;
    },
    cost: async (at, ec2HourlyUsd) => {
      note("cost", at, ec2HourlyUsd);
      if (!exists()) return null;
      return refusal() ?? COST;
    },
  } satisfies Partial<FleetApi>;
}

/** Of a fleet whose server cannot be asked. */
export function checkup(): Checkup {
  return {
    spec: aSpec(),
    lastTickAt: LAST_TICK_AT,
    lastTickError: null,
    evidence: [{ action: "create", at: "2026-11-22T08:00:00.000Z", refusal: null }],
    quotaHeld: null,
    candidate: { name: "media-ab12-1", address: "203.0.113.7", health: aSpec().health },
    earlier: [],
    answering: 0,
    probed: 1,
    probeMs: null,
  };
}

export function doctorReport({ fleet, spec, checkup }: Patient): DoctorReport {
  const what = checkup === null ? "the spec is not applied" : "media-ab12-1 is silent.";
  return {
    fleet,
    region: spec.region,
    checkedAt: "2026-11-22T10:00:00.000Z",
    durationMs: 1_234,
    verdict: "fail",
    summary: "To be put right: probe. Not checked: keyPair.",
    checks: [
      { name: "key", status: "ok", what: "AWS accepts the key.", fix: null },
      { name: "keyPair", status: "skipped", what: "The spec names none.", fix: null },
      { name: "probe", status: "fail", what, fix: "Look at its port." },
    ],
  };
}
