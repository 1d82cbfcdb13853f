/**
 * What became of a command goes into its rows. Done moves on; throttled and unsent are tried again;
 * unknown may have happened, so its names are looked up first; rejected is told in AWS's own words.
 */
import { backoffMs, CALL_LIMIT_MS, DELETE_AGAIN_MS, HOLD_MS } from "./limits.ts";
import type { Hold, Instance } from "./model.ts";
import { type EventDraft, type Moves, NO_MOVES, type State } from "./state.ts";
import { change, type Changes, transition } from "./transition.ts";
import type { Command, Outcome, Rejection } from "./world.ts";

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
  const rows = namesOf(command).flatMap((name) => {
    const row = state.instances.get(name);
    return row !== undefined && row.command === command.number ? [row] : [];
  });
  switch (outcome.kind) {
    case "done": {
      const next = rows.map((row) => done(state, row, command));
      return { ...NO_MOVES, rows: next, events: next.flatMap((row) => createdEvent(row)) };
    }
    case "throttled":
      return again(state, rows, `throttled by AWS: ${outcome.code}`, state.now + state.tickMs, 1);
    case "unsent":
      return again(state, rows, outcome.message, state.now, 0);
    case "unknown": {
      const moves = again(state, rows, outcome.message, command.notAfter + CALL_LIMIT_MS, 1);
      const mayExist = command.action.kind === "create";
      return {
        ...moves,
        rows: moves.rows.map((row) => ({ ...row, mayExist })),
        events: told("unknown", command, outcome.message),
      };
    }
    case "rejected":
      return rejected(state, rows, command, outcome);
  }
}

function namesOf({ action }: Command): readonly string[] {
  return action.kind === "create" ? action.names : [action.name];
}

function done(state: State, row: Instance, { action }: Command): Instance {
  const settled: Changes = { command: null, attempts: 0, lastError: null };
  switch (action.kind) {
    case "create":
      // It exists from here on; the listing will tell its ARN and address.
      return row.phase === "planned"
        ? transition(row, "starting", state.now, { step: "address" })
        : change(row, state.now, settled);
    case "ports":
      return row.phase === "configuring"
        ? transition(row, "warming", state.now, { step: "health", portsHash: action.portsHash })
        : change(row, state.now, { ...settled, portsHash: action.portsHash });
    case "delete":
      return change(row, state.now, { ...settled, nextAttemptAt: state.now + DELETE_AGAIN_MS });
  }
}

/** Each launch that was carried out is told once, here or by the listing that shows it first. */
function createdEvent({ name, phase, zone }: Instance): EventDraft[] {
  if (phase !== "starting") return [];
  return [{ kind: "created", instance: name, message: `${name} was created in ${zone}` }];
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

function rejected(
  state: State,
  rows: readonly Instance[],
  command: Command,
  outcome: Rejected,
): Moves {
  const text = `${outcome.code}: ${outcome.message}`;
  const events = told("rejected", command, text);
  if (command.action.kind === "create")
    return { ...rejectedCreate(state, rows, command.action.zone, outcome), events };
  const attempts = Math.max(0, ...rows.map((row) => row.attempts));
  // A delete of what is not there is as good as done: absence will be counted by the listings.
  const waitMs = outcome.rejection === "notFound" ? DELETE_AGAIN_MS : backoffMs(attempts);
  const moves = again(state, rows, text, state.now + waitMs, 1);
  return { ...moves, events, state: held(state, outcome, "") };
}

function rejectedCreate(
  state: State,
  rows: readonly Instance[],
  zone: string,
  outcome: Rejected,
): Moves {
  const text = `${outcome.code}: ${outcome.message}`;
  const alone = rows.length === 1;
  const holds = held(state, outcome, zone);
  switch (outcome.rejection) {
    case "nameInUse": {
      const named = rows.filter((row) => namesRow(outcome.message, row.name));
      const suspects = new Set((named.length > 0 ? named : rows).map(({ name }) => name));
      const moves = again(state, rows, text, state.now, 1);
      return {
        ...moves,
        rows: moves.rows.map((row) => ({ ...row, mayExist: suspects.has(row.name) })),
      };
    }
    case "quota":
      // The call is refused whole: what fits is found by asking for one at a time.
      return alone
        ? { ...burnt(state, rows, text), state: holds }
        : again(state, rows, text, state.now, 1);
    case "zoneCapacity":
      return { ...again(state, rows, text, state.now, 0), state: holds };
    case "credentials":
    case "notNow":
      return {
        ...again(state, rows, text, state.now + backoffMs(rows[0]?.attempts ?? 0), 1),
        state: holds,
      };
    case "notFound":
    case "invalid":
    case "other":
      return { ...burnt(state, rows, text), state: holds };
  }
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

const HELD: Readonly<Record<Rejection, Hold["guard"] | null>> = {
  nameInUse: null,
  notFound: "rejected",
  quota: "quota",
  zoneCapacity: "zoneCapacity",
  credentials: "credentials",
  notNow: null,
  invalid: "rejected",
  other: "rejected",
};

function held(state: State, outcome: Rejected, zone: string): Moves["state"] {
  const guard = HELD[outcome.rejection];
  // Only a create that was refused says that launching is in vain.
  if (guard === null || guard === "failedBoots") return {};
  if (zone === "" && guard !== "credentials") return {};
  const subject = guard === "zoneCapacity" ? zone : "";
  const same = (hold: Hold): boolean => hold.guard === guard && hold.subject === subject;
  const since = state.holds.find(same)?.since ?? state.now;
  const until = state.now + HOLD_MS[guard];
  const detail = `${outcome.code}: ${outcome.message}`;
  return {
    holds: [...state.holds.filter((hold) => !same(hold)), { guard, subject, since, until, detail }],
  };
}

function told(kind: "unknown" | "rejected", command: Command, detail: string): Moves["events"] {
  const names = namesOf(command);
  return [
    {
      kind,
      instance: names.length === 1 ? (names[0] ?? null) : null,
      message: `${command.action.kind} of ${names.join(", ")}: ${detail}`,
      data: { command: command.number, names },
    },
  ];
}
