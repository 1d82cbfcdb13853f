/** An API with fleets that live in memory: steerable, and every call on them is written down. */
import type { Spec } from "../../../durable/rules/spec.ts";
import type { OverrideView } from "../../../durable/rules/target-views.ts";
import type {
  Acted,
  Applied,
  DirectoryApi,
  EventView,
  FleetApi,
  InstanceView,
  LeaseView,
  NoSpare,
  Refusal,
  Status,
} from "../../../durable/rules/views.ts";
import { createApi } from "../../../worker/api/app.ts";
import type { AccessJudge } from "../../../worker/api/access.ts";
import type { Token } from "../../../worker/api/auth.ts";
import { createPage } from "../../../worker/dashboard/page.ts";
import type { LogEntry } from "../../../worker/api/deps.ts";
import { doctorReport, fakeBooks } from "./fake-books.ts";
import { noInstance, noLease, noOverride } from "./fake-refusals.ts";
import { held } from "./held.ts";
import {
  dryRun,
  history,
  instance,
  lease,
  override,
  readings,
  schedule,
  status,
  target,
} from "./views.ts";

export const NOW = Date.parse("2026-11-22T10:00:00.000Z");

export const TOKENS: readonly Token[] = [
  { name: "vera", role: "viewer", value: "viewer-token" },
  { name: "dan", role: "dispatcher", value: "dispatcher-token" },
  { name: "olga", role: "operator", value: "operator-token" },
];

/** The least that a spec must say. */
export const LEAST = {
  region: "ap-northeast-2",
  image: { blueprint: "ubuntu_22_04" },
  bundle: "medium_3_0",
  health: { port: 8080, path: "/health" },
  limits: { maxInstances: 100 },
};

export interface Recorded {
  readonly fleet: string;
  readonly method: keyof FleetApi | keyof DirectoryApi;
  readonly args: readonly unknown[];
}

const NEVER = new Promise<never>(() => undefined);

const READS: ReadonlySet<string> = new Set([
  "status",
  "metrics",
  "spec",
  "instances",
  "instance",
  "events",
  "overrides",
  "leases",
  "schedule",
  "history",
  "dryRun",
  "checkup",
  "cost",
  "names",
]);

export interface World {
  readonly calls: Recorded[];
  readonly log: LogEntry[];
  readonly statuses: Map<string, Status>;
  readonly specs: Map<string, Spec>;
  readonly instances: Map<string, InstanceView>;
  readonly events: EventView[];
  readonly overrides: Map<string, OverrideView>;
  readonly leases: Map<string, LeaseView>;
  /** What is answered instead of leases; null where there are spares. */
  noSpare: NoSpare | null;
  now: number;
  /** Thrown by the next calls on any fleet, until it is null again. */
  thrown: Error | null;
  applied: Applied | null;
  /** What an action on an instance comes to; null for the instance of that name, or a 404. */
  acted: Acted | null;
  /** What bookings and dry runs are refused with; null where they are not. */
  refusal: Refusal | null;
  /** Whether status and reconcile never answer. */
  hangs: boolean;
  /** The fleet that never tells its metrics; null where all do. */
  stuck: string | null;
}

/** Calls that change something. */
export function changes(world: World): Recorded[] {
  return world.calls.filter(({ method }) => !READS.has(method));
}

export function createWorld(): World {
  return {
    calls: [],
    log: [],
    statuses: new Map([["media", status("media")]]),
    specs: new Map(),
    instances: new Map([["media-ab12-1", instance("media-ab12-1")]]),
    events: [],
    overrides: new Map([["7", override("7")]]),
    leases: new Map([["7", lease("7")]]),
    noSpare: null,
    now: NOW,
    thrown: null,
    applied: null,
    acted: null,
    refusal: null,
    hangs: false,
    stuck: null,
  };
}

/** The API over a world, and a short way to call it as an operator. */
export function serve(
  world: World,
  tokens: readonly Token[] = TOKENS,
  access: AccessJudge | null = null,
) {
  const api = createApi({
    tokens,
    access,
    fleet: (name) => fakeFleet(world, name),
    directory: () => fakeDirectory(world),
    doctor: async (patient) => doctorReport(patient),
    page: createPage({ shell: "<title>a page</title>", files: {} }),
    now: () => world.now,
    log: (entry) => world.log.push(entry),
  });
  const app = held(api);
  const call = async (method: string, path: string, body?: unknown, token = "operator-token") =>
    await app.request(path, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return { app, call };
}

/** The errors of a problem as `field: message`, to be looked at in one go. */
export async function errorsOf(response: Response): Promise<string[]> {
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null || !("errors" in body)) return [];
  const errors = body.errors as readonly { field: string; message: string }[];
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

function fakeDirectory(world: World): DirectoryApi {
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

function fakeFleet(world: World, fleet: string): FleetApi {
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
        ? { created, version: 1, tag: "ab12.1" }
        : { created, version: 2, tag: "ab12.2" };
    },
    visit: async () => {
      note("visit");
      return null;
    },
  };
}

type Note = (method: keyof FleetApi, ...args: unknown[]) => void;

function fakeReads(world: World, fleet: string, exists: () => boolean, note: Note) {
  return {
    status: async () => {
      note("status");
      if (world.hangs) await NEVER;
      return world.statuses.get(fleet) ?? null;
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
      return exists() ? [...world.instances.values()].slice(0, page?.limit) : null;
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
    overrides: async () => {
      note("overrides");
      return exists() ? [...world.overrides.values()] : null;
    },
    history: async (hours) => {
      note("history", hours);
      return exists() ? history() : null;
    },
    leases: async () => {
      note("leases");
      return exists() ? [...world.leases.values()] : null;
    },
    schedule: async (days) => {
      note("schedule", days);
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
    renewLease: async (id, change) => {
      note("renewLease", id, change);
      return world.leases.get(id) ?? noLease(id);
    },
    releaseLease: async (id) => {
      note("releaseLease", id);
      return world.leases.has(id) ? { released: true } : noLease(id);
    },
    reconcile: async (asked) => {
      note("reconcile", asked);
      if (world.hangs) await NEVER;
      return exists() ? { scheduled: true } : unknown;
    },
    remove: async (options, asked) => {
      note("remove", options, asked);
      return exists() ? { removing: true } : unknown;
    },
  } satisfies Partial<FleetApi>;
}
