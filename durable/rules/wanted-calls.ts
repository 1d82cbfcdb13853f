/**
 * The calls that rows wait for, in the order of their worth: servers that run wait for nothing but their ports,
 * and come first; then new ones; then those that go, for they cost money but nobody waits for them; then tags.
 */
import { keepsItsPorts, OWNER_TAG, TEMPLATE_TAG, tagsOf } from "./drift.ts";
import { DELETE_AGAIN_MS, NAMES_PER_CREATE_MAX } from "./limits.ts";
import { isListed } from "./listed.ts";
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
    ...portCalls(state, due),
    ...createCalls(state, due),
    ...deleteCalls(state, due),
    ...tagCalls(state, due),
    ...targetTagCalls(state),
  ]);
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
  if (state.spec.health.drain === null) return [];
  return due.flatMap((row) => {
    const verb = verbFor(row);
    // A silent server could not hear it either, and its silence keeps it from being deleted.
    if (verb === null || row.publicIp === null || occupancyOf(state, row) === "unknown") return [];
    const { name, publicIp: address } = row;
    const action = { kind: "drain", verb, name, address, health: state.spec.health } as const;
    return [{ lane: null, action, rows: [{ ...row, drainTold: true }] }];
  });
}

function verbFor(row: Instance): "drain" | "undrain" | null {
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
function needsTags(state: State, row: Instance): boolean {
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
      ports: state.spec.ports,
      portsHash: state.portsHash,
    },
    rows: [row],
  }));
}

/** Ports are put once while configuring, and again whenever the spec changes them. */
function needsPorts(state: State, row: Instance): boolean {
  if (!isListed(state, row) || isBeingAdopted(state, row)) return false;
  if (row.phase === "configuring") return true;
  // A draining one too: whose port is closed by hand can never be seen empty.
  if (!PROBED.has(row.phase)) return false;
  if (keepsItsPorts(state, row)) return false;
  return row.portsHash !== state.portsHash;
}

/**
 * Where AWS takes the ports of an instance that is still pending, they are put at once, and nothing waits for
 * them when it runs. Nobody says whether it does: one server tries it.
 */
function pendingPorts(state: State, due: readonly Instance[]): readonly Instance[] {
  const { portsWhilePending } = state.lessons;
  if (portsWhilePending === "refused") return [];
  const booting = due.filter(
    (row) => row.phase === "starting" && row.portsHash !== state.portsHash && isListed(state, row),
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
    row.phase === "deleting" && row.arn !== null && (!isAnswered(row) || isStillThere(state, row))
      ? [{ lane: "delete", action: { kind: "delete", name: row.name, arn: row.arn }, rows: [row] }]
      : [],
  );
}

function isAnswered({ nextAttemptAt, lastError }: Instance): boolean {
  return nextAttemptAt > 0 && lastError === null;
}

function isStillThere(state: State, row: Instance): boolean {
  const { listedAt } = state.memory;
  const answeredAt = row.nextAttemptAt - DELETE_AGAIN_MS;
  return listedAt !== null && listedAt > answeredAt && isListed(state, row);
}

/** New names go together in one call; those that AWS refused together go in halves, and in the end alone. */
function createCalls(state: State, due: readonly Instance[]): WantedCall[] {
  if (holdsNow(state, "quota").length > 0 || holdsNow(state, "rejected").length > 0) return [];
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
    const size = Math.min(namesMax(state), halved(NAMES_PER_CREATE_MAX, attempts));
    return chunks(rows, size).map((chunk) => createCall(state, chunk));
  });
  // After a refusal one call shows whether fewer names are taken, and the others wait for it.
  return isInDoubt(state) ? calls.slice(0, 1) : calls;
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
      tagsHash: state.tagsHash,
    })),
  };
}

/** The row's own zone, or the next of the spec that has capacity; null where none has. */
function openZone(state: State, own: string): string | null {
  const held = new Set(holdsNow(state, "zoneCapacity").map(({ subject }) => subject));
  if (!held.has(own)) return own;
  return state.spec.availabilityZones.find((zone) => !held.has(zone)) ?? null;
}

function chunks<T>(items: readonly T[], size: number): [T, ...T[]][] {
  const result: [T, ...T[]][] = [];
  for (let start = 0; start < items.length; start += size) {
    const [first, ...rest] = items.slice(start, start + size);
    if (first !== undefined) result.push([first, ...rest]);
  }
  return result;
}
