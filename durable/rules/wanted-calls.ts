/**
 * The calls that rows wait for, in the order of their worth: servers that run wait for nothing but their ports,
 * and come first; then new ones; then those that go, for they cost money but nobody waits for them; then tags.
 */
import { isVouched } from "./addresses.ts";
import { drainHealthOf, portsHashOf, portsOf, takesPart } from "./checks.ts";
import { keepsItsPorts, OWNER_TAG, TEMPLATE_TAG, tagsOf } from "./drift.ts";
import { holdsOn, holdsStanding, isClosed, isOnTrial } from "./holds.ts";
import { DELETE_AGAIN_MS, NAMES_PER_CREATE_MAX } from "./limits.ts";
import { isListed, isMadeByUs } from "./listed.ts";
import type { Instance } from "./model.ts";
import { occupancyOf } from "./occupancy.ts";
import { dueTagWrite } from "./schedule.ts";
import { holdsNow, type State } from "./state.ts";
import { PROBED } from "./transition.ts";
import type { Action, Lane } from "./world.ts";

/** One call, and the rows that wait for it. */
export interface WantedCall {
  /** Null for a call that AWS does not see. */
  readonly lane: Lane | null;
  readonly action: Action;
  readonly rows: readonly Instance[];
}

export function wantedCalls(state: State): WantedCall[] {
  const due = [...state.instances.values()].filter(
    (row) => row.command === null && row.nextAttemptAt <= state.now,
  );
  return oneForEach([
    ...drainCalls(state, due),
    ...held(state, portCalls(state, due)),
    ...held(state, createCalls(state, due)),
    ...held(state, deleteCalls(state, due)),
    ...held(state, tagCalls(state, due)),
    ...held(state, targetTagCalls(state)),
  ]);
}

/** Calls of one kind, as far as AWS's refusals let them out: all, one to try it, or none. */
function held(state: State, calls: readonly WantedCall[]): readonly WantedCall[] {
  const [first] = calls;
  if (first === undefined) return calls;
  const { kind } = first.action;
  if (isClosed(state, kind)) return [];
  return isOnTrial(state, kind) ? [first] : calls;
}

/**
 * One command at a time belongs to a row. Where it waits for several calls they take turns, so that one
 * that is refused for ever does not keep the others waiting.
 */
function oneForEach(wanted: readonly WantedCall[]): WantedCall[] {
  const byRow = new Map<string, WantedCall[]>();
  for (const call of wanted)
    for (const { name } of call.rows) byRow.set(name, [...(byRow.get(name) ?? []), call]);
  return wanted.filter((call) =>
    call.rows.every(({ name, attempts }) => {
      const calls = byRow.get(name) ?? [];
      return calls[attempts % calls.length] === call;
    }),
  );
}

/**
 * Where servers take part in draining, each is called until its own reading says so: what it said last is
 * compared with what it should say, so that a call that was lost is made again.
 */
function drainCalls(state: State, due: readonly Instance[]): WantedCall[] {
  return due.flatMap((row) => {
    const verb = drainVerb(state, row);
    const health = drainHealthOf(state, row);
    // A silent server could not hear it either, and its silence keeps it from being deleted.
    // Nor is one called whose address may be another's: its occupancy is unknown then.
    if (verb === null || row.publicIp === null || occupancyOf(state, row) === "unknown") return [];
    const { name, publicIp: address } = row;
    const action = { kind: "drain", verb, name, address, health } as const;
    return [{ lane: null, action, rows: [{ ...row, drainTold: true }] }];
  });
}

/** What its media server must be called on to do, until it says so itself; null for nothing. */
export function drainVerb(state: State, row: Instance): "drain" | "undrain" | null {
  if (!takesPart(state, row)) return null;
  if (row.phase === "draining") return row.saysDraining ? null : "drain";
  return row.phase === "ready" && row.drainTold && row.saysDraining ? "undrain" : null;
}

