/** What the cloud and the world around it can testify: nothing here asks the fleet. */
import type { InstanceView } from "../aws/cloud/view.ts";
import { FLEET, PORTS, TAGS } from "../stack/spec.ts";
import type { Stack } from "../stack/stack.ts";
import type { Standing, WitnessedDelete } from "./judge.ts";

/** Writes down every accepted delete from now on, with the sessions on the server at that very moment. */
export function witnessDeletes({ cloud, demand }: Stack): readonly WitnessedDelete[] {
  const deletes: WitnessedDelete[] = [];
  cloud.watchDeletions(({ name, at }) => {
    deletes.push({ name, at, sessions: demand.sessionIdsOn(name) });
  });
  return deletes;
}

/** All that is billed now. */
export function standingIn({ cloud }: Stack): Standing[] {
  return cloud
    .everCreated()
    .filter(({ endedAt }) => endedAt === null)
    .map(({ name, region, createdAt }) => {
      const view = cloud.instance(name, region);
      if (view === null) return { name, createdAt, state: "not found", lacks: [] };
      return { name, createdAt, state: view.state, lacks: lacksOf(view) };
    });
}

function lacksOf({ state, firewall, tags }: InstanceView): string[] {
  const values = new Map(tags.map(({ key, value }) => [key, value]));
  const isTagged =
    Object.entries(TAGS).every(([key, value]) => values.get(key) === value) &&
    values.get("lightfleet:owner")?.endsWith(`/${FLEET}`) === true;
  return [
    ...(state === "running" ? [] : ["it does not run"]),
    ...(hasThePorts(firewall) ? [] : ["its firewall has not the fleet's ports"]),
    ...(isTagged ? [] : ["it lacks the fleet's tags"]),
  ];
}

function hasThePorts(firewall: InstanceView["firewall"]): boolean {
  const is = firewall.map((rule) => `${rule.protocol} ${rule.fromPort}-${rule.toPort}`);
  const wanted = PORTS.map(({ protocol, from, to }) => `${protocol} ${from}-${to}`);
  return is.sort().join() === wanted.sort().join();
}

/** What was asked of the cloud, and what became of it. */
export interface Calls {
  readonly all: number;
  readonly throttled: number;
  /** Carried out, and the caller never heard of it. */
  readonly lost: number;
}

const THROTTLED: readonly string[] = ["ThrottlingException", "RequestLimitExceeded"];

/** From counts by `operation/outcome`. */
export function callsOf(counts: Readonly<Record<string, number>>): Calls {
  const sum = (isMeant: (outcome: string) => boolean): number =>
    Object.entries(counts).reduce((total, [key, count]) => {
      const outcome = key.slice(key.indexOf("/") + 1);
      return isMeant(outcome) ? total + count : total;
    }, 0);
  return {
    all: sum(() => true),
    throttled: sum((outcome) => THROTTLED.includes(outcome)),
    lost: sum((outcome) => outcome === "dropped"),
  };
}
