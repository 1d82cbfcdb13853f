/**
 * The limits that hold the fleet back from harm: how many may be launched now, how many deleted.
 * A guard that lets through less than was wanted is a blocker, with its fix in plain words.
 */
import { unnamed, unvouched } from "./addresses.ts";
import { HOUR_MS, SILENT_REPLACED_MAX } from "./limits.ts";
import { refusedPorts, stuckCalls } from "./failing.ts";
import { leaseLimits } from "./lease-limits.ts";
import { SCRIPT_LOG } from "./launch-script.ts";
import { hasLasted } from "./hole.ts";
import { EVERY_CALL, holdsStanding, keyHoldsOn } from "./holds.ts";
import type { Blocker, GuardName, Hold } from "./model.ts";
import type { Tally } from "./occupancy.ts";
import { affordable, spendOf, vcpusOf } from "./spend.ts";
import { holdsNow, isPaused, type State } from "./state.ts";
import { unreadStrays } from "./unread.ts";

/** The next beat may come a little early. */
const BEAT_SHARE = 0.8;

/** A limit as it stands: how many more it lets through; below zero, how many there are too many. */
interface Cap {
  readonly guard: GuardName;
  readonly room: number;
  readonly value: number | null;
  readonly limit: number | null;
  readonly retryAt: number | null;
  readonly fix: string;
  readonly since?: number;
}

export interface Room {
  readonly room: number;
  readonly blockers: readonly Blocker[];
}

/** How many of `wanted` instances may be launched in this tick. */
export function launchRoom(state: State, counts: Tally, wanted: number): Room {
  return narrowest([...launchHolds(state, counts), ...launchLimits(state)], wanted);
}

/**
 * How many instances there are beyond what may be billed: since their launch was planned one was adopted,
 * or a limit was lowered.
 */
export function overbooked(state: State): number {
  return Math.max(0, -billedRoom(state));
}

/** How many more instances may be billed at once; below zero, how many there are too many. */
export function billedRoom(state: State): number {
  return Math.min(...billedLimits(state).map(({ room }) => room));
}

/** How many of `wanted` instances may be deleted in this tick. */
export function deleteRoom(state: State, counts: Tally, wanted: number): Room {
  return narrowest([...deleteHolds(state, counts), ...deleteLimits(state)], wanted);
}

/** The same before the fleet has looked: what it may see then is left out. */
export function deleteCaps(state: State, wanted: number): number {
  return isPaused(state, "retire") ? 0 : narrowest(deleteLimits(state), wanted).room;
}

function deleteLimits(state: State): Cap[] {
  const { maxDeletesPerTick, maxDeletesPerHour } = state.spec.limits;
  const deleting = [...state.instances.values()].filter(({ phase }) => phase === "deleting");
  const lastHour = within(state, state.deleteTimes) + deleting.length;
  const thisTick = deleting.filter(({ deletingAt }) => isOfThisBeat(state, deletingAt)).length;
  return [
    cap("maxDeletesPerTick", thisTick, maxDeletesPerTick, "it goes on with the next tick"),
    cap("maxDeletesPerHour", lastHour, maxDeletesPerHour, "raise limits.maxDeletesPerHour"),
  ];
}

/** Why nobody can say now which servers are empty, or there; null where the fleet sees. Only force deletes then. */
export function blindness(state: State, counts: Tally): Blocker | null {
  const [first] = unseeing(state, counts);
  return first === undefined ? null : blockerOf(first);
}

/** What holds the fleet back whether or not it wants anything just now. */
export function standing(state: State, counts: Tally): Blocker[] {
  const keys = holdsStanding(state, "credentials").map((hold) => refused(hold));
  const caps = [...blindEyes(counts), ...silentServers(counts)];
  const isWaiting = [...state.instances.values()].some(({ phase }) => phase === "planned");
  const creates = isWaiting ? createHolds(state) : [];
  return [
    ...keys,
    ...[...creates, ...caps].map((each) => blockerOf(each)),
    ...unseen(state),
    ...tagUnread(state),
    ...unvouched(state),
    ...unnamed(state),
    ...stuckCalls(state),
    ...leaseLimits(state),
  ];
}

/** The tag that sets the target cannot be read. */
function tagUnread({ memory, spec, now }: State): Blocker[] {
  const { tagUnread: run } = memory;
  if (run === null || spec.spares.tag === null || !hasLasted(run, now)) return [];
  return [{ ...blockerOf(stop("tagUnread", null, run.words)), since: run.since }];
}

