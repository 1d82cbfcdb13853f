/**
 * Every row that waits for a call gets its command, if it is due and its token bucket lets it. The calls
 * come in the order of `wanted-calls.ts`; where there are not enough for all, the first ones are made.
 */
import { atOnce, type BucketName, bucketOf, pace, tokenAt, tokens } from "./budget.ts";
import { portsHashOf } from "./checks.ts";
import { COMMAND_LIFE_MS, COMMANDS_PER_TICK_MAX } from "./limits.ts";
import type { Blocker } from "./model.ts";
import { onceFor } from "./once.ts";
import { tagWriteIssued } from "./schedule.ts";
import { apply, join, type Moves, NO_MOVES, type State } from "./state.ts";
import { change, transition } from "./transition.ts";
import { type WantedCall, wantedCalls } from "./wanted-calls.ts";
import type { CallPace, Command, Lane } from "./world.ts";

export function provision(state: State): Moves {
  const opened = alreadyOpen(state);
  const wanted = wantedCalls(apply(state, opened));
  const { affordable, blockers } = afford(state, wanted);
  const paces = pacesOf(state, wanted);
  return join(opened, issue(state, affordable, paces, blockers));
}

/** Calls of AWS that rows wait for now, whether or not there are tokens for them. */
export const callsWanted = onceFor((state: State): number => {
  if (state.spec.mode === "observe") return 0;
  return wantedCalls(state).filter(({ lane }) => lane !== null && lane !== "ec2").length;
});

/** When the first of the calls that rows wait for can be made; the tag of the target waits for the next beat. */
export function callDueAt(state: State): number {
  if (state.spec.mode === "observe") return Number.POSITIVE_INFINITY;
  const soon = { ...state, now: state.now + state.tickMs };
  const waiting = wantedCalls(soon).flatMap(({ lane, rows }) => {
    if (rows.length === 0) return [];
    const dueAt = Math.max(state.now, ...rows.map(({ nextAttemptAt }) => nextAttemptAt));
    return lane === null ? dueAt : Math.max(dueAt, tokenAt(state.memory.budget, lane, state.now));
  });
  return Math.min(...waiting);
}

/** AWS has taken its ports while it was pending: it waits for no call of ours. */
function alreadyOpen(state: State): Moves {
  const open = [...state.instances.values()].filter(
    (row) => row.phase === "configuring" && row.portsHash === portsHashOf(state, row),
  );
  const rows = open.map((row) => transition(row, "warming", state.now, { step: "health" }));
  return { ...NO_MOVES, rows };
}

/** As many calls as there are tokens for, and no more than a tick can carry out. */
function afford(
  state: State,
  wanted: readonly WantedCall[],
): { affordable: WantedCall[]; blockers: Blocker[] } {
  const { budget } = state.memory;
  const left = new Map<BucketName, number>();
  const affordable: WantedCall[] = [];
  const short = new Map<BucketName, Lane>();
  for (const call of wanted) {
    if (affordable.length >= COMMANDS_PER_TICK_MAX) break;
    const { lane } = call;
    if (lane !== null) {
      const bucket = bucketOf(budget, lane);
      const inHand = left.get(bucket) ?? tokens(budget, lane, state.now);
      if (inHand < 1 && !short.has(bucket)) short.set(bucket, lane);
      if (inHand < 1) continue;
      left.set(bucket, inHand - 1);
    }
    affordable.push(call);
  }
  const blockers = [...short.values()].map((lane): Blocker => ({
    guard: "awsRequestRate",
    value: null,
    limit: pace(budget, lane),
    retryAt: tokenAt(budget, lane, state.now),
    fix: `AWS throttles ${lane} calls; the fleet paces itself and goes on`,
  }));
  return { affordable, blockers };
}

/** The intent: each command has its number and its last moment, and its rows name it. */
function issue(
  state: State,
  calls: readonly WantedCall[],
  paces: ReadonlyMap<BucketName, CallPace>,
  blockers: readonly Blocker[],
): Moves {
  const commands = calls.map(({ action, lane }, index): Command => ({
    number: state.nextCommand + index,
    tick: state.tick,
    region: state.spec.region,
    notAfter: state.now + COMMAND_LIFE_MS,
    pace: lane === null ? null : (paces.get(bucketOf(state.memory.budget, lane)) ?? null),
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

/** For each token bucket, how many of its calls go out at once. */
function pacesOf(
  { memory }: State,
  calls: readonly WantedCall[],
): ReadonlyMap<BucketName, CallPace> {
  const { budget } = memory;
  const lanes = calls.flatMap(({ lane }) => lane ?? []);
  const paces = new Map<BucketName, CallPace>();
  for (const lane of lanes) {
    const bucket = bucketOf(budget, lane);
    const wanted = lanes.filter((each) => bucketOf(budget, each) === bucket).length;
    if (!paces.has(bucket)) paces.set(bucket, { bucket, atOnce: atOnce(budget, lane, wanted) });
  }
  return paces;
}
