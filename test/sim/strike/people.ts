/** What people do, rightly or not. */
import { type Built, BUILDS, lineFor } from "../world/built.ts";
import { FLEET, REGION, TAG, type World } from "../world/world.ts";
import { changedSchedule } from "./schedules.ts";
import type { Strike } from "./striker.ts";

const MINUTE_MS = 60_000;
const OLD_MS = 60_000;
const PATH = `/v1/fleets/${FLEET}`;
const VALUES = ["0", "1", "2", "3", "4", "6", "8", "2+20%", "1+50%"] as const;
const GARBAGE = ["", "ten", "-3", "999999999999", "10%", "1 0", "NaN", "3.5"] as const;
const PAUSABLE = ["launch", "retire"] as const;

function valueOf(n: number): string {
  return VALUES[n % VALUES.length] ?? "1";
}

function setTag(world: World, value: string | null): void {
  if (value !== null) world.targetTexts.add(value);
  world.cloud.setEc2Tag(REGION, TAG.resource, TAG.key, value);
}

function asked(request: (n: number, forMs: number) => readonly [string, string, unknown?]): Strike {
  return ({ world, fired }, { fault, n, forMs }) => {
    fired(fault);
    void world.ask(...request(n, forMs));
  };
}

/** Ways in which an operator changes a spec; each gives the keys that are different. */
const CHANGES: readonly ((spec: Readonly<Record<string, unknown>>, n: number) => object)[] = [
  (spec, n) => ({
    ports: [openFor(builtOf(spec)), { protocol: "udp", from: 10_000, to: 10_000 + (n % 50) }],
  }),
  (spec, n) => ({ userData: userDataOf(n, builtOf(spec)) }),
  (spec, n) => {
    const spares = objectOf(spec["spares"]);
    // A default beyond the bounds would be refused.
    return "min" in spares ? {} : { spares: { ...spares, default: valueOf(n) } };
  },
  (spec, n) => ({ limits: { ...objectOf(spec["limits"]), maxInstances: 3 + (n % 30) } }),
  (spec) => ({ mode: spec["mode"] === "observe" ? "active" : "observe" }),
  (_spec, n) => ({ tags: { team: `media-${n % 3}` } }),
];

/** Where the servers of the spec's image answer. */
function builtOf(spec: Readonly<Record<string, unknown>>): Built {
  const { port } = { port: 0, ...objectOf(spec["health"]) };
  return BUILDS.find((built) => built.port === port) ?? BUILDS[0];
}

function userDataOf(n: number, built: Built): string {
  return `#!/bin/sh\necho ${n % 5}\n${lineFor(built)}`;
}

function openFor({ port }: Built): object {
  return { protocol: "tcp", from: port, to: port };
}

/** Another image, whose servers are asked in another way; the port of those that run may be closed by it. */
function rebuilt(spec: Readonly<Record<string, unknown>>, n: number): object {
  const before = builtOf(spec);
  const built = BUILDS[n % BUILDS.length] ?? BUILDS[0];
  const ports =
    n % 2 === 0 && built !== before ? [openFor(before), openFor(built)] : [openFor(built)];
  const health = { ...objectOf(spec["health"]), ...built };
  return { userData: userDataOf(n, built), health, ports };
}

function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** Any name of the ledger, live or not. */
function rowName(world: World, n: number): string | null {
  if (world.fleetRow("name").length === 0) return null;
  const rows = world.sql.rows("SELECT name FROM instances ORDER BY phase = 'gone', name LIMIT 40");
  const row = rows[n % Math.max(1, rows.length)];
  return row === undefined ? null : String(row["name"]);
}

function onOne(request: (path: string, n: number) => readonly [string, string, unknown?]): Strike {
  return ({ world, fired }, { fault, n }) => {
    const name = rowName(world, n);
    if (name === null) return;
    fired(fault);
    void world.ask(...request(`${PATH}/instances/${name}`, n));
  };
}

const INTRUSIONS: readonly (readonly [string, string, unknown?])[] = [
  ["DELETE", `${PATH}?confirm=${FLEET}&force=true`],
  ["PUT", `${PATH}/target`, { spares: "0", expiresInSeconds: 600, reason: "intruder" }],
  ["POST", `${PATH}/pause`, { reason: "intruder" }],
  ["PUT", PATH, { region: "us-east-1" }],
  ["GET", `${PATH}/spec`],
  ["POST", `${PATH}/reconcile`],
  ["POST", `${PATH}/instances/media-1/adopt`],
];

/** Overrides of the ledger, whether they have begun or not. */
function overrideId(world: World, n: number): string | null {
  if (world.fleetRow("name").length === 0) return null;
  const rows = world.sql.rows("SELECT id FROM overrides ORDER BY startsAt, id");
  const row = rows[n % Math.max(1, rows.length)];
  return row === undefined ? null : String(row["id"]);
}

function isoAt(world: World, minutes: number): string {
  return new Date(world.objectNow + minutes * MINUTE_MS).toISOString();
}

