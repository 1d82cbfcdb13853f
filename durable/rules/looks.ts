/**
 * When AWS is looked at. Each page of a listing costs a call, and calls may be scarce, so a look is made when
 * its answer can matter:
 *
 * - while servers boot, one of them is asked for by name now and then; once it runs, its fellows are listed;
 * - few stragglers are asked for by name, many by a listing;
 * - while something else changes or is missed, listings follow each other at a pace that leaves calls over;
 * - otherwise one begins every so often.
 *
 * A listing that does not fit into one look goes on in the next one where it stopped (`scan.ts`).
 */
import { bucketOf, looksNow, pace, tokenAt, tokens } from "./budget.ts";
import { LISTING_EVERY_TICKS, LISTING_PAGE_SIZE } from "./limits.ts";
import type { Instance } from "./model.ts";
import { callsWanted } from "./provision.ts";
import type { State } from "./state.ts";
import type { Command } from "./world.ts";

/** No boot is shorter: before this nobody asks. In ticks, for time may be made to run faster. */
const BOOT_MIN_TICKS = 2;
/** How often booting servers are asked for by name, in ticks; a late answer about many costs more. */
const POLL_TICKS = 0.5;
const POLL_TICKS_OF_MANY = 0.2;
const MANY = 200;
/** So many are asked for by name at once. */
const NAMES_PER_POLL = 3;
/** A boot may be shorter than the shortest of the last ones, which were looked at a little late. */
const BOOT_SHARE = 0.9;
/** Booting servers are looked at after this at the latest. */
const BOOT_MIN_TICKS_MAX = 12;
/** Boots that are remembered. */
export const BOOTS_KEPT = 20;
/** Listings that only follow changes leave this share of the calls to others. */
const LISTING_SHARE = 0.5;
/** While no refusal has taught a pace, listings take no more calls a tick than this. */
const PAGES_PER_TICK = 2;
/** Pages in one look, for they come one after the other: with more of them its readings would come late. */
const PAGES_PER_LOOK_MAX = 5;
/** Pages that are read while the hands are at work: as many as fit into a look. */
const PAGES_AHEAD_MAX = 10;

export interface Looks {
  /** Names of booting servers to be read one by one. */
  readonly names: readonly string[];
  /** Pages of the listing to be read; zero for none. */
  readonly pages: number;
}

/** What is looked at now, with so many calls of the eyes left. */
export function looksOf(state: State, left: number): Looks {
  const names = isPolled(state) ? namesToPoll(state).slice(0, left) : [];
  const pages = Math.min(left - names.length, PAGES_PER_LOOK_MAX);
  const isDue = pages >= 1 && listingDueAt(state) <= state.now && !goesOnAhead(state);
  return { names, pages: isDue ? pages : 0 };
}

/**
 * Pages of an unfinished listing that are read while the hands are at work, one after the other on a connection
 * that they leave; zero for none. Only calls that the hands do not need are spent on them.
 */
export function pagesAhead({ memory, now }: State, commands: readonly Command[]): number {
  const { budget, scan, listingTrouble } = memory;
  if (scan === null || listingTrouble !== null || commands.length === 0) return 0;
  const bucket = bucketOf(budget, "list");
  const used = commands.filter(({ pace: of }) => of?.bucket === bucket).length;
  return Math.min(PAGES_AHEAD_MAX, Math.max(0, tokens(budget, "list", now) - used));
}

/** Its next pages are read while the hands carry out what waits for them already. */
function goesOnAhead(state: State): boolean {
  const { scan, budget, listingTrouble } = state.memory;
  if (scan === null || listingTrouble !== null) return false;
  const wanted = callsWanted(state);
  return wanted > 0 && tokens(budget, "list", state.now) > wanted;
}

/** Calls that the eyes may make now, with what the hands want taken into account. */
export function looksInHand(state: State): number {
  return looksNow(state.memory.budget, callsWanted(state), state.now);
}

/**
 * The next moment for which a look is worth a tick of its own: a boot may be over, or a listing goes on. One
 * that has failed waits for the metronome's beat, and so does one for which there are no calls.
 */
export function lookDueAt(state: State): number {
  const { memory, now } = state;
  const { budget, scan, scannedAt, listedAt, listingTrouble } = memory;
  if (callsWanted(state) > 0 && bucketOf(budget, "list") === bucketOf(budget, "ports"))
    return Number.POSITIVE_INFINITY;
  const began = past(scannedAt ?? listedAt ?? now, now);
  const isNeeded = !state.listed || booting(state).length > 0 || isChanging(state);
  const goesOn = scan !== null && listingTrouble === null && isNeeded;
  const goesOnAt = goesOn ? now : Number.POSITIVE_INFINITY;
  const polledAt = namesToPoll(state).length > 0 ? pollDueAt(state) : Number.POSITIVE_INFINITY;
  const dueAt = Math.min(goesOnAt, polledAt, bootListingAt(state, began, betweenMs(state)));
  return Math.max(dueAt, tokenAt(budget, "list", now));
}

