import { billedUntil, type Instance } from "./instance.ts";

/** AWS divides the month's price by so many hours to get the hour's. */
const HOURS_PER_MONTH = 744;
const HOUR_MS = 3_600_000;

interface BillLine {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly bundleId: string;
  readonly createdAt: number;
  /** Null while it still costs. */
  readonly endedAt: number | null;
  readonly seconds: number;
  readonly startedHours: number;
  readonly exactUsd: number;
  readonly startedHoursUsd: number;
}

/** Whether AWS rounds a part of an hour up is not documented, so the bill is given both ways. */
export interface Bill {
  readonly at: number;
  readonly seconds: number;
  readonly startedHours: number;
  readonly exactUsd: number;
  readonly startedHoursUsd: number;
  readonly lines: readonly BillLine[];
}

/** What these instances have cost until `at`: from creation to deletion, pending and stopped times included. */
export function billOf(instances: readonly Instance[], at: number): Bill {
  const lines = instances
    .filter((instance) => instance.createdAt <= at)
    .map((instance) => lineOf(instance, at));
  const sum = (of: (line: BillLine) => number): number =>
    lines.reduce((total, line) => total + of(line), 0);
  return {
    at,
    seconds: sum((line) => line.seconds),
    startedHours: sum((line) => line.startedHours),
    exactUsd: sum((line) => line.exactUsd),
    startedHoursUsd: sum((line) => line.startedHoursUsd),
    lines,
  };
}

function lineOf(instance: Instance, at: number): BillLine {
  const end = billedUntil(instance, at);
  const endedAt = end !== null && end <= at ? end : null;
  const ms = (endedAt ?? at) - instance.createdAt;
  const startedHours = Math.max(1, Math.ceil(ms / HOUR_MS));
  const usdPerHour = instance.bundle.priceUsd / HOURS_PER_MONTH;
  return {
    name: instance.name,
    arn: instance.arn,
    region: instance.region,
    bundleId: instance.bundle.id,
    createdAt: instance.createdAt,
    endedAt,
    seconds: ms / 1000,
    startedHours,
    exactUsd: (ms / HOUR_MS) * usdPerHour,
    startedHoursUsd: startedHours * usdPerHour,
  };
}