export const PEOPLE = {
  override: ({ world, fired }, { fault, n, forMs }) => {
    fired(fault);
    world.targetTexts.add(valueOf(n));
    const body = {
      spares: valueOf(n),
      expiresInSeconds: 60 + Math.floor(forMs / 250),
      reason: "a concert",
    };
    void world.ask("PUT", `${PATH}/target`, body);
  },
  overrideBooked: ({ world, fired }, { fault, n, forMs }) => {
    fired(fault);
    const spares = n % 4 === 0 ? `total:${2 + (n % 9)}` : valueOf(n);
    world.targetTexts.add(spares);
    const inMinutes = 1 + (n % 25);
    const from = isoAt(world, inMinutes);
    const until = isoAt(world, inMinutes + 1 + Math.floor(forMs / 15_000));
    const end = n % 2 === 0 ? { until } : { expiresInSeconds: 30 + Math.floor(forMs / 250) };
    const body = { spares, from, ...end, reason: `a concert ${n % 3}` };
    void world.ask("POST", `${PATH}/overrides`, body);
  },
  overrideTotal: ({ world, fired }, { fault, n, forMs }) => {
    fired(fault);
    const spares = `total:${2 + (n % 9)}`;
    world.targetTexts.add(spares);
    const body = { spares, expiresInSeconds: 60 + Math.floor(forMs / 250), reason: "a fair" };
    const [method, route] = n % 2 === 0 ? ["PUT", "target"] : ["POST", "overrides"];
    void world.ask(method, `${PATH}/${route}`, body);
  },
  overrideEnded: ({ world, fired }, { fault, n }) => {
    const id = overrideId(world, n);
    if (id === null) return;
    fired(fault);
    void world.ask("DELETE", `${PATH}/overrides/${id}`);
  },
  schedulePaused: asked((n, forMs) => {
    const end = n % 3 === 0 ? {} : { expiresInSeconds: 30 + Math.floor(forMs / 500) };
    return ["POST", `${PATH}/pause`, { what: ["schedule"], ...end, reason: "maintenance" }];
  }),
  scheduleChanged: ({ world, fired, putSpec }, { fault, n }) => {
    fired(fault);
    world.want({ spares: changedSchedule(objectOf(world.wanted["spares"]), n, world.now) });
    putSpec();
  },
  tagToOld: ({ world, fired }, { fault }) => {
    fired(fault);
    const tags = world.cloud.ec2Tags.of(REGION, TAG.resource, world.now - OLD_MS);
    setTag(world, tags.get(TAG.key) ?? null);
  },
  endOverrides: asked(() => ["DELETE", `${PATH}/target`]),
  tagChanged: ({ world, fired }, { fault, n }) => {
    fired(fault);
    setTag(world, valueOf(n));
  },
  tagGarbage: ({ world, fired }, { fault, n }) => {
    fired(fault);
    setTag(world, GARBAGE[n % GARBAGE.length] ?? "");
  },
  tagMissing: ({ world, fired }, { fault }) => {
    fired(fault);
    setTag(world, null);
  },
  specChanged: ({ world, fired, putSpec }, { fault, n }) => {
    const change = CHANGES[n % CHANGES.length];
    if (change === undefined) return;
    fired(fault);
    world.want(change(world.wanted, Math.floor(n / CHANGES.length)));
    putSpec();
  },
  healthChanged: ({ world, fired, putSpec }, { fault, n }) => {
    fired(fault);
    world.want(rebuilt(world.wanted, n));
    putSpec();
  },
  pause: asked((n, forMs) => {
    const what = n % 3 === 0 ? {} : { what: [PAUSABLE[n % 2]] };
    const end = n % 2 === 0 ? {} : { expiresInSeconds: 30 + Math.floor(forMs / 1000) };
    return ["POST", `${PATH}/pause`, { ...what, ...end, reason: "maintenance" }];
  }),
  resume: asked(() => ["POST", `${PATH}/resume`]),
  reconcile: asked(() => ["POST", `${PATH}/reconcile`]),
  remove: ({ world, fired, lasting, putSpec }, { fault, n, forMs }) => {
    const force = n % 4 === 0;
    fired(fault);
    if (force) world.removesByForce = true;
    void world.ask("DELETE", `${PATH}?confirm=${FLEET}${force ? "&force=true" : ""}`);
    lasting(forMs * 3, putSpec);
  },
  protect: onOne((name) => ["POST", `${name}/protect`]),
  unprotect: onOne((name) => ["POST", `${name}/unprotect`]),
  drainOne: onOne((name, n) => ["POST", `${name}/drain`, n % 3 === 0 ? { then: "hold" } : {}]),
  undrainOne: onOne((name) => ["POST", `${name}/undrain`]),
  deleteOne: ({ world, fired }, { fault, n }) => {
    const name = rowName(world, n);
    if (name === null) return;
    fired(fault);
    const force = n % 3 === 0;
    const path = `${PATH}/instances/${name}/delete`;
    if (!force) return void world.ask("POST", path);
    const isNew = !world.forced.has(name);
    world.forced.add(name);
    const ask = async (): Promise<void> => {
      const status = await world.ask("POST", path, { force, reason: "it hangs" });
      if (isNew && status >= 400 && status < 500) world.forced.delete(name);
    };
    void ask();
  },
  adopt: ({ world, fired, createByPerson }, { fault, n }) => {
    fired(fault);
    const name = n % 4 === 0 ? `media-nobodys-${n}` : `by-hand-${n}`;
    if (n % 4 !== 0) createByPerson(name);
    world.targetOfAdoption.add(name);
    world.timers.after(1 + (n % 90) * 1_000, () => {
      if (!world.isHealed) void world.ask("POST", `${PATH}/instances/${name}/adopt`);
    });
  },
  intruder: ({ world, fired }, { fault, n }) => {
    fired(fault);
    const [method, path, body] = INTRUSIONS[n % INTRUSIONS.length] ?? ["GET", PATH];
    void world.ask(method, path, body, n % 2 === 0 ? "viewer" : "none");
  },
} as const satisfies Record<string, Strike>;