/** A moment that lies ahead is of a clock that was set back since: it was long ago for all that anybody knows. */
function past(at: number, now: number): number {
  return at > now ? 0 : at;
}

function isPolled(state: State): boolean {
  return pollDueAt(state) <= state.now;
}

function pollDueAt(state: State): number {
  const { memory, now, tickMs } = state;
  const ticks = booting(state).length >= MANY ? POLL_TICKS_OF_MANY : POLL_TICKS;
  return past(memory.polledAt ?? 0, now) + ticks * tickMs;
}

/** Few that boot are asked for by name, in turn; of many, while no boot was measured, one stands for all. */
function namesToPoll(state: State): readonly string[] {
  // One page tells of all of them for the same price.
  if (pagesOf(state) === 1) return [];
  const due = dueBoots(state);
  const count = isFew(state, due) ? NAMES_PER_POLL : state.memory.boots.length === 0 ? 1 : 0;
  const from = due.length === 0 ? 0 : state.tick % due.length;
  return [...due.slice(from), ...due.slice(0, from)].slice(0, count).map(({ name }) => name);
}

/** To ask for them by name costs no more than a listing, or they are the last ones. */
function isFew(state: State, due: readonly Instance[]): boolean {
  return due.length <= Math.max(NAMES_PER_POLL, pagesOf(state) - 1);
}

/** Those at which no listing has looked since their boots can be over. */
function unlooked(state: State, due: readonly Instance[]): number {
  const began = state.memory.scannedAt ?? 0;
  return due.filter(({ phaseSince }) => began < phaseSince + bootMinMs(state)).length;
}

/** Servers that boot, and could have an address by now. */
function dueBoots(state: State): readonly Instance[] {
  const bootMs = bootMinMs(state);
  return booting(state).filter(({ phaseSince }) => state.now - phaseSince >= bootMs);
}

function booting({ instances }: State): readonly Instance[] {
  return [...instances.values()].filter(({ phase }) => phase === "starting");
}

/** The shortest of the last boots, within bounds: a long wait of ours may have passed for a long boot. */
function bootMinMs({ memory, tickMs }: State): number {
  const least = BOOT_MIN_TICKS * tickMs;
  if (memory.boots.length === 0) return least;
  const measured = BOOT_SHARE * Math.min(...memory.boots);
  return Math.min(BOOT_MIN_TICKS_MAX * tickMs, Math.max(least, measured));
}

/** When the next listing begins, or the one under way goes on. */
function listingDueAt(state: State): number {
  const { listed, memory, tickMs } = state;
  const { listedAt, scan } = memory;
  if (!listed || listedAt === null || scan !== null) return state.now;
  const began = past(memory.scannedAt ?? listedAt, state.now);
  const apartMs = betweenMs(state);
  const idleAt = isAllBooting(state)
    ? Number.POSITIVE_INFINITY
    : began + Math.max(LISTING_EVERY_TICKS * tickMs, apartMs);
  const changeAt = isChanging(state) ? began + apartMs : Number.POSITIVE_INFINITY;
  return Math.min(idleAt, changeAt, bootListingAt(state, began, apartMs));
}

/** There is nothing yet of which a listing could tell anything but whether it still boots. */
function isAllBooting({ instances, memory }: State): boolean {
  if (instances.size === 0 || memory.strangers.length > 0) return false;
  return [...instances.values()].every(({ phase }) => phase === "planned" || phase === "starting");
}

/** Something goes, is missed, has another address, or is in doubt. */
function isChanging({ memory, removing, instances }: State): boolean {
  if (memory.absentSince.size > 0 || memory.emptySince !== null || removing !== null) return true;
  return [...instances.values()].some(
    ({ phase, mayExist, movedTick }) => phase === "deleting" || mayExist || movedTick !== null,
  );
}

/** As soon as servers can have addresses that no listing has shown. */
function bootListingAt(state: State, began: number, apartMs: number): number {
  const pages = pagesOf(state);
  if (pages > 1 && state.memory.boots.length === 0) return Number.POSITIVE_INFINITY;
  const due = dueBoots(state);
  if (due.length === 0)
    return Math.min(...booting(state).map(({ phaseSince }) => phaseSince + bootMinMs(state)));
  if (pages > 1 && isFew(state, due)) return Number.POSITIVE_INFINITY;
  const pollMs = POLL_TICKS * state.tickMs;
  return began + (unlooked(state, due) >= pages || pages === 1 ? pollMs : apartMs);
}

/** The least time between the beginnings of two listings that only follow changes. */
function betweenMs(state: State): number {
  const { tickMs, memory } = state;
  const pages = pagesOf(state);
  const known = pace(memory.budget, "list");
  const perSecond = known === null ? (PAGES_PER_TICK * 1000) / tickMs : known * LISTING_SHARE;
  return Math.max(tickMs, (pages * 1000) / perSecond);
}

/** Pages of a whole listing: by the last one, and by the rows. */
function pagesOf({ instances, memory }: State): number {
  return Math.max(memory.listedPages, Math.ceil((instances.size + 1) / LISTING_PAGE_SIZE));
}
