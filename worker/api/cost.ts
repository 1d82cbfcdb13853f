/** What a month of a fleet has cost. */
import { costLines } from "../text/cost.ts";
import { decimal, oneOf, text } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, refused, unknownFleet } from "./problem.ts";
import { readQuery } from "./query.ts";

/** The dearest server of EC2's costs less. */
const HOURLY_USD_MAX = 1_000;
const MONTH = /^20\d{2}-(0[1-9]|1[0-2])$/u;

export const getCost = onFleet(async (c, { name, fleet, deps }) => {
  const query = readQuery(c, {
    month: text(MONTH, "must be a month such as `2026-10`").optional(),
    ec2HourlyUsd: decimal(0, HOURLY_USD_MAX).optional(),
    format: oneOf(["json", "text"]).default("json"),
  });
  if (!query.ok) return invalidFields(c, query.errors);
  const { month, ec2HourlyUsd = null, format } = query.value;
  const at = month === undefined ? deps.now() : Date.parse(`${month}-01T00:00:00Z`);

  const cost = await fleet.cost(at, ec2HourlyUsd);
  if (cost === null) return unknownFleet(c, name);
  if ("refused" in cost) return refused(c, cost, "unknown-month");
  return format === "text" ? c.text(`${costLines(cost).join("\n")}\n`) : c.json(cost);
});
