/**
 * I12: only the moves in the table; tick and command numbers never go back within one ledger; nothing
 * is carried out later than its `notAfter` and the time limit of a call, by either clock.
 */
import { CALL_LIMIT_MS } from "../../../durable/rules/limits.ts";
import { MOVES } from "../../../durable/rules/transition.ts";
import type { Move } from "../event.ts";
import { newerLedgerIsLeftAlone } from "./i12-newer-ledger.ts";
import { Intents, kindOf } from "./intents.ts";
import type { Check, Invariant, Truth } from "./invariant.ts";
import { incarnationOf } from "./rows.ts";
import { several } from "./several.ts";
import { type CallEvent, carriedOut, type CommitEvent } from "./sightings.ts";

const WAY_TO_AWS_MS = 2_000;
const BORN = new Set(["planned", "ready"]);

export const order: Invariant = {
  id: "I12",
  says: "moves follow the table, numbers never go back, no command comes late",
  start: several(inOrder, newerLedgerIsLeftAlone),
};

function inOrder(): Check {
  const intents = new Intents();
  let last = { incarnation: "", tick: 0, number: 0 };
  return (event, truth) => {
    if (event.kind === "stateLost") last = { incarnation: "", tick: 0, number: 0 };
    if (event.kind === "commit") {
      const move = event.moves.find((each) => !isInTable(each));
      if (move !== undefined)
        return `${move.name} moved from ${move.from ?? "nothing"} to ${move.to}`;
      for (const command of event.commands) intents.add(command, truth);
      if (event.commands.length === 0) return null;
      const incarnation = incarnationOf(truth) ?? "";
      if (incarnation !== last.incarnation) last = { incarnation, tick: 0, number: 0 };
      const wrong = goesBack(event, last);
      const number = event.commands.at(-1)?.number ?? last.number;
      last = { incarnation, tick: event.tick, number };
      return wrong;
    }
    const call = carriedOut(event);
    return call === null ? null : lateness(call, intents, truth);
  };
}

function isInTable({ from, to }: Move): boolean {
  return from === null ? BORN.has(to) : MOVES[from].includes(to);
}

function goesBack(event: CommitEvent, last: { tick: number; number: number }): string | null {
  if (event.tick < last.tick) return `tick ${event.tick} came after tick ${last.tick}`;
  let before = last.number;
  for (const { number } of event.commands) {
    if (number <= before) return `command ${number} came after command ${before}`;
    before = number;
  }
  return null;
}

function lateness(call: CallEvent, intents: Intents, truth: Truth): string | null {
  const kind = kindOf(call);
  if (kind === null) return null;
  for (const name of call.names) {
    const intent = intents.of(kind, name);
    if (intent === null) continue;
    const lateMs = Math.min(truth.objectNow - intent.notAfter, truth.now - intent.trueNotAfter);
    if (lateMs > CALL_LIMIT_MS + WAY_TO_AWS_MS)
      return `command ${intent.number} (${kind} ${name}) was carried out ${lateMs} ms after its notAfter`;
  }
  return null;
}
