/** Replies about what was, and what would be. */
import { z } from "zod";
import type { HistoryView } from "../../../durable/rules/history-views.ts";
import type { DryRun } from "../../../durable/rules/dry-run-views.ts";
import type { DoctorReport } from "../../doctor/report.ts";
import { doctorReport } from "./doctor.ts";
import { askedFields } from "./instance.ts";
import { foreseenBlocker } from "./status.ts";
import { schedule, target } from "./target.ts";
import { count, thing, tied, time, usd } from "./thing.ts";

const point = thing("HistoryPoint", "What the fleet was, until the next point.", {
  at: time,
  spares: count,
  target: count,
  busy: count,
  unknown: count,
  launching: count,
  draining: count,
  sessions: count,
  usdPerHour: usd.nullable(),
});

const mark = thing("Mark", "A boundary, an override or a guard beside the points.", {
  kind: z.enum(["boundary", "override", "guard"]),
  name: z.string(),
  note: z.string(),
  from: time,
  until: time.nullable().describe("Null while it lasts, and no end is known."),
});

export const history = tied<HistoryView>()(
  thing("History", "What the fleet was in the last hours.", {
    from: time,
    until: time,
    points: z.array(point),
    marks: z.array(mark),
    today: z
      .strictObject({ since: time, usd: usd.nullable() })
      .describe("The cost since midnight in the fleet's zone."),
  }),
);

/** What is answered to a dry run. */
export interface Foretold extends DryRun {
  readonly doctor: DoctorReport;
}

export const dryRun = tied<Foretold>()(
  thing("DryRun", "What a spec would do, were it applied now. Nothing was changed.", {
    created: z.boolean().describe("The fleet would be a new one."),
    changes: z.boolean().describe("The spec differs from the one that is applied."),
    firstTick: z.strictObject({
      decision: z.string(),
      launch: count,
      retire: count,
      adopt: count,
      blockers: z.array(foreseenBlocker),
      unseen: z.string().nullable().describe("What could not be looked at."),
    }),
    replaces: count.describe("Servers that would be outdated, and replaced one after the other."),
    asked: z
      .array(z.strictObject({ servers: count, ...askedFields }))
      .describe("The servers that there are, by how they would be asked."),
    closesPorts: z.array(z.string()).describe("Port ranges that it would close, such as `tcp 22`."),
    warnings: z
      .array(z.string())
      .describe("What of the spec will not do what it seems to do, such as a launch script."),
    target,
    usdPerMonth: usd.nullable().describe("Of the servers after that tick, for a whole month."),
    schedule,
    doctor: doctorReport.describe(
      "Whether AWS has what the spec names, and lets the fleet use it.",
    ),
  }),
);
