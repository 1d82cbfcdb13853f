/** What a month has cost. */
import { z } from "zod";
import type { CostView, ServerCost } from "../../../durable/rules/cost-views.ts";
import { count, thing, tied, time, usd } from "./thing.ts";

const hours = z.number().min(0);
const PRICED = "Null where a price is not known.";
const known = usd.nullable().describe(PRICED);

const serverCost = tied<ServerCost>()(
  thing("ServerCost", "What one server has cost in the month.", {
    name: z.string(),
    bundle: z.string(),
    from: time.describe("Its whole life is told, also outside the month."),
    until: time.nullable().describe("Null while it runs."),
    hours: hours.describe("Of the month, as they passed."),
    billedHours: hours.describe("Begun hours where the spec bills by the hour."),
    usd: known,
  }),
);

export const cost = tied<CostView>()(
  thing("Cost", "What a calendar month in UTC has cost, at bundle prices.", {
    fleet: z.string(),
    month: z.string().describe("Such as `2026-10`."),
    from: time,
    until: time.describe("Now, where the month is not over."),
    knownSince: time
      .nullable()
      .describe(
        "Servers that were gone before are not counted; null where that is before the month.",
      ),
    hours,
    billedHours: hours,
    usd: known,
    projectedUsd: usd
      .nullable()
      .describe("Should all that runs now run to the month's end; null where it is over."),
    ec2: z
      .strictObject({ hourlyUsd: usd, usd })
      .nullable()
      .describe("The same hours at `ec2HourlyUsd`; null where that was not given."),
    fixedFleet: z
      .strictObject({ servers: count, at: time, usd: known })
      .nullable()
      .describe("As many servers as there were at once at the most, for all of the time."),
    instances: z.array(serverCost).describe("The dearest first."),
    omitted: z
      .strictObject({ count, hours, billedHours: hours, usd: known })
      .nullable()
      .describe("The sums of those that are not listed; null where all are."),
  }),
);
