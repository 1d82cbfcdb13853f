/** How many spares a fleet wants, as a spec writes it. */
import { z } from "zod";
import { parseExpression, SPARES_MAX, sparesOf } from "../../durable/rules/expression.ts";
import { RESOURCE_ID } from "./aws-names.ts";
import { expression, strict, text, whole } from "./fields.ts";
import type { FieldError } from "./problem.ts";
import { schedule, specialDays } from "./spec-schedule.ts";
import { tagKey } from "./spec-tags.ts";

const amounts = {
  default: expression.optional(),
  min: whole(0, SPARES_MAX).default(0),
  max: whole(0, SPARES_MAX).default(200),
};

export const spares = strict({
  ...amounts,
  tag: strict({
    resource: text(RESOURCE_ID, "must be the id of an EC2 resource such as `key-0abc1234`"),
    key: tagKey,
  })
    .nullable()
    .default(null),
  schedule: schedule.default([]),
  specialDays: specialDays.default([]),
});

/** One spare, or what the bounds leave of it. */
export function defaultSpares({ min, max }: { min: number; max: number }): string {
  return String(Math.min(Math.max(1, min), max));
}

/** No value of the schedule or of a special day is above max: one slip must not launch two hundred servers. */
export function plannedSparesFit(input: unknown): FieldError[] {
  const read = plans.safeParse(input);
  if (!read.success) return [];
  const { max, ...lists } = read.data.spares;
  return (["schedule", "specialDays"] as const).flatMap((list) =>
    lists[list].flatMap(({ spares: written }, index) => {
      const parsed = typeof written === "string" ? parseExpression(written) : null;
      if (parsed === null || !parsed.ok || sparesOf(parsed.expression, 0) <= max) return [];
      return [
        {
          field: `spares.${list}[${index}].spares`,
          message: `is above spares.max (${max}); lower it, or raise spares.max`,
        },
      ];
    }),
  );
}

/** Only what is looked at, each as far as it is valid: what is wrong elsewhere hides nothing. */
const planned = z.array(z.looseObject({ spares: expression.optional().catch(undefined) }));
const plans = z.object({
  spares: z.object({
    max: amounts.max,
    schedule: planned.default([]).catch([]),
    specialDays: planned.default([]).catch([]),
  }),
});

/** min <= default <= max, where all three are valid in themselves. */
export function sparesAreInOrder(input: unknown): FieldError[] {
  const read = z.object({ spares: z.object(amounts) }).safeParse(input);
  if (!read.success) return [];

  const { min, max, default: written } = read.data.spares;
  if (min > max) return [{ field: "spares.min", message: `is above spares.max (${max})` }];
  const parsed = parseExpression(written ?? defaultSpares({ min, max }));
  if (!parsed.ok) return [];
  const wanted = sparesOf(parsed.expression, 0);
  if (wanted < min) return [{ field: "spares.default", message: `is below spares.min (${min})` }];
  if (wanted > max) return [{ field: "spares.default", message: `is above spares.max (${max})` }];
  return [];
}
