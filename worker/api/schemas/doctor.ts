/** What the doctor found. */
import { z } from "zod";
import type { DoctorReport } from "../../doctor/report.ts";
import { count, thing, tied, time } from "./thing.ts";

const check = thing("Check", "One thing that the fleet needs.", {
  name: z.string().describe("Of a right, its name in a policy; else a word such as `image`."),
  status: z
    .enum(["ok", "warn", "fail", "skipped"])
    .describe("`skipped` did not apply, or cannot be known without changing something."),
  what: z.string(),
  fix: z.string().nullable().describe("What to do next; null where nothing is to be done."),
});

export const doctorReport = tied<DoctorReport>()(
  thing("DoctorReport", "Whether a fleet can do its work.", {
    fleet: z.string(),
    region: z.string(),
    checkedAt: time,
    durationMs: count,
    verdict: z.enum(["ok", "warn", "fail"]).describe("The worst of the checks."),
    summary: z.string(),
    checks: z.array(check),
  }),
);
