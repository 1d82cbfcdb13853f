/**
 * The dead-man's switch. Every minute each fleet of the directory is visited: one whose alarm is
 * missing or dead is armed again, a name without a fleet behind it is forgotten. People are told of a
 * fleet that does not tick, and a watchdog outside hears of each round in which every fleet does.
 */
import type { Bulletin, Delivery } from "../durable/rules/bulletins.ts";
import { callRoll, isGood, type Pulse } from "../durable/rules/dead.ts";
import type { DeadFleets, DirectoryApi, FleetApi } from "../durable/rules/views.ts";

type Log = (entry: Readonly<Record<string, unknown>>) => void;

export interface CronDeps {
  readonly fleet: (name: string) => Pick<FleetApi, "visit">;
  readonly directory: () => Pick<DirectoryApi, "names" | "forget">;
  readonly log: Log;
}

/** A fleet of the directory, as a round of the cron found it. */
export type Visited = Omit<Pulse, "kinds">;

/** One fleet that cannot be visited does not keep the cron from the others. */
export async function visitFleets({ fleet, directory, log }: CronDeps): Promise<Visited[]> {
  const names = await directory().names();
  const visits = await Promise.allSettled(names.map(async (name) => fleet(name).visit()));
  const visited: Visited[] = [];
  for (const [index, visit] of visits.entries()) {
    const name = names[index] ?? "";
    if (visit.status === "rejected") {
      log({ event: "cron.visit.failed", fleet: name, error: String(visit.reason) });
      visited.push({ fleet: name, answered: false, lastTickAgeMs: null });
    } else if (visit.value === null) await directory().forget(name);
    else {
      if (visit.value.rearmed) log({ event: "cron.rearmed", ...visit.value });
      const { lastTickAgeMs } = visit.value;
      visited.push({ fleet: name, answered: true, lastTickAgeMs });
    }
  }
  return visited;
}

export interface TellDeps {
  readonly fleet: (name: string) => Pick<FleetApi, "spec">;
  readonly directory: () => DeadFleets;
  readonly post: (bulletins: Bulletin[]) => Promise<Delivery>;
  readonly heartbeat: () => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

/** What was not delivered is told in the next round. */
export async function tellOfDead(visited: readonly Visited[], deps: TellDeps): Promise<void> {
  const { directory, post, heartbeat, now, log } = deps;
  const everyFleetIsGood = visited.every((each) => isGood(each));
  const [before] = await Promise.all([
    directory().dead(),
    everyFleetIsGood ? heartbeat() : undefined,
  ]);
  const pulses = await Promise.all(visited.map((each) => pulseOf(each, deps, before)));
  const { bulletins, told, untold } = callRoll(before, pulses, now());
  const delivery: Delivery = bulletins.length === 0 ? { kind: "sent" } : await post([...bulletins]);
  const isDelivered = delivery.kind === "sent" || delivery.kind === "off";
  if (!isDelivered) log({ event: "cron.telling.failed", detail: delivery.detail });
  await directory().setDead(isDelivered ? told : untold);
}

/** Its spec says how loudly it is told; one that cannot be asked is told as loudly as the defaults say. */
async function pulseOf(
  visited: Visited,
  { fleet, log }: TellDeps,
  before: Readonly<Record<string, unknown>>,
): Promise<Pulse> {
  const isNews = !isGood(visited) || visited.fleet in before;
  if (!isNews || !visited.answered) return { ...visited, kinds: {} };
  try {
    const view = await fleet(visited.fleet).spec();
    return { ...visited, kinds: view?.spec.alerts.kinds ?? {} };
  } catch (error) {
    log({ event: "cron.spec.failed", fleet: visited.fleet, error: String(error) });
    return { ...visited, kinds: {} };
  }
}
