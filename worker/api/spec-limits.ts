/** How far a fleet may go, as a spec writes it. */
import { z } from "zod";
import { SPARES_MAX } from "../../durable/rules/expression.ts";
import { decimal, strict, whole } from "./fields.ts";
import type { FieldError } from "./problem.ts";

/** One Durable Object is measured with a thousand instances. */
const INSTANCES_MAX = 1_000;
const PER_TICK_MAX = 100;
const PER_HOUR_MAX = 10_000;
const MONTHLY_USD_MAX = 10_000_000;
const VCPUS_MAX = 100_000;
const JUMP_FACTOR_MAX = 1_000;
const OPEN_SECONDS_MAX = 86_400;
const LEASES_MAX = 100_000;
const LEASE_SECONDS_MAX = 30 * 86_400;

const maxInstances = whole(1, INSTANCES_MAX);

export const limits = strict({
  maxInstances,
  maxMonthlyUsd: decimal(1, MONTHLY_USD_MAX).nullable().default(null),
  maxVcpus: whole(1, VCPUS_MAX).nullable().default(null),
  maxLaunchesPerTick: whole(1, PER_TICK_MAX).default(20),
  maxDeletesPerTick: whole(1, PER_TICK_MAX).default(5),
  maxLaunchesPerHour: whole(1, PER_HOUR_MAX).default(200),
  maxDeletesPerHour: whole(1, PER_HOUR_MAX).default(60),
  jumpMax: decimal(1, JUMP_FACTOR_MAX).default(3),
  unknownShareMax: decimal(0, 1).default(0.2),
  leasesPerToken: whole(1, LEASES_MAX).nullable().default(null),
  leaseMaxSeconds: whole(5, LEASE_SECONDS_MAX).default(86_400),
  failedBoots: strict({
    count: whole(1, 100).default(3),
    openSeconds: decimal(1, OPEN_SECONDS_MAX).default(1_800),
  }).prefault({}),
});

const wanted = z.object({
  limits: z.object({ maxInstances }),
  spares: z.object({ min: whole(0, SPARES_MAX) }),
  health: z.object({ capacity: whole(1, Number.MAX_SAFE_INTEGER).default(1) }),
});

/** The least number of spares must fit on the most servers, were all of them empty. */
export function sparesFitTheLimit(input: unknown): FieldError[] {
  const read = wanted.safeParse(input);
  if (!read.success) return [];

  const { limits, spares, health } = read.data;
  const needed = Math.ceil(spares.min / health.capacity);
  if (limits.maxInstances >= needed) return [];
  return [
    {
      field: "limits.maxInstances",
      message: `is too low for spares.min (${spares.min}): that takes ${needed} servers; raise it, or lower spares.min`,
    },
  ];
}
