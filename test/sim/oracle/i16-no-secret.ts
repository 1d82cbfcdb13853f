/** I16: no secret in a log, a reply, an alert or an error: in nothing that a person could read. */
import type { Check, Invariant, Truth } from "./invariant.ts";
import { several } from "./several.ts";

export const noSecret: Invariant = {
  id: "I16",
  says: "no secret can be read anywhere",
  start: several(nothingIsSaid, nothingIsKept),
};

function nothingIsSaid(): Check {
  return (event, truth) => (event.kind === "text" ? secretIn(event.text, "a text", truth) : null);
}

/** What `/events` and `/instances` would answer, as soon as it is written. */
function nothingIsKept(): Check {
  let last = 0;
  return (event, truth) => {
    if (event.kind === "stateLost" || event.kind === "alarm") {
      // A ledger that begins anew numbers its events from the start.
      if (event.kind === "stateLost" || event.what === "deleted") last = 0;
    }
    if (event.kind !== "commit") return null;
    for (const { id, message, data } of truth.sql.rows(
      "SELECT id, message, data FROM events WHERE id > ? ORDER BY id",
      last,
    )) {
      last = Number(id);
      const found = secretIn(`${message} ${data}`, "an audit row", truth);
      if (found !== null) return found;
    }
    return null;
  };
}

function secretIn(text: string, where: string, { secrets }: Truth): string | null {
  const index = secrets.findIndex((secret) => secret !== "" && text.includes(secret));
  // Which one, but not what it is: this message can be read too.
  return index === -1 ? null : `secret number ${index + 1} stands in ${where}`;
}