/** AWS does not show which servers there are, and has not for some time. */
function unseen({ memory, now }: State): Blocker[] {
  const { unseen: run, listingTrouble } = memory;
  if (run === null || !hasLasted(run, now)) return [];
  const fix = `AWS does not show which servers there are: ${listingTrouble ?? "the list stopped in the middle"}`;
  return [{ ...blockerOf(stop("noListing", null, fix)), since: run.since }];
}

/** Times of the last hour only: older ones bind no cap. */
export function within(state: State, times: readonly number[]): number {
  return times.filter((at) => at > state.now - HOUR_MS).length;
}

function launchLimits(state: State): Cap[] {
  const { maxLaunchesPerTick, maxLaunchesPerHour } = state.spec.limits;
  const rows = [...state.instances.values()];
  const planned = rows.filter(({ phase }) => phase === "planned");
  const thisTick = rows.filter(
    (row) => row.createdByUs && isOfThisBeat(state, row.plannedAt),
  ).length;
  return [
    ...billedLimits(state),
    cap("maxLaunchesPerTick", thisTick, maxLaunchesPerTick, "it goes on with the next tick"),
    cap(
      "maxLaunchesPerHour",
      within(state, state.launchTimes) + planned.length,
      maxLaunchesPerHour,
      "raise limits.maxLaunchesPerHour",
    ),
  ];
}

/** Ticks may come sooner than the metronome's beat: the caps of a tick hold for all that begin within one. */
function isOfThisBeat({ now, tickMs }: State, at: number | null): boolean {
  return at !== null && at <= now && now - at < BEAT_SHARE * tickMs;
}

/** What binds on all that is billed at once. */
function billedLimits(state: State): Cap[] {
  const { maxInstances } = state.spec.limits;
  const billed = state.instances.size;
  return [
    cap("maxInstances", billed + unreadStrays(state), maxInstances, "raise limits.maxInstances"),
    ...spendCap(state),
    ...vcpuQuota(state),
  ];
}

/** Checked before the intent is written: a server that is created is paid for. */
function spendCap(state: State): Cap[] {
  const { maxMonthlyUsd: limit } = state.spec.limits;
  if (limit === null) return [];
  const room = affordable(state, limit);
  if (room === null)
    return [
      stop(
        "maxMonthlyUsd",
        null,
        `AWS's prices are not known yet: ${state.memory.bundlesTrouble ?? "nothing is launched on a guess"}`,
      ),
    ];
  const value = Math.round(spendOf(state).committed * 100) / 100;
  const fix = `what runs now would cost $${value} by the end of the month: raise limits.maxMonthlyUsd, or lower the target`;
  return [{ guard: "maxMonthlyUsd", room, value, limit, retryAt: null, fix }];
}

function vcpuQuota(state: State): Cap[] {
  const { maxVcpus: limit } = state.spec.limits;
  const each = state.bundles.get(state.spec.bundle)?.vcpus ?? null;
  if (limit === null) return [];
  if (each === null)
    return [stop("quota", null, "the vCPUs of the bundle are not known yet: nothing is launched")];
  const value = vcpusOf(state);
  const room = Math.floor((limit - value) / each);
  return [{ guard: "quota", room, value, limit, retryAt: null, fix: RAISE_QUOTA }];
}

const RAISE_QUOTA =
  "raise limits.maxVcpus, and AWS's own quota before it (Service Quotas console, Amazon Lightsail)";

function launchHolds(state: State, counts: Tally): Cap[] {
  const caps: Cap[] = [];
  if (isPaused(state, "launch")) caps.push(stop("paused", null, "POST .../resume"));
  if (!state.listed)
    caps.push(
      stop(
        "noListing",
        null,
        `no complete listing was seen yet: ${state.memory.listingTrouble ?? "the first look is under way"}`,
      ),
    );
  caps.push(...createHolds(state), ...breaker(state, counts));
  const ports = refusedPorts(state);
  if (ports !== null) caps.push({ ...stop("portsFailing", null, ports.words), since: ports.since });
  return caps;
}

/** What AWS has refused to creates, and has not taken back by one that got through. */
function createHolds(state: State): Cap[] {
  const caps: Cap[] = [];
  // What runs when AWS refuses one more is all that the quota admits: learned, for as long as it holds.
  for (const hold of holdsStanding(state, "quota")) {
    const vcpus = vcpusOf(state);
    caps.push({ ...tried(state, "quota", hold), value: vcpus, limit: vcpus });
  }
  for (const hold of holdsStanding(state, "rejected")) caps.push(tried(state, "rejected", hold));
  caps.push(...keyHoldsOn(state, "create").map((hold) => tried(state, "credentials", hold)));
  caps.push(...zones(state));
  return caps;
}

