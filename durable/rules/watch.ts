/**
 * What to look at in this tick: everything whose answer could change what the fleet does, and no more.
 */
import { tokens, tokensMax } from "./budget.ts";
import {
  ADOPTION_LIFE_MS,
  BUNDLES_EVERY_MS,
  BUNDLES_RETRY_MS,
  DOUBT_EVERY_TICKS,
  LISTING_EVERY_TICKS,
  LISTING_PAGE_SIZE,
  LOOK_UPS_PER_TICK_MAX,
  TAG_EVERY_TICKS,
} from "./limits.ts";
import type { Adoption, Instance } from "./model.ts";
import { occupancyOf } from "./occupancy.ts";
import type { State } from "./state.ts";
import { paceOf, restingShards, turnsOf } from "./turns.ts";
import type { Watch } from "./world.ts";

export function watchOf(state: State): Watch {
  const rows = [...state.instances.values()];
  const inHand = tokens(state.memory.purses.list, state.now);
  const lookUps = dueLookUps(state, rows).slice(0, inHand);
  // A lane that can never hold so many tokens must not wait for them for ever.
  const pages = Math.min(
    Math.ceil((rows.length + 1) / LISTING_PAGE_SIZE),
    tokensMax(state.memory.purses.list),
  );
  // Once the fleet is known, prices that are due go before a listing: a slow lane has but one call.
  const spare = inHand - lookUps.length - (state.listed ? 0 : pages);
  const bundles = spare >= 1 && bundlesAreDue(state);
  const left = inHand - lookUps.length - (bundles ? 1 : 0);
  return {
    tick: state.tick,
    region: state.spec.region,
    owner: state.identity.owner,
    fleet: state.identity.fleet,
    listing: left >= pages && listingIsDue(state, rows),
    lookUps,
    probes: turnsOf(state),
    pace: paceOf(state),
    restingShards: restingShards(state),
    health: state.spec.health,
    tag: tagIsDue(state) ? state.spec.spares.tag : null,
    bundles,
  };
}

/** The prices that are known hold for a day; without them a cap lets nothing through. */
function bundlesAreDue(state: State): boolean {
  const { bundlesReadAt, bundlesAskedAt } = state.memory;
  const known = state.bundles.has(state.spec.bundle);
  if (known && bundlesReadAt !== null) return state.now - bundlesReadAt >= BUNDLES_EVERY_MS;
  return bundlesAskedAt === null || state.now - bundlesAskedAt >= BUNDLES_RETRY_MS;
}

/** Something changes, something is missed, or the last look was long ago. */
function listingIsDue(state: State, rows: readonly Instance[]): boolean {
  const { listedAt, absentSince, emptySince } = state.memory;
  if (!state.listed || listedAt === null || absentSince.size > 0) return true;
  if (emptySince !== null) return true;
  if (state.removing !== null) return true;
  if (rows.some((row) => row.phase === "starting" || row.phase === "deleting" || row.mayExist))
    return true;
  return state.now - listedAt >= LISTING_EVERY_TICKS * state.tickMs;
}

function dueLookUps(state: State, rows: readonly Instance[]): string[] {
  const adoptions = state.adoptions.filter((each) => isInDoubt(state, each));
  return rows
    .filter((row) => row.mayExist && row.command === null && row.nextAttemptAt <= state.now)
    .map((row) => row.name)
    .concat(adoptions.map(({ name }) => name))
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
  if (tokens(state.memory.purses.ec2, state.now) < 1) return false;
  const { tagReadAt } = state.memory;
  return tagReadAt === null || state.now - tagReadAt >= TAG_EVERY_TICKS * state.tickMs;
}
