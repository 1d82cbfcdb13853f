/**
 * What became of a command goes into its rows. Done moves on; throttled and unsent are tried again;
 * unknown may have happened, so its names are looked up first; rejected is told in AWS's own words.
 */
import { failingAfter, refusedNoMore } from "./failing.ts";
import { holdsAfterRefusal, holdsAfterSuccess } from "./holds.ts";
import { backoffMs, CALL_LIMIT_MS, DELETE_AGAIN_MS, DRAIN_AGAIN_MS } from "./limits.ts";
import type { Instance } from "./model.ts";
import { settleTagWrite } from "./schedule.ts";
import { type EventDraft, join, type Moves, NO_MOVES, type State } from "./state.ts";
import { change, type Changes, transition } from "./transition.ts";
import { type Action, type Command, namesOf, type Outcome } from "./world.ts";

type Rejected = Extract<Outcome, { kind: "rejected" }>;

/** A command whose outcome was never heard, because the object died in between. */
export function unheard(command: Command): Outcome {
  return {
    number: command.number,
    calls: [],
    kind: "unknown",
    message: "the Worker stopped before it heard the outcome",
  };
}

/** When nothing of the command can happen any more, whatever became of it. */
export function isOver(command: Command, now: number): boolean {
  return now >= command.notAfter + CALL_LIMIT_MS;
}

export function settleCommand(state: State, command: Command, outcome: Outcome): Moves {
  const { action } = command;
  const moves =
    action.kind === "targetTag"
      ? settleTagWrite(state, command, action, outcome)
      : settleRows(state, { ...command, action }, outcome);
  return join({ ...NO_MOVES, state: failingOf(state, action, outcome) }, moves);
}

/** That a create was accepted says little: it has got through when its server is there (`absorb.ts`). */
function failingOf(state: State, action: Action, outcome: Outcome): Moves["state"] {
  if (action.kind === "create" && outcome.kind === "done") return {};
  // The ports of a pending instance are only a try.
  if (action.kind === "ports" && state.instances.get(action.name)?.phase === "starting") return {};
  // To delete what is not there any more is no failure.
  const isDone =
    action.kind === "delete" && outcome.kind === "rejected" && outcome.rejection === "notFound";
  const counted: Outcome = isDone ? { ...outcome, kind: "done" } : outcome;
  return failingAfter(state, action.kind, counted);
}

/** A command that belongs to the rows of instances. */
type RowCommand = Command & { readonly action: Exclude<Action, { kind: "targetTag" }> };

function settleRows(state: State, command: RowCommand, outcome: Outcome): Moves {
  const rows = namesOf(command.action).flatMap((name) => {
    const row = state.instances.get(name);
    return row !== undefined && row.command === command.number ? [row] : [];
  });
  switch (outcome.kind) {
    case "done": {
      const { action } = command;
      const next = rows.map((row) => done(state, row, command, outcome.operations ?? {}));
      const others = action.kind === "ports" ? refusedNoMore(state, action.name) : [];
      const events = doneEvents(next, command, outcome.requestId);
      const memory = action.kind === "create" ? provenNames(state, rows.length) : {};
      return {
        ...NO_MOVES,
        rows: [...next, ...others],
        events,
        state: {
          ...lesson(state, rows, command, "accepted"),
          ...(action.kind === "create" ? {} : holdsAfterSuccess(state, action)),
        },
        memory,
      };
    }
    case "throttled":
      // The token bucket says when the next call goes out: to wait longer would only lose time.
      return again(state, rows, `throttled by AWS: ${outcome.code}`, state.now, 0);
    case "unsent":
      return again(state, rows, outcome.message, state.now, 0);
    case "unknown": {
      const moves = again(state, rows, outcome.message, command.notAfter + CALL_LIMIT_MS, 1);
      const mayExist = command.action.kind === "create";
      return {
        ...moves,
        rows: moves.rows.map((row) => ({
          ...row,
          mayExist,
          refusedSince: row.refusedSince ?? state.now,
        })),
        events: told("unknown", command, outcome.message),
      };
    }
    case "rejected":
      return rejected(state, rows, command, outcome);
  }
}

