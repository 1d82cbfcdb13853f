/**
 * The dead-man's switch. Every minute each fleet of the directory is visited: one whose alarm is
 * missing or dead is armed again, a name without a fleet behind it is forgotten.
 */
import type { DirectoryApi, FleetApi } from "../durable/rules/views.ts";

export interface CronDeps {
  readonly fleet: (name: string) => Pick<FleetApi, "visit">;
  readonly directory: () => Pick<DirectoryApi, "names" | "forget">;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** One fleet that cannot be visited does not keep the cron from the others. */
export async function visitFleets({ fleet, directory, log }: CronDeps): Promise<void> {
  const names = await directory().names();
  const visits = await Promise.allSettled(names.map(async (name) => fleet(name).visit()));
  for (const [index, visit] of visits.entries()) {
    const name = names[index] ?? "";
    if (visit.status === "rejected") {
      log({ event: "cron.visit.failed", fleet: name, error: String(visit.reason) });
      continue;
    }
    if (visit.value === null) await directory().forget(name);
    else if (visit.value.rearmed) log({ event: "cron.rearmed", ...visit.value });
  }
}
