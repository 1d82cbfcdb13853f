/**
 * What to look at in this tick: everything whose answer could change what the fleet does, and no more.
 */
import { tokens } from "./budget.ts";
import { doubtedNow } from "./addresses.ts";
import { healthOf } from "./checks.ts";
import {
  ADOPTION_LIFE_MS,
  BUNDLES_EVERY_MS,
  BUNDLES_RETRY_MS,
  DOUBT_EVERY_TICKS,
  LOOK_UPS_PER_TICK_MAX,
  OPERATION_EVERY_MS,
  OWNERS_PER_TICK_MAX,
  TAG_EVERY_TICKS,
} from "./limits.ts";
import { looksInHand, looksOf, pagesAhead } from "./looks.ts";
import type { Adoption, Instance } from "./model.ts";
import { occupancyOf } from "./occupancy.ts";
import { callsWanted } from "./provision.ts";
import { unvouchedNow } from "./retire.ts";
import type { State } from "./state.ts";
import { paceOf, restingShards, turnsOf } from "./turns.ts";
import type { Command, ProbeRequest, Watch } from "./world.ts";

/** So many calls, or servers that are nearly ready, wait for a look to end: it is kept short. */
const AWAITED_BY = 50;

export function watchOf(state: State): Watch {
  const rows = [...state.instances.values()];
  const inHand = looksInHand(state);
  const doubts = dueLookUps(state, rows).slice(0, tokens(state.memory.budget, "list", state.now));
  const operations = dueOperations(state, rows).slice(0, Math.max(0, inHand - doubts.length));
  const owners = ownersToAsk(state, doubts, inHand - doubts.length - operations.length);
  const left = inHand - doubts.length - operations.length - owners.length;
  // A cap lets nothing through without prices, so they go before a listing once the fleet is known.
  const bundles = left >= (state.listed ? 1 : 2) && bundlesAreDue(state);
  const { names, pages } = looksOf(state, left - (bundles ? 1 : 0));
  const probes = turnsOf(state);
  return {
    tick: state.tick,
    region: state.spec.region,
    owner: state.identity.owner,
    fleet: state.identity.fleet,
    listing: pages === 0 ? null : { pagesMax: pages, from: state.memory.scan?.next ?? null },
    lookUps: [...doubts, ...owners, ...names],
    ...(operations.length === 0 ? {} : { operations }),
    probes,
    pace: paceOf(state),
    ...(isAwaited(state, rows) ? { isAwaited: true } : {}),
    restingShards: restingShards(state),
    health: state.spec.health,
    ...checksFor(state, probes),
    tag: tagIsDue(state) ? state.spec.spares.tag : null,
    bundles,
  };
}

/** The checks that the probes name. */
function checksFor(state: State, probes: readonly ProbeRequest[]): Pick<Watch, "checks"> {
  const named = new Set(probes.flatMap(({ check }) => check ?? []));
  if (named.size === 0) return {};
  const checks = [...named].map((health) => [health, healthOf(state, { health })] as const);
  return { checks: Object.fromEntries(checks) };
}

function isAwaited(state: State, rows: readonly Instance[]): boolean {
  if (callsWanted(state) >= AWAITED_BY) return true;
  return rows.filter(({ phase }) => phase === "warming").length >= AWAITED_BY;
}

/** What is looked at while these commands are carried out: the rest of a listing, or nothing. */
export function watchAhead(state: State, commands: readonly Command[]): Watch | null {
  const pages = pagesAhead(state, commands);
  const { scan } = state.memory;
  if (pages === 0 || scan === null) return null;
  return {
    tick: state.tick,
    region: state.spec.region,
    owner: state.identity.owner,
    fleet: state.identity.fleet,
    listing: { pagesMax: pages, from: scan.next },
    lookUps: [],
    probes: [],
    health: state.spec.health,
    tag: null,
    bundles: false,
  };
}

/** The prices that are known hold for a day; without them a cap lets nothing through. */
function bundlesAreDue(state: State): boolean {
  const { bundlesReadAt, bundlesAskedAt } = state.memory;
  const known = state.bundles.has(state.spec.bundle);
  if (known && bundlesReadAt !== null) return state.now - bundlesReadAt >= BUNDLES_EVERY_MS;
  return bundlesAskedAt === null || state.now - bundlesAskedAt >= BUNDLES_RETRY_MS;
}

function dueLookUps(state: State, rows: readonly Instance[]): string[] {
  const adoptions = state.adoptions.filter((each) => isInDoubt(state, each));
  return rows
    .filter((row) => row.mayExist && row.command === null && row.nextAttemptAt <= state.now)
    .map((row) => row.name)
    .concat(adoptions.map(({ name }) => name))
    .concat([...state.memory.unread.due])
    .slice(0, LOOK_UPS_PER_TICK_MAX);
}

/**
 * Servers of which AWS is asked whether an address is theirs: first those that are deleted with its word, then those
 * whose address is in doubt. A listing gets its half of the calls: where there is but one, they take turns.
 */
function ownersToAsk(state: State, others: readonly string[], left: number): string[] {
  const rows = [...unvouchedNow(state), ...doubtedNow(state)];
  const names = [...new Set(rows.map(({ name }) => name))].filter((name) => !others.includes(name));
  const share = (left + (state.tick % 2)) / 2;
  return names.slice(0, Math.min(OWNERS_PER_TICK_MAX, Math.max(0, Math.floor(share))));
}

/** A server that AWS was to make and does not list: AWS is asked what became of it, again and again. */
function dueOperations(
  { memory, now }: State,
  rows: readonly Instance[],
): { readonly name: string; readonly id: string }[] {
  const { operationsAskedAt, unlisted } = memory;
  const askedAt = (name: string): number => operationsAskedAt.get(name) ?? 0;
  return rows
    .flatMap(({ name, phase, operation }) =>
      phase === "starting" && operation !== null && unlisted.has(name)
        ? [{ name, id: operation }]
        : [],
    )
    .filter(({ name }) => Math.abs(now - askedAt(name)) >= OPERATION_EVERY_MS)
    .toSorted((one, other) => askedAt(one.name) - askedAt(other.name))
    .slice(0, LOOK_UPS_PER_TICK_MAX);
}

/** Until it is a row; and from time to time where it has been one for long, and is neither listed nor heard of. */
function isInDoubt(state: State, { name, since }: Adoption): boolean {
  const row = state.instances.get(name);
  if (row === undefined || row.phase === "lost") return true;
  if (state.now - since < ADOPTION_LIFE_MS || state.tick % DOUBT_EVERY_TICKS > 0) return false;
  return occupancyOf(state, row) === "unknown";
}

function tagIsDue(state: State): boolean {
  if (tokens(state.memory.budget, "ec2", state.now) < 1) return false;
  const { tagReadAt } = state.memory;
  return tagReadAt === null || state.now - tagReadAt >= TAG_EVERY_TICKS * state.tickMs;
}
