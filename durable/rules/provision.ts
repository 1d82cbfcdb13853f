/**
 * Every row that waits for a call gets its command, if it is due and its lane has a token.
 * Half-made instances come before new ones; deletes come between, for they cost nothing to wait for.
 */
import { tokenAt, tokens } from "./budget.ts";
import { COMMAND_LIFE_MS, COMMANDS_PER_TICK_MAX, NAMES_PER_CREATE_MAX } from "./limits.ts";
import type { Blocker, Instance } from "./model.ts";
import { holdsNow, type Moves, NO_MOVES, type State } from "./state.ts";
import { change } from "./transition.ts";
import type { Action, Command, Lane } from "./world.ts";

/** One call, and the rows that wait for it. */
interface Wanted {
  readonly lane: Lane;
  readonly action: Action;
  readonly rows: readonly Instance[];
}

export function provision(state: State): Moves {
  if (holdsNow(state, "credentials").length > 0) return NO_MOVES;
  const due = [...state.instances.values()].filter(
    (row) => row.command === null && row.nextAttemptAt <= state.now,
  );
  const wanted = [...portCalls(state, due), ...deleteCalls(due), ...createCalls(state, due)];
  const { affordable, blockers } = afford(state, wanted);
  return issue(state, affordable, blockers);
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
  if (state.memory.unlisted.has(row.name)) return false;
  if (row.phase === "configuring") return true;
  if (row.phase !== "ready" && row.phase !== "warming") return false;
  if (row.adopted && !state.spec.adopt.ports) return false;
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
  const ours = { "lightfleet:owner": state.identity.owner, "lightfleet:spec": state.template };
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
    rows: rows.map((row) => ({ ...row, template: state.template })),
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
    const purse = state.memory.purses[call.lane];
    const inHand = left.get(call.lane) ?? tokens(purse, state.now);
    if (inHand < 1) short.add(call.lane);
    if (inHand < 1 || affordable.length >= COMMANDS_PER_TICK_MAX) continue;
    left.set(call.lane, inHand - 1);
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
  return {
    ...NO_MOVES,
    rows,
    commands,
    blockers,
    state: { nextCommand: state.nextCommand + commands.length },
  };
}

function chunks<T>(items: readonly T[], size: number): [T, ...T[]][] {
  const result: [T, ...T[]][] = [];
  for (let start = 0; start < items.length; start += size) {
    const [first, ...rest] = items.slice(start, start + size);
    if (first !== undefined) result.push([first, ...rest]);
  }
  return result;
}