function done(
  state: State,
  row: Instance,
  { action }: RowCommand,
  operations: Readonly<Record<string, string>> = {},
): Instance {
  const settled: Changes = {
    command: null,
    attempts: 0,
    lastError: null,
    refusedSince: null,
  };
  switch (action.kind) {
    case "create":
      // It exists and is billed since the call at the earliest; the listing will tell since when, its ARN and address.
      return row.phase === "planned"
        ? transition(row, "starting", state.now, {
            step: "address",
            createdAt: Math.min(row.changedAt, state.now),
            operation: operations[row.name] ?? null,
          })
        : change(row, state.now, settled);
    case "ports":
      return row.phase === "configuring"
        ? transition(row, "warming", state.now, { step: "health", portsHash: action.portsHash })
        : change(row, state.now, { ...settled, portsHash: action.portsHash });
    case "tags":
      return change(row, state.now, { ...settled, tagsHash: action.tagsHash });
    case "drain":
      // What counts is its own word: if the next readings do not have it, it is told again.
      return change(row, state.now, {
        ...settled,
        attempts: row.attempts + 1,
        nextAttemptAt: state.now + DRAIN_AGAIN_MS,
      });
    case "delete":
      return change(row, state.now, { ...settled, nextAttemptAt: state.now + DELETE_AGAIN_MS });
  }
}

/** Each launch that was carried out is told once, here or by the listing that shows it first. */
function doneEvents(
  rows: readonly Instance[],
  { action, number: command }: RowCommand,
  requestId: string | null,
): EventDraft[] {
  const data = { command, requestId };
  switch (action.kind) {
    case "create":
      return rows
        .filter(({ phase }) => phase === "starting")
        .map(({ name, zone }) => ({
          kind: "created",
          instance: name,
          message: `${name} was created in ${zone}`,
          data,
        }));
    case "delete":
      return rows.map(({ name }) => ({
        kind: "accepted",
        instance: name,
        message: `AWS accepted the delete of ${name}`,
        data,
      }));
    case "drain":
      return rows.map(({ name }) => ({
        kind: "accepted",
        instance: name,
        message: `${name} was told to ${action.verb}`,
        data: { command, verb: action.verb },
      }));
    case "ports":
    case "tags":
      return rows.map(({ name }) => ({
        kind: "configured",
        instance: name,
        message:
          action.kind === "ports" ? `the ports of ${name} are set` : `the tags of ${name} are set`,
        data,
      }));
  }
}

function again(
  state: State,
  rows: readonly Instance[],
  lastError: string,
  nextAttemptAt: number,
  attempted: 0 | 1,
): Moves {
  return {
    ...NO_MOVES,
    rows: rows.map((row) =>
      change(row, state.now, {
        command: null,
        attempts: row.attempts + attempted,
        nextAttemptAt,
        lastError,
      }),
    ),
  };
}

/** The same, and AWS has said why. */
function refusedAgain(
  state: State,
  rows: readonly Instance[],
  lastError: string,
  nextAttemptAt: number,
): Moves {
  const moves = again(state, rows, lastError, nextAttemptAt, 1);
  const refusedSince = (row: Instance): number => row.refusedSince ?? state.now;
  return { ...moves, rows: moves.rows.map((row) => ({ ...row, refusedSince: refusedSince(row) })) };
}

function laterEvents(rows: readonly Instance[], text: string): EventDraft[] {
  return rows.map(({ name }) => ({
    kind: "rejected",
    instance: name,
    message: `AWS does not take the ports of a pending instance (${text}): they follow once it runs`,
  }));
}

/** Whether AWS takes the ports of a pending instance, by what became of the call of one. */
function lesson(
  { lessons }: State,
  rows: readonly Instance[],
  { action }: RowCommand,
  portsWhilePending: State["lessons"]["portsWhilePending"],
): Moves["state"] {
  const isPending = action.kind === "ports" && rows.some(({ phase }) => phase === "starting");
  if (!isPending || lessons.portsWhilePending === portsWhilePending) return {};
  return { lessons: { ...lessons, portsWhilePending } };
}

