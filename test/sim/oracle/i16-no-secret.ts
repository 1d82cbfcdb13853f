/** I16: no secret in a log, a reply, an alert or an error: in nothing that a person could read. */
import type { Invariant } from "./invariant.ts";

export const noSecret: Invariant = {
  id: "I16",
  says: "no secret can be read anywhere",
  start: () => (event, truth) => {
    if (event.kind !== "text") return null;
    const index = truth.secrets.findIndex((secret) => secret !== "" && event.text.includes(secret));
    // Which one, but not what it is: this message can be read too.
    return index === -1 ? null : `secret number ${index + 1} stands in a text`;
  },
};
