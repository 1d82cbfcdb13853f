/**
 * Every row that waits for a call gets its command, if it is due and its lane has a token.
 * Half-made instances come before new ones; deletes come between, for they cost nothing to wait for.
 */
import { tokenAt, tokens } from "./budget.ts";
import { keepsItsPorts, OWNER_TAG, TEMPLATE_TAG, tagsOf } from "./drift.ts";
import { COMMAND_LIFE_MS, COMMANDS_PER_TICK_MAX, NAMES_PER_CREATE_MAX } from "./limits.ts";
import { isListed } from "./listed.ts";
import type { Blocker, Instance } from "./model.ts";
import { occupancyOf } from "./occupancy.ts";
import { dueTagWrite, tagWriteIssued } from "./schedule.ts";
import { holdsNow, join, type Moves, NO_MOVES, type State } from "./state.ts";
import { change, PROBED } from "./transition.ts";
import type { Action, Command, Lane } from "./world.ts";

/** One call, and the rows that wait for it. */
interface Wanted {
  /** Null for a call that AWS does not see. */
  readonly lane: Lane | null;
  readonly action: Action;
  readonly rows: readonly Instance[];
}

export function provision(state: State): Moves {
  if (holdsNow(state, "credentials").length > 0) return NO_MOVES;
  const due = [...state.instances.values()].filter(
    (row) => row.command === null && row.nextAttemptAt <= state.now,
  );
  const wanted = [
    ...drainCalls(state, due),
    ...portCalls(state, due),
    ...deleteCalls(due),
    ...createCalls(state, due),
    ...tagCalls(state, due),
    ...targetTagCalls(state),
  ];
  const { affordable, blockers } = afford(state, oneForEach(wanted));
  return issue(state, affordable, blockers);
}

/**
 * One command at a time belongs to a row. Where it waits for several calls they take turns, so that one
 * that is refused for ever does not keep the others waiting.
 */
function oneForEach(wanted: readonly Wanted[]): Wanted[] {
  const byRow = new Map<string, Wanted[]>();
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
 * Where servers take part in draining, each is told until its own reading says so: what it said last is
 * compared with what it should say, so that a call that was lost is made again.
 */
function drainCalls(state: State, due: readonly Instance[]): Wanted[] {
  if (state.spec.health.drain === null) return [];
  return due.flatMap((row) => {
    const verb = verbFor(row);
    // Whoever is silent could not be told either, and its silence keeps it from being deleted.
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

function tagCalls(state: State, due: readonly Instance[]): Wanted[] {
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
function targetTagCalls(state: State): Wanted[] {
  const action = dueTagWrite(state);
  return action === null ? [] : [{ lane: "ec2", action, rows: [] }];
}

function portCalls(state: State, due: readonly Instance[]): Wanted[] {
  return due
    .filter((row) => needsPorts(state, row))
    .map((row) => ({
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

function deleteCalls(due: readonly Instance[]): Wanted[] {
  return due.flatMap((row) =>
    row.phase === "deleting" && row.arn !== null
      ? [{ lane: "delete", action: { kind: "delete", name: row.name, arn: row.arn }, rows: [row] }]
      : [],
  );
}

/** New names go together in one call; a name that AWS refused before goes alone, not to spoil the others. */
function createCalls(state: State, due: readonly Instance[]): Wanted[] {
  if (holdsNow(state, "quota").length > 0 || holdsNow(state, "rejected").length > 0) return [];
  const planned = due.filter((row) => row.phase === "planned" && !row.mayExist);
  const groups = new Map<string, Instance[]>();
  for (const row of planned) {
    const zone = openZone(state, row.zone);
    if (zone === null) continue;
    const key = row.attempts === 0 ? zone : `${zone} ${row.name}`;
    groups.set(key, [...(groups.get(key) ?? []), { ...row, zone }]);
  }
  return [...groups.values()].flatMap((rows) =>
    chunks(rows, NAMES_PER_CREATE_MAX).map((chunk) => createCall(state, chunk)),
  );
}

function createCall(state: State, rows: readonly [Instance, ...Instance[]]): Wanted {
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

/** As many calls as the lanes have tokens for, and no more than a tick can carry out. */
function afford(
  state: State,
  wanted: readonly Wanted[],
): { affordable: Wanted[]; blockers: Blocker[] } {
  const left = new Map<Lane, number>();
  const affordable: Wanted[] = [];
  const short = new Set<Lane>();
  for (const call of wanted) {
    if (affordable.length >= COMMANDS_PER_TICK_MAX) break;
    const { lane } = call;
    if (lane !== null) {
      const inHand = left.get(lane) ?? tokens(state.memory.purses[lane], state.now);
      if (inHand < 1) short.add(lane);
      if (inHand < 1) continue;
      left.set(lane, inHand - 1);
    }
    affordable.push(call);
  }
  const blockers = [...short].map((lane): Blocker => ({
    guard: "awsRequestRate",
    value: null,
    limit: state.memory.purses[lane].ratePerSecond,
    retryAt: tokenAt(state.memory.purses[lane], state.now),
    fix: `AWS throttles ${lane} calls; the fleet paces itself and goes on`,
  }));
  return { affordable, blockers };
}

/** The intent: each command has its number and its last moment, and its rows name it. */
function issue(state: State, calls: readonly Wanted[], blockers: readonly Blocker[]): Moves {
  const commands = calls.map(({ action }, index): Command => ({
    number: state.nextCommand + index,
    tick: state.tick,
    region: state.spec.region,
    notAfter: state.now + COMMAND_LIFE_MS,
    action,
  }));
  const rows = calls.flatMap((call, index) =>
    call.rows.map((row) => change(row, state.now, { command: state.nextCommand + index })),
  );
  const tagWrite = commands.find(({ action }) => action.kind === "targetTag");
  const written = tagWrite === undefined ? NO_MOVES : tagWriteIssued(state, tagWrite.number);
  const nextCommand = state.nextCommand + commands.length;
  return join(written, { ...NO_MOVES, rows, commands, blockers, state: { nextCommand } });
}

function chunks<T>(items: readonly T[], size: number): [T, ...T[]][] {
  const result: [T, ...T[]][] = [];
  for (let start = 0; start < items.length; start += size) {
    const [first, ...rest] = items.slice(start, start + size);
    if (first !== undefined) result.push([first, ...rest]);
  }
  return result;
}