/** Binds only when every zone of the spec is left aside. */
function zones(state: State): Cap[] {
  const zones = state.spec.availabilityZones;
  const held = holdsStanding(state, "zoneCapacity").filter(({ subject }) =>
    zones.includes(subject),
  );
  const full = new Set(held.map(({ subject }) => subject));
  if (!zones.every((zone) => full.has(zone))) return [];
  const [next] = held.toSorted((one, other) => one.until - other.until);
  if (next === undefined) return [];
  const fix = "no zone of the spec has capacity: add another zone";
  return [{ ...tried(state, "zoneCapacity", next), fix }];
}

/** After so many failed boots nothing is launched for a while; then one at a time, until one is ready. */
function breaker(state: State, counts: Tally): Cap[] {
  const { count } = state.spec.limits.failedBoots;
  if (state.failedBoots < count) return [];
  const fix = `${state.failedBoots} servers in a row were never ready: check image, userData and health, and ${SCRIPT_LOG} on one of them`;
  const [hold] = holdsNow(state, "failedBoots");
  const trial = counts.launching === 0 ? 1 : 0;
  const room = hold === undefined ? trial : 0;
  const retryAt = hold?.until ?? null;
  return [{ guard: "failedBoots", room, value: state.failedBoots, limit: count, retryAt, fix }];
}

function deleteHolds(state: State, counts: Tally): Cap[] {
  const caps: Cap[] = [];
  if (isPaused(state, "retire")) caps.push(stop("paused", null, "POST .../resume"));
  caps.push(...unseeing(state, counts));
  caps.push(...keyHoldsOn(state, "delete").map((hold) => tried(state, "credentials", hold)));
  return caps;
}

function unseeing({ memory }: State, counts: Tally): Cap[] {
  if (memory.listingTrusted) return blindEyes(counts);
  const fix = "the last listing failed or was empty: nothing is deleted on it";
  return [...blindEyes(counts), stop("noListing", null, fix)];
}

/** A key that is refused, or a right that it lacks, whether or not anything waits for it. */
function refused({ subject, since, until, detail }: Hold): Blocker {
  const fix =
    subject === EVERY_CALL ? `check the AWS key, its rights and its account: ${detail}` : detail;
  return { ...blockerOf(stop("credentials", until, fix)), since };
}

/** Nothing while the hold is closed; then one is tried at a time, if none waits to be tried already. */
function tried(state: State, guard: GuardName, { since, until, detail }: Hold): Cap {
  const isTried = [...state.instances.values()].some(({ phase }) => phase === "planned");
  const room = until > state.now || isTried ? 0 : 1;
  return { ...stop(guard, until > state.now ? until : null, detail), room, since };
}

function blindEyes(counts: Tally): Cap[] {
  if (!counts.blind) return [];
  const fix =
    "many servers are silent at once: check the health port and its way through the firewall";
  return [{ ...stop("blindEyes", null, fix), value: counts.unknown }];
}

/** So many are replaced at once; the silence of the others is waited for. */
function silentServers(counts: Tally): Cap[] {
  if (counts.blind || counts.waitedFor === 0) return [];
  const fix = "look at the servers that do not answer: no more of them are replaced at once";
  const value = counts.unknown;
  return [{ ...stop("silentServers", null, fix), value, limit: SILENT_REPLACED_MAX }];
}

function cap(guard: GuardName, value: number, limit: number, fix: string): Cap {
  return { guard, room: limit - value, value, limit, retryAt: null, fix };
}

function stop(guard: GuardName, retryAt: number | null, fix: string): Cap {
  return { guard, room: 0, value: null, limit: null, retryAt, fix };
}

/**
 * The least room of all caps, if there is any, and as blockers those that let through less than was wanted. Where
 * some let nothing through, only these: what the others would let through follows when they are gone.
 */
function narrowest(caps: readonly Cap[], wanted: number): Room {
  const room = caps.reduce((least, { room }) => Math.min(least, room), wanted);
  const binding = caps.filter((each) => each.room < wanted && (room > 0 || each.room <= 0));
  const blockers = binding.map((each) => blockerOf(each));
  return { room: Math.max(0, room), blockers };
}

function blockerOf({ guard, value, limit, retryAt, fix, since }: Cap): Blocker {
  return { guard, value, limit, retryAt, fix, ...(since === undefined ? {} : { since }) };
}
