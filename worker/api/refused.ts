/** What was refused, and to whom. */
import { json, onAll } from "./operation.ts";
import { refusedList, type RefusedAddress } from "./schemas/refused.ts";

const EXAMPLE: RefusedAddress = {
  address: "203.0.113.7",
  wrong: 12,
  forbidden: 1,
  tooMany: 0,
  firstAt: "2026-11-22T09:58:00.000Z",
  lastAt: "2026-11-22T10:00:00.000Z",
  lastActor: "token:dan",
};

export const listRefused = onAll({
  id: "listRefused",
  tag: "Service",
  summary: "Which addresses were refused, and how often",
  description:
    "For wrong tokens, wrong roles or fleets, and too many requests. Each isolate of the Worker counts for itself, from `since` on; the log has every refusal.",
  replies: {
    200: json("The addresses, the most refused one first.", refusedList, {
      since: "2026-11-22T09:00:00.000Z",
      addresses: [EXAMPLE],
      forgotten: 0,
    }),
  },
  answer: (c, deps) => c.json(deps.refusals.list()),
});
