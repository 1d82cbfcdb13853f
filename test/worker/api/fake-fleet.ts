/** The objects behind the API, as a world of the tests has them. */
import type { DirectoryApi, FleetApi } from "../../../durable/rules/views.ts";
import { byName } from "../../../durable/rules/pages.ts";
import { fakeBooks } from "./fake-books.ts";
import { foreignLease, noInstance, noLease, noOverride } from "./fake-refusals.ts";
import type { World } from "./fakes.ts";
import { dryRun, history, lease, override, readings, schedule, status, target } from "./views.ts";

const NEVER = new Promise<never>(() => undefined);

/** The directory of a world: it lists the fleets that have a status. */
export function fakeDirectory(world: World): DirectoryApi {
  const note = (method: keyof DirectoryApi, fleet: string) =>
    world.calls.push({ fleet, method, args: [] });
  return {
    register: async (fleet) => void note("register", fleet),
    forget: async (fleet) => void note("forget", fleet),
    names: async () => {
      note("names", "");
      return [...world.statuses.keys()];
    },
  };
}

/** A fleet of a world, whether it exists there or not. */
/** What a spec begins to do, in the words of the fleet. */
export const BEGINS = "It keeps 10 spares.";

export function fakeFleet(world: World, fleet: string): FleetApi {
  const exists = () => world.statuses.has(fleet);
  const note: Note = (method, ...args) => {
    world.calls.push({ fleet, method, args });
    if (world.thrown !== null) throw world.thrown;
  };
  return {
    ...fakeReads(world, fleet, exists, note),
    ...fakeOrders(world, fleet, exists, note),
    ...fakeBooks(() => world.refusal, exists, note),
    configure: async (name, spec, asked) => {
      note("configure", name, spec, asked);
      const created = !exists();
      if (world.applied !== null) return world.applied;
      world.statuses.set(fleet, status(fleet));
      world.specs.set(fleet, spec);
      return created
        ? { created, version: 1, tag: "ab12.1", begins: BEGINS }
        : { created, version: 2, tag: "ab12.2", begins: BEGINS };
    },
    visit: async () => {
      note("visit");
      return null;
    },
  };
}

type Note = (method: keyof FleetApi, ...args: unknown[]) => void;

function fakeReads(world: World, fleet: string, exists: () => boolean, note: Note) {
  const statusFor = async (method: "status" | "statusText") => {
    note(method);
    if (world.hangs) await NEVER;
    return world.statuses.get(fleet) ?? null;
  };
  return {
    status: async () => await statusFor("status"),
    statusText: async () => {
      const told = await statusFor("statusText");
      return told === null ? null : JSON.stringify(told);
    },
    metrics: async () => {
      note("metrics");
      if (world.stuck === fleet) await NEVER;
      const told = world.statuses.get(fleet);
      return told === undefined ? null : { status: told, readings: readings() };
    },
    spec: async () => {
      note("spec");
      const spec = world.specs.get(fleet);
      return spec === undefined ? null : { version: 1, tag: "ab12.1", spec };
    },
    instances: async (filter, page) => {
      note("instances", filter, page);
      if (!exists()) return null;
      const all = [...world.instances.values()];
      const after = page?.after ?? null;
      return all
        .filter(({ name }) => after === null || byName(name, after) > 0)
        .slice(0, page?.limit);
    },
    instance: async (name) => {
      note("instance", name);
      const found = world.instances.get(name);
      return found === undefined || !exists() ? null : { instance: found, events: [] };
    },
    events: async (query) => {
      note("events", query);
      return exists() ? world.events.slice(0, query.limit) : null;
    },
    audit: async (afterId) => {
      note("audit", afterId);
      return exists() ? { chains: [], rows: [] } : null;
    },
    overrides: async () => {
      note("overrides");
      return exists() ? [...world.overrides.values()] : null;
    },
    history: async (hours) => {
      note("history", hours);
      return exists() ? history() : null;
    },
    leases: async (asked) => {
      note("leases", asked);
      return exists() ? [...world.leases.values()] : null;
    },
    schedule: async () => {
      note("schedule");
      return exists() ? schedule() : null;
    },
    dryRun: async (name, spec) => {
      note("dryRun", name, spec);
      return world.refusal ?? dryRun(!exists());
    },
  } satisfies Partial<FleetApi>;
}

function fakeOrders(world: World, fleet: string, exists: () => boolean, note: Note) {
  const unknown = {
    refused: { status: 404, title: "No such fleet", detail: `There is no fleet ${fleet}.` },
  } as const;
  return {
    book: async (booking, asked) => {
      note("book", booking, asked);
      if (world.refusal !== null) return world.refusal;
      return exists() ? { override: override("8"), target: target() } : unknown;
    },
    endOverride: async (id, asked) => {
      note("endOverride", id, asked);
      return exists() && world.overrides.has(id) ? target() : noOverride(id);
    },
    endOverrides: async (asked) => {
      note("endOverrides", asked);
      return exists() ? target() : unknown;
    },
    judgeTag: async (verdict, asked) => {
      note("judgeTag", verdict, asked);
      if (world.refusal !== null) return world.refusal;
      return exists() ? target() : unknown;
    },
    pause: async (what, options, asked) => {
      note("pause", what, options, asked);
      return exists() ? [] : unknown;
    },
    resume: async (what, asked) => {
      note("resume", what, asked);
      return exists() ? [] : unknown;
    },
    act: async (name, action, asked) => {
      note("act", name, action, asked);
      if (world.acted !== null) return world.acted;
      const found = world.instances.get(name);
      return !exists() || found === undefined ? noInstance(name) : { instance: found };
    },
    lease: async (wish, asked) => {
      note("lease", wish, asked);
      if (!exists()) return unknown;
      if (world.noSpare !== null) return world.noSpare;
      const known = [...world.leases.values()].filter(({ key }) => key === wish.key);
      const repeated = wish.key !== null && known.length > 0;
      return { leases: repeated ? known : [lease("8")], repeated };
    },
    renewLease: async (id, change, asked) => {
      note("renewLease", id, change, asked);
      if (world.foreign === id) return foreignLease(id);
      return world.leases.get(id) ?? noLease(id);
    },
    releaseLease: async (id, asked) => {
      note("releaseLease", id, asked);
      if (world.foreign === id) return foreignLease(id);
      return world.leases.has(id) ? { released: true } : noLease(id);
    },
    reconcile: async (asked) => {
      note("reconcile", asked);
      if (world.hangs) await NEVER;
      return exists() ? { scheduled: true } : unknown;
    },
    remove: async (options, asked) => {
      note("remove", options, asked);
      return exists() ? { removing: true, forgotten: false, waitsForAws: null } : unknown;
    },
  } satisfies Partial<FleetApi>;
}
