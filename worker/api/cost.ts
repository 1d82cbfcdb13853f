/** What a month of a fleet has cost. */
import { costLines } from "../text/cost.ts";
import { decimal, oneOf, strict, text } from "./fields.ts";
import { COST } from "./openapi/examples.ts";
import { jsonOrText, onFleet, textOf } from "./operation.ts";
import { refused, unknownFleet } from "./problem.ts";
import { cost } from "./schemas/cost.ts";

/** The dearest server of EC2's costs less. */
const HOURLY_USD_MAX = 1_000;
const MONTH = /^20\d{2}-(0[1-9]|1[0-2])$/u;

export const getCost = onFleet({
  id: "getCost",
  tag: "History",
  summary: "What a month has cost",
  description: "At bundle prices, beside EC2 and beside a fleet of a fixed size.",
  query: strict({
    month: text(MONTH, "must be a month such as `2026-10`")
      .optional()
      .describe("In UTC, as AWS bills; this one, if not given."),
    ec2HourlyUsd: decimal(0, HOURLY_USD_MAX)
      .optional()
      .describe("The price of such a server on EC2, to compare with."),
    format: oneOf(["json", "text"]).default("json"),
  }),
  replies: {
    200: jsonOrText("The month.", cost, COST, costLines(COST)),
  },
  problems: ["unknown-month"],
  answer: async (c, { name, fleet, deps }, { query }) => {
    const { month, ec2HourlyUsd = null, format } = query;
    const at = month === undefined ? deps.now() : Date.parse(`${month}-01T00:00:00Z`);
    const told = await fleet.cost(at, ec2HourlyUsd);
    if (told === null) return unknownFleet(c, name);
    if ("refused" in told) return refused(c, told, "unknown-month");
    return format === "text" ? c.text(textOf(costLines(told))) : c.json(told);
  },
});
