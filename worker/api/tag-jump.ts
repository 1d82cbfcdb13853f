/** A value of the tag that is far above what ruled is held: people confirm or refuse it here. */
import { reason, strict, text } from "./fields.ts";
import { TARGET } from "./openapi/examples.ts";
import { json, onFleet, optionalBody, type Operation } from "./operation.ts";
import { refused } from "./problem.ts";
import { target } from "./schemas/target.ts";

const EXPRESSION_LENGTH_MAX = 64;

/** The value is named, so that nobody confirms another one than the one that was looked at. */
const jumpBody = strict({
  expression: text(
    (written) => written.trim() !== "" && written.length <= EXPRESSION_LENGTH_MAX,
    "must be the value that is held, as the tag says it",
  ),
  reason,
}).meta({ id: "TagJumpBody" });

export const confirmJump = judging(
  "confirm",
  "confirmTag",
  "Let a held value of the tag rule at once",
);
export const refuseJump = judging(
  "refuse",
  "refuseTag",
  "Refuse a held value of the tag, for as long as the tag says it",
);

function judging(verdict: "confirm" | "refuse", id: string, summary: string): Operation {
  return onFleet({
    id,
    tag: "Target",
    summary,
    description: "409 where another value is held, or none is.",
    body: {
      ...optionalBody(jumpBody, { expression: "100", reason: "a concert" }),
      required: true,
    },
    replies: { 200: json("The target after it.", target, TARGET) },
    problems: ["conflict"],
    answer: async (c, { fleet, asked }, { body }) => {
      const judged = await fleet.judgeTag({ verdict, ...body }, asked);
      return "refused" in judged ? refused(c, judged) : c.json(judged);
    },
  });
}
