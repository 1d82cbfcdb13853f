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