function tagCalls(state: State, due: readonly Instance[]): WantedCall[] {
  return due
    .filter((row) => needsTags(state, row))
    .map((row) => ({
      lane: "tags",
      action: {
        kind: "tags",
        name: row.name,
        arn: row.arn ?? "",
        put: tagsOf(state, row),
        remove: state.retiredTags,
        tagsHash: state.tagsHash,
      },
      rows: [row],
    }));
}

/** One that is not listed as ours gets our tags only because an operator wants it adopted. */
export function needsTags(state: State, row: Instance): boolean {
  if (!PROBED.has(row.phase)) return false;
  if (row.arn === null || row.tagsHash === state.tagsHash) return false;
  return isListed(state, row) || isBeingAdopted(state, row);
}

/** Its tags are not on it yet, or no listing has shown them. */
function isBeingAdopted({ adoptions }: State, row: Instance): boolean {
  return adoptions.some(({ name }) => name === row.name);
}

/** The one call that is no instance's. */
function targetTagCalls(state: State): WantedCall[] {
  const action = dueTagWrite(state);
  return action === null ? [] : [{ lane: "ec2", action, rows: [] }];
}

function portCalls(state: State, due: readonly Instance[]): WantedCall[] {
  const asked = [...due.filter((row) => needsPorts(state, row)), ...pendingPorts(state, due)];
  return asked.map((row) => ({
    lane: "ports",
    action: {
      kind: "ports",
      name: row.name,
      ports: portsOf(state, row),
      portsHash: portsHashOf(state, row),
    },
    rows: [row],
  }));
}

/** Ports are put once while configuring, and again whenever the spec changes them. */
export function needsPorts(state: State, row: Instance): boolean {
  if (!isListed(state, row) || isBeingAdopted(state, row)) return false;
  if (row.phase === "configuring") return true;
  // A draining one too: whose port is closed by hand can never be seen empty.
  if (!PROBED.has(row.phase)) return false;
  if (keepsItsPorts(state, row)) return false;
  return row.portsHash !== portsHashOf(state, row);
}

/**
 * Where AWS takes the ports of an instance that is still pending, they are put at once, and nothing waits for
 * them when it runs. Nobody says whether it does: one server tries it.
 */
function pendingPorts(state: State, due: readonly Instance[]): readonly Instance[] {
  const { portsWhilePending } = state.lessons;
  if (portsWhilePending === "refused") return [];
  const booting = due.filter(
    (row) =>
      row.phase === "starting" &&
      row.portsHash !== portsHashOf(state, row) &&
      isMadeByUs(state, row),
  );
  return portsWhilePending === "accepted" ? booting : firstToTry(state, booting);
}

function firstToTry(state: State, booting: readonly Instance[]): readonly Instance[] {
  const isTried = [...state.instances.values()].some(
    ({ phase, command }) => phase === "starting" && command !== null,
  );
  return isTried ? [] : booting.slice(0, 1);
}

/** A delete that AWS has answered is made again only if a listing that began since then shows the instance. */
function deleteCalls(state: State, due: readonly Instance[]): WantedCall[] {
  return due.flatMap((row) =>
    row.phase === "deleting" && row.arn !== null && mayBeDeleted(state, row)
      ? [{ lane: "delete", action: { kind: "delete", name: row.name, arn: row.arn }, rows: [row] }]
      : [],
  );
}

function mayBeDeleted(state: State, row: Instance): boolean {
  if (isAnswered(row)) return isStillThere(state, row);
  return !row.restsOnReply || isVouched(state, row);
}

/** AWS has taken its delete. */
export function isAnswered({ nextAttemptAt, lastError }: Instance): boolean {
  return nextAttemptAt > 0 && lastError === null;
}

function isStillThere(state: State, row: Instance): boolean {
  const { listedAt } = state.memory;
  const answeredAt = row.nextAttemptAt - DELETE_AGAIN_MS;
  return listedAt !== null && listedAt > answeredAt && isListed(state, row);
}