function rejected(
  state: State,
  rows: readonly Instance[],
  command: RowCommand,
  outcome: Rejected,
): Moves {
  const text = `${outcome.code}: ${outcome.message}`;
  const events = told("rejected", command, text, outcome.requestId);
  if (command.action.kind === "create")
    return { ...rejectedCreate(state, rows, command.action, outcome), events };
  const learned = lesson(state, rows, command, "refused");
  if (learned.lessons !== undefined && outcome.rejection !== "credentials")
    return {
      ...again(state, rows, text, state.now, 0),
      events: laterEvents(rows, text),
      state: learned,
    };
  // A delete of what is not there is as good as done: absence will be counted by the listings.
  if (command.action.kind === "delete" && outcome.rejection === "notFound")
    return { ...NO_MOVES, rows: rows.map((row) => done(state, row, command)), events };
  const attempts = Math.max(0, ...rows.map((row) => row.attempts));
  const moves = refusedAgain(state, rows, text, state.now + backoffMs(attempts));
  return { ...moves, events, state: holdsAfterRefusal(state, command.action, outcome) };
}

function rejectedCreate(
  state: State,
  rows: readonly Instance[],
  action: Action,
  outcome: Rejected,
): Moves {
  const text = `${outcome.code}: ${outcome.message}`;
  const alone = rows.length === 1;
  const holds = holdsAfterRefusal(state, action, outcome);
  switch (outcome.rejection) {
    case "nameInUse": {
      const named = rows.filter((row) => namesRow(outcome.message, row.name));
      const suspects = new Set((named.length > 0 ? named : rows).map(({ name }) => name));
      const moves = refusedAgain(state, rows, text, state.now);
      return {
        ...moves,
        rows: moves.rows.map((row) => ({ ...row, mayExist: suspects.has(row.name) })),
      };
    }
    case "quota":
      // The call is refused whole: what fits is found by asking for one at a time.
      return alone
        ? { ...burnt(state, rows, text), state: holds }
        : refusedAgain(state, rows, text, state.now);
    case "zoneCapacity":
      return { ...again(state, rows, text, state.now, 0), state: holds };
    case "credentials":
    case "notNow":
      return {
        ...refusedAgain(state, rows, text, state.now + backoffMs(rows[0]?.attempts ?? 0)),
        state: holds,
      };
    case "notFound":
    case "invalid":
    case "other":
      return alone
        ? { ...burnt(state, rows, text), state: holds }
        : { ...refusedAgain(state, rows, text, state.now), memory: fewerNames(state, rows.length) };
  }
}

/** AWS states no maximum of names, nor how it refuses too many: fewer are tried before the template is blamed. */
function fewerNames({ template }: State, names: number): Moves["memory"] {
  return { namesMax: { template, names: Math.max(1, Math.floor(names / 2)), isProven: false } };
}

/** A create of as many names as may go together was carried out. */
function provenNames({ memory }: State, names: number): Moves["memory"] {
  const { namesMax } = memory;
  if (namesMax === null || namesMax.isProven || names < namesMax.names) return {};
  return { namesMax: { ...namesMax, isProven: true } };
}

/** AWS lists the names after a colon, separated by commas; ours have no characters that could blur them. */
function namesRow(message: string, name: string): boolean {
  return message.split(/[\s,:]+/u).some((word) => word.replace(/\.$/u, "") === name);
}

/** A refused name is never used again; if it is still needed, another is planned. */
function burnt(state: State, rows: readonly Instance[], lastError: string): Moves {
  return {
    ...NO_MOVES,
    rows: rows.map((row) => transition(row, "gone", state.now, { goneAt: state.now, lastError })),
  };
}

function told(
  kind: "unknown" | "rejected",
  command: RowCommand,
  detail: string,
  requestId: string | null = null,
): Moves["events"] {
  const names = namesOf(command.action);
  return [
    {
      kind,
      instance: names.length === 1 ? (names[0] ?? null) : null,
      message: `${command.action.kind} of ${names.join(", ")}: ${detail}`,
      data: { command: command.number, names, requestId },
    },
  ];
}
