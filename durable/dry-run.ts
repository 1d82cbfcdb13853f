/** What applying a spec would do, were it applied now: one look, one plan, and nothing of it is kept. */
import { skippedDayWarnings } from "./calendar/skipped-days.ts";
import type { Engine } from "./engine.ts";
import { isoOrNull } from "./iso.ts";
import { newState } from "./ledger/ledger.ts";
import {
  conditionRefusal,
  recordOfNew,
  regionRefusal,
  respecified,
  type Wanted,
} from "./operate.ts";
import { scheduleBasisOf } from "./preview.ts";
import type { Given } from "./refusal.ts";
import { askedOf, targetOfState } from "./report.ts";
import { bareWatch } from "./rules/bare-checks.ts";
import { closedPorts } from "./rules/closed-ports.ts";
import { canonical } from "./rules/hash.ts";
import { scriptWarnings } from "./rules/launch-script.ts";
import type { Phase } from "./rules/model.ts";
import { plan } from "./rules/plan.ts";
import type { Spec } from "./rules/spec.ts";
import { monthlyUsdOf } from "./rules/spend.ts";
import { apply, NO_MOVES, type State } from "./rules/state.ts";
import { LAUNCHING, PROBED } from "./rules/transition.ts";
import { isOutdated } from "./rules/victims.ts";
import type { AskedAlike, DryRunBasis } from "./rules/dry-run-views.ts";
import type { Refusal } from "./rules/views.ts";
import { watchOf } from "./rules/watch.ts";
import { blindObservation, type Eyes, type Observation } from "./rules/world.ts";
import { utf8Length } from "./rules/utf8.ts";

export async function dryRun(
  engine: Engine,
  fleet: Wanted,
  given: Given,
  eyes: Eyes,
): Promise<DryRunBasis | Refusal> {
  const { now } = given;
  const live = engine.read(now);
  const refused =
    conditionRefusal(fleet, live?.record ?? null) ??
    (live === null ? null : regionRefusal(live.state, fleet.spec));
  if (refused !== null) return refused;
  const before = live?.state ?? newState(recordOfNew(fleet, given.word(), now), engine.tickMs, now);
  const { rows, change } = respecified(before, fleet.spec);
  const state = {
    ...apply(before, { ...NO_MOVES, rows }),
    ...change,
    tick: before.tick + 1,
    agenda: engine.agendaOf(fleet.spec, now),
    // It reads the whole listing by itself, and not the rest of the fleet's own.
    memory: { ...before.memory, scan: null },
  };

  const watch = { ...watchOf(state), listing: { pagesMax: DRY_RUN_PAGES_MAX, from: null } };
  const seen = await observe(eyes, bareWatch(watch, live?.state ?? null), now);
  // Also of a fleet that would only observe, people want to know what it would do.
  const active = { ...state, spec: { ...state.spec, mode: "active" as const } };
  const planned = plan(active, seen);
  const { after } = planned;
  return {
    created: live === null,
    changes:
      live === null ||
      live.state.removing !== null ||
      canonical(live.state.spec) !== canonical(fleet.spec),
    firstTick: {
      decision: planned.decision,
      ...countsOf(state, after),
      blockers: planned.blockers.map((blocker) => ({
        ...blocker,
        retryAt: isoOrNull(blocker.retryAt),
      })),
      unseen: unseenOf(seen),
    },
    replaces: [...after.instances.values()].filter(
      (row) => row.phase === "ready" && isOutdated(after, row),
    ).length,
    asked: askedAlike(after),
    closesPorts: closedPorts(live?.state.spec ?? null, fleet.spec),
    warnings: warningsOf(fleet.spec),
    target: targetOfState(after),
    usdPerMonth: monthlyUsdOf(after),
    schedule: scheduleBasisOf(after),
  };
}

/** Some two thousand instances of an account; nothing waits behind a dry run. */
const DRY_RUN_PAGES_MAX = 100;

function warningsOf({ userData, spares }: Spec): string[] {
  const bytes = utf8Length(userData);
  return [...scriptWarnings(userData, bytes), ...skippedDayWarnings(spares.specialDays)];
}

/** The servers that there are, by how they are asked. */
function askedAlike(state: State): AskedAlike[] {
  const alike = new Map<string, AskedAlike>();
  for (const row of state.instances.values()) {
    if (row.phase === "planned" || !(PROBED.has(row.phase) || LAUNCHING.has(row.phase))) continue;
    const asked = askedOf(state, row);
    const key = canonical(asked);
    alike.set(key, { ...asked, servers: 1 + (alike.get(key)?.servers ?? 0) });
  }
  return [...alike.values()];
}

/** Why the listing is not whole; null where it is. */
function unseenOf({ listing }: Observation): string | null {
  if (listing.kind !== "partial") return null;
  return listing.hole?.detail ?? `only ${listing.pages} pages of the listing were read in time`;
}

async function observe(
  eyes: Eyes,
  watch: ReturnType<typeof watchOf>,
  now: number,
): Promise<Observation> {
  try {
    return await eyes.observe(watch);
  } catch (error) {
    return blindObservation(watch, now, String(error));
  }
}

function countsOf(
  before: State,
  after: State,
): Pick<DryRunBasis["firstTick"], "launch" | "retire" | "adopt"> {
  const rows = [...after.instances.values()];
  const isNew = (name: string): boolean => !before.instances.has(name);
  const retired = [...before.instances.values()].filter(({ name, phase }) =>
    isRetired(phase, after.instances.get(name)?.phase ?? "gone"),
  );
  return {
    launch: rows.filter(({ name, phase }) => phase === "planned" && isNew(name)).length,
    retire: retired.length,
    adopt: rows.filter(({ name, adopted }) => adopted && isNew(name)).length,
  };
}

/** By a decision of this tick: what was leaving already does not count, nor what AWS no longer lists. */
function isRetired(before: Phase, after: Phase): boolean {
  if (before === "planned") return after === "gone";
  if (before === "draining" || before === "deleting") return false;
  return after === "draining" || after === "deleting";
}
