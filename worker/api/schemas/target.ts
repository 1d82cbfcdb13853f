/** Replies about the target, its overrides and its schedule. */
import { z } from "zod";
import type {
  BoundaryView,
  OverrideView,
  ScheduleView,
  TargetView,
} from "../../../durable/rules/target-views.ts";
import { count, nextCursor, thing, tied, time, usd } from "./thing.ts";
import { targetSource } from "./words.ts";

const link = thing("TargetLink", "One source of the target, whether it won or not.", {
  source: targetSource,
  expression: z.string().nullable(),
  spares: count.nullable().describe("Null where it has no value."),
  won: z.boolean(),
  ageSeconds: z
    .number()
    .nullable()
    .describe("Since when it says so; for a tag, since it was read."),
  until: time.nullable(),
  note: z.string().describe("In plain words: why it won, or why it did not."),
});

const next = thing("NextTarget", "What rules from the next moment on that is known.", {
  at: time,
  source: targetSource,
  name: z.string().describe("Of the entry or the special day; the reason of an override."),
  expression: z.string(),
  spares: count.describe("With the sessions that are held now."),
  launchFrom: time
    .nullable()
    .describe("When launches towards it begin; null where it is no more than now."),
});

const heldTag = thing("HeldTag", "A value of the tag that is far above what ruled.", {
  expression: z.string(),
  since: time,
  rulesAt: time.describe("From then on it rules, unless somebody refuses it."),
});

export const target = tied<TargetView>()(
  thing("Target", "How many spares the fleet wants now, and why.", {
    spares: count.describe("Within the bounds of the spec; 0 while the fleet is being removed."),
    source: targetSource,
    expression: z.string(),
    reason: z.string().nullable().describe("Of the override that won."),
    until: time.nullable().describe("Of the override that won."),
    chain: z.array(link).describe("Every source, highest first."),
    heldTag: heldTag
      .nullable()
      .describe(
        "A value of the tag that is a jump, until it rules or is refused; null without one.",
      ),
    next: next.nullable().describe("Null where nothing is known to come."),
  }),
);

export const override = tied<OverrideView>()(
  thing("Override", "A booked value of the target.", {
    id: z.string().describe("Its name in `DELETE .../overrides/{id}`."),
    expression: z.string(),
    from: time,
    until: time,
    reason: z.string(),
    actor: z.string().describe("Who booked it."),
    rules: z.boolean().describe("It is the one that rules now."),
  }),
);

export const booked = thing("Booked", "An override that was booked, and the target of now.", {
  override,
  target,
});

const boundary = tied<BoundaryView>()(
  thing("Boundary", "A moment at which a value of the schedule begins or ends.", {
    at: time,
    local: z.iso
      .datetime({ offset: true })
      .describe("The same moment as the clock of its zone shows it."),
    weekday: z.string(),
    timezone: z.string().describe("An IANA zone."),
    source: z.enum(["schedule", "specialDay"]),
    name: z.string(),
    edge: z.enum(["begins", "ends"]),
    expression: z
      .string()
      .nullable()
      .describe("Null where the schedule says nothing more, and the next source rules."),
    spares: count.describe("Within the bounds of the spec, with the sessions that are held now."),
    launchFrom: time
      .nullable()
      .describe("When launches towards it begin; null where it wants no more than before."),
    usdPerDay: usd
      .nullable()
      .describe("Of a day with so many spares, at bundle prices; null where these are not known."),
    dst: z
      .enum(["skipped", "repeated"])
      .nullable()
      .describe("Its local time is skipped by the clock, or comes twice."),
    clockChanges: z.boolean().describe("The clock of its zone is set on that day."),
  }),
);

export const schedule = tied<ScheduleView>()(
  thing("Schedule", "What the schedule and the special days will do.", {
    leadSeconds: z
      .number()
      .describe("How long a launch takes until its server is ready: 95 of 100 took no longer."),
    leadMeasuredOn: count.describe("On so many launches it was measured; with 0 it is a guess."),
    ruling: boundary.nullable().describe("The boundary that rules, or that ruled last."),
    tagWritePending: z.boolean().describe("Its value is not read back from the tag yet."),
    boundaries: z.array(boundary).describe("Those to come, in order."),
    more: z.boolean().describe("There are more in these days than are listed."),
    overrides: z.array(override),
  }),
);

export const overrideList = thing("OverrideList", "Overrides, by their beginning.", {
  overrides: z.array(override),
  nextCursor,
});
