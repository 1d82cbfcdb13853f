/**
 * I13: no change to the cloud without an earlier committed intent and audit row. The intent of a call
 * is a committed command that names the same instance. The audit row of a launch or delete is
 * there as soon as its decision is committed. The hands of a dead object may act for a while on
 * commands of a ledger that is lost.
 */
import { answeredIsWritten } from "./i13-answered-is-written.ts";
import { operatorsDrainsStand } from "./i13-operators-drains.ts";
import { Intents, kindOf } from "./intents.ts";
import type { Check, Invariant, Truth } from "./invariant.ts";
import { newestEventData } from "./rows.ts";
import { several } from "./several.ts";
import { carriedOut, type CommitEvent } from "./sightings.ts";

const DEAD_HANDS_MS = 30_000;

export const intentFirst: Invariant = {
  id: "I13",
  says: "no change to the cloud without an earlier committed intent and audit row",
  start: several(intended, answeredIsWritten, operatorsDrainsStand),
};

function intended(): Check {
  const intents = new Intents();
  let forgetAt: number | null = null;
  return (event, truth) => {
    if (event.kind === "stateLost") forgetAt = truth.now + DEAD_HANDS_MS;
    if (event.kind === "commit") {
      for (const command of event.commands) intents.add(command, truth);
      return unaudited(event, truth);
    }
    const call = carriedOut(event);
    const kind = call === null ? null : kindOf(call);
    if (call === null || kind === null) return null;
    if (forgetAt !== null && truth.now > forgetAt) {
      intents.forgetBefore(forgetAt - DEAD_HANDS_MS);
      forgetAt = null;
    }
    const name = call.names.find((each) => intents.of(kind, each) === null);
    return name === undefined ? null : `${call.op} on ${name} without a committed command`;
  };
}

function unaudited({ moves }: CommitEvent, truth: Truth): string | null {
  const planned = moves.filter(({ from, to }) => from === null && to === "planned");
  if (planned.length > 0) {
    const { names } = newestEventData(truth, "launch");
    const told: readonly unknown[] = Array.isArray(names) ? names : [];
    const untold = planned.find(({ name }) => !told.includes(name));
    if (untold !== undefined) return `${untold.name} is planned without an audit row`;
  }
  const deleted = moves.find(({ name, to }) => to === "deleting" && !hasDeleteEvent(truth, name));
  return deleted === undefined ? null : `${deleted.name} goes to deletion without an audit row`;
}

function hasDeleteEvent(truth: Truth, name: string): boolean {
  const rows = truth.sql.rows(
    "SELECT 1 FROM events WHERE kind IN ('delete', 'forced') AND instance = ? ORDER BY id DESC LIMIT 1",
    name,
  );
  return rows.length > 0;
}