/** New names go together in one call; those that AWS refused together go in halves, and in the end alone. */
function createCalls(state: State, due: readonly Instance[]): WantedCall[] {
  const isTrial = isOnTrial(state, "create") || everyZoneHeld(state);
  if (isTrial && isTrialUnderWay(state)) return [];
  const planned = due.filter((row) => row.phase === "planned" && !row.mayExist);
  const groups = new Map<string, Instance[]>();
  for (const row of planned) {
    const zone = openZone(state, row.zone);
    if (zone === null) continue;
    const key = `${zone} ${row.attempts}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ ...row, zone }]);
    else group.push({ ...row, zone });
  }
  const calls = [...groups.values()].flatMap((rows) => {
    const attempts = rows[0]?.attempts ?? 0;
    const size = isTrial ? 1 : Math.min(namesMax(state), halved(NAMES_PER_CREATE_MAX, attempts));
    return chunks(rows, size).map((chunk) => createCall(state, chunk));
  });
  if (isTrial) return calls.slice(0, 1);
  // After a refusal one call shows whether fewer names are taken, and the others wait for it.
  return isInDoubt(state) ? calls.slice(0, 1) : calls;
}

/** Every zone of the spec was full when it was last tried. */
function everyZoneHeld(state: State): boolean {
  const full = new Set(holdsStanding(state, "zoneCapacity").map(({ subject }) => subject));
  return state.spec.availabilityZones.every((zone) => full.has(zone));
}

/** AWS has accepted a create since the refusal, and its server does not run yet: it may fail afterwards. */
function isTrialUnderWay(state: State): boolean {
  const holds = [...holdsOn(state, "create"), ...holdsStanding(state, "zoneCapacity")];
  const since = Math.max(...holds.map((hold) => hold.since));
  return [...state.instances.values()].some(
    ({ phase, phaseSince, command }) =>
      (phase === "starting" && phaseSince >= since) || (phase === "planned" && command !== null),
  );
}

function isInDoubt({ memory, template }: State): boolean {
  return memory.namesMax?.template === template && !memory.namesMax.isProven;
}

function halved(names: number, times: number): number {
  return Math.max(1, Math.floor(names / 2 ** times));
}

/** Names that go in one call: as many as AWS takes, as far as it has refused more. */
function namesMax({ memory, template }: State): number {
  const known = memory.namesMax;
  return known !== null && known.template === template ? known.names : NAMES_PER_CREATE_MAX;
}

function createCall(state: State, rows: readonly [Instance, ...Instance[]]): WantedCall {
  const { image, bundle, userData, keyPair, tags } = state.spec;
  const ours = { [OWNER_TAG]: state.identity.owner, [TEMPLATE_TAG]: state.template };
  const action: Action = {
    kind: "create",
    names: rows.map(({ name }) => name),
    zone: rows[0].zone,
    image,
    bundle,
    userData,
    keyPair,
    tags: { ...tags, ...ours },
  };
  return {
    lane: "create",
    action,
    rows: rows.map((row) => ({
      ...row,
      bundle,
      template: state.template,
      health: null,
      tagsHash: state.tagsHash,
    })),
  };
}

/** The row's own zone if the spec still names it, or the next of the spec that has capacity; null where none has. */
function openZone(state: State, own: string): string | null {
  const zones = state.spec.availabilityZones;
  const full = new Set(holdsNow(state, "zoneCapacity").map(({ subject }) => subject));
  if (zones.includes(own) && !full.has(own)) return own;
  return zones.find((zone) => !full.has(zone)) ?? null;
}

function chunks<T>(items: readonly T[], size: number): [T, ...T[]][] {
  const result: [T, ...T[]][] = [];
  for (let start = 0; start < items.length; start += size) {
    const [first, ...rest] = items.slice(start, start + size);
    if (first !== undefined) result.push([first, ...rest]);
  }
  return result;
}
