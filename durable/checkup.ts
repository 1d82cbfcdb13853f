/** What a fleet tells its doctor: no tick waits for him, and nothing is changed but the trail, which says that he was asked. */
import type { Engine } from "./engine.ts";
import { noteLook } from "./operate.ts";
import type { Asked } from "./rules/views.ts";
import { iso } from "./iso.ts";
import { readEvidence } from "./ledger/evidence.ts";
import { isDoubted } from "./rules/addresses.ts";
import { healthOf } from "./rules/checks.ts";
import type { Candidate, Checkup } from "./rules/checkup-views.ts";
import type { Phase } from "./rules/model.ts";
import { occupancyOf } from "./rules/occupancy.ts";
import type { State } from "./rules/state.ts";
import { PROBED } from "./rules/transition.ts";

/** Null where no fleet was ever configured. */
export function checkupOf(engine: Engine, now: number, asked: Asked | null = null): Checkup | null {
  if (asked !== null) noteLook(engine, { kind: "doctor" }, asked, now);
  const live = engine.read(now);
  if (live === null) return null;
  const { state } = live;
  const { lastTick } = engine;
  const probed = [...state.instances.values()].filter(({ phase }) => PROBED.has(phase));
  const quota = state.holds.find(({ guard, until }) => guard === "quota" && until > now);
  return {
    spec: state.spec,
    // A tick that failed keeps the time of the last good one, and that of the birth before any.
    lastTickAt: lastTick === null ? null : iso(lastTick.at),
    lastTickError: lastTick?.error ?? null,
    evidence: readEvidence(engine.sql),
    quotaHeld: quota?.detail ?? null,
    candidate: candidateOf(state),
    earlier: [...state.checks.values()].map(({ health }) => health),
    answering: probed.filter((row) => occupancyOf(state, row) !== "unknown").length,
    probed: probed.length,
    probeMs: state.memory.turns.answerMs,
  };
}

/** One that works already says most; one that is about to is better than none. */
const PREFERRED: readonly Phase[] = ["ready", "warming", "draining"];

function candidateOf(state: State): Candidate | null {
  const rows = [...state.instances.values()];
  for (const phase of PREFERRED)
    for (const row of rows) {
      const { name, publicIp, stoppedSince } = row;
      if (row.phase !== phase || publicIp === null || stoppedSince !== null) continue;
      if (!isDoubted(state, row)) return { name, address: publicIp, health: healthOf(state, row) };
    }
  return null;
}
