/**
 * What was seen goes into the rows and leases: listing, look-ups, readings, tag, and what the calls themselves
 * tell of AWS's limits. A hole changes nothing but the memory that nothing was seen.
 */
import { adviceFor } from "./advice.ts";
import { absorbAdoptions } from "./absorb-adoptions.ts";
import { absorbListing, follow } from "./absorb-listing.ts";
import { sweepLeases } from "./absorb-leases.ts";
import { absorbReadings } from "./absorb-readings.ts";
import { absorbTag } from "./absorb-tag.ts";
import { learn } from "./budget.ts";
import { HOLD_MS } from "./limits.ts";
import type { Bundle, Hold } from "./model.ts";
import { apply, join, type Moves, NO_MOVES, type State } from "./state.ts";
import { change, transition } from "./transition.ts";
import { learnTurns } from "./turns.ts";
import type { BundlesReading, Hole, LookUp, Observation } from "./world.ts";

export function absorb(state: State, observation: Observation): Moves {
  const steps: readonly ((state: State) => Moves)[] = [
    (now) => ({ ...NO_MOVES, memory: { purses: learn(now.memory.purses, observation.calls) } }),
    // Before anything changes the rows of which the watch has spoken.
    (now) => ({ ...NO_MOVES, memory: { turns: learnTurns(now, observation) } }),
    (now) => absorbAccess(now, observation),
    (now) => absorbListing(now, observation.listing),
    (now) => absorbLookUps(now, observation.lookUps),
    (now) => absorbAdoptions(now, observation.lookUps),
    (now) => sweepLeases(now, observation.readings),
    (now) => absorbReadings(now, observation.readings),
    (now) => absorbTag(now, observation.tag),
    (now) => absorbBundles(now, observation.bundles),
  ];
  let moves = NO_MOVES;
  for (const step of steps) moves = join(moves, step(apply(state, moves)));
  return moves;
}

/** Credentials that AWS refused hold back every change; a look that AWS answered ends the hold. */
function absorbAccess(state: State, observation: Observation): Moves {
  const { listing } = observation;
  const others = state.holds.filter((hold) => hold.guard !== "credentials");
  if (listing.kind === "complete")
    return others.length === state.holds.length
      ? NO_MOVES
      : { ...NO_MOVES, state: { holds: others } };
  const refused = holesOf(observation).find((hole) => hole.rejection === "credentials");
  if (refused === undefined) return NO_MOVES;
  const since = state.holds.find((hold) => hold.guard === "credentials")?.since ?? state.now;
  const until = state.now + HOLD_MS.credentials;
  const [code = "", ...words] = refused.detail.split(": ");
  const { what, fix } = adviceFor({ rejection: "credentials", code, message: words.join(": ") });
  const hold: Hold = { guard: "credentials", subject: "", since, until, detail: `${what} ${fix}` };
  return { ...NO_MOVES, state: { holds: [...others, hold] } };
}

function holesOf({ listing, lookUps }: Observation): Hole[] {
  const holes = lookUps.flatMap((lookUp) => (lookUp.kind === "hole" ? [lookUp.hole] : []));
  return listing.kind === "partial" ? [listing.hole, ...holes] : holes;
}

/** A name that may exist is read back: ours is taken over, a stranger's is left, absent is tried again. */
function absorbLookUps(state: State, lookUps: readonly LookUp[]): Moves {
  let moves = NO_MOVES;
  for (const lookUp of lookUps) moves = join(moves, absorbLookUp(state, lookUp));
  return moves;
}

function absorbLookUp(state: State, lookUp: LookUp): Moves {
  const row = state.instances.get(lookUp.name);
  if (row === undefined || row.phase !== "planned" || !row.mayExist) return NO_MOVES;
  switch (lookUp.kind) {
    case "hole":
      return NO_MOVES;
    case "absent":
      if (lookUp.startedAt <= row.changedAt) return NO_MOVES;
      return { ...NO_MOVES, rows: [change(row, state.now, { mayExist: false })] };
    case "found": {
      const { instance } = lookUp;
      if (instance.owner === state.identity.owner) {
        const [next, event] = follow(state, row, instance);
        return {
          ...NO_MOVES,
          rows: next === null ? [] : [next],
          events: event === null ? [] : [event],
        };
      }
      return {
        ...NO_MOVES,
        rows: [transition(row, "gone", state.now, { goneAt: state.now })],
        events: [
          {
            kind: "nameClash",
            instance: row.name,
            message: `${row.name} belongs to somebody else; it is left alone and another name is used`,
            data: { arn: instance.arn, owner: instance.owner },
          },
        ],
      };
    }
  }
}

/** Prices that are known stay until there are others: a failed look makes nothing cheaper. */
function absorbBundles(state: State, reading: BundlesReading): Moves {
  if (reading.kind === "none") return NO_MOVES;
  const asked = { bundlesAskedAt: state.now };
  if (reading.kind === "hole") return { ...NO_MOVES, memory: asked };
  const known = [...state.bundles.values()];
  const bundles = new Map([...known, ...reading.bundles].map((bundle) => [bundle.id, bundle]));
  return {
    ...NO_MOVES,
    memory: { ...asked, bundlesReadAt: reading.at },
    state: reading.bundles.every((bundle) => isSame(state.bundles.get(bundle.id), bundle))
      ? {}
      : { bundles },
  };
}

function isSame(known: Bundle | undefined, bundle: Bundle): boolean {
  return known?.usdPerMonth === bundle.usdPerMonth && known.vcpus === bundle.vcpus;
}
