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
import { doctorReport } from "./fake-books.ts";
import { fakeDirectory, fakeFleet } from "./fake-fleet.ts";
import { held } from "./held.ts";
import { instance, lease, override, status } from "./views.ts";

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

const READS: ReadonlySet<string> = new Set([
  "status",
  "statusText",
  "metrics",
  "spec",
  "instances",
  "instance",
  "events",
  "audit",
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
  settingsProblems: readonly string[];
  requestsPerSecond: number;
  /** The id of a lease that is another's; null where all are the asker's. */
  foreign: string | null;
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
  /** What is wrong with the secrets of a launch script. */
  scriptProblem: (script: string) => string | null;
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
    settingsProblems: [],
    requestsPerSecond: 100,
    foreign: null,
    noSpare: null,
    now: NOW,
    thrown: null,
    applied: null,
    acted: null,
    refusal: null,
    scriptProblem: () => null,
    hangs: false,
    stuck: null,
  };
}

/** The API over a world, and a short way to call it as an operator. */
export function serve(
  world: World,
  tokens: readonly Token[] = TOKENS,
  access: AccessJudge | null = null,
  changed: (fleet: FleetApi) => FleetApi = (fleet) => fleet,
) {
  const api = createApi({
    tokens,
    settingsProblems: world.settingsProblems,
    requestsPerSecond: world.requestsPerSecond,
    access,
    fleet: (name) => changed(fakeFleet(world, name)),
    directory: () => fakeDirectory(world),
    doctor: async (patient) => doctorReport(patient),
    scriptProblem: (script) => world.scriptProblem(script),
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
