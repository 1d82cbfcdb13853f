/** The spec as the ledger keeps it: what a person writes (`../spec.ts`), with every default filled in. */
import { z } from "zod";
import type { ShownSpec } from "../../../durable/rules/launch-script-shown.ts";
import { mayLack } from "../may-lack.ts";
import { count, thing, tied } from "./thing.ts";
import { alertKind, mode } from "./words.ts";

const image = z.union([
  z.strictObject({ blueprint: z.string() }),
  z.strictObject({ snapshot: z.string() }),
]);

const portRule = thing("PortRule", "Ports that are open, and for whom.", {
  protocol: z.enum(["tcp", "udp", "icmp", "icmpv6", "all"]),
  from: z.int(),
  to: z.int(),
  cidrs: mayLack(z.array(z.string())),
  ipv6Cidrs: mayLack(z.array(z.string())),
  cidrListAliases: mayLack(z.array(z.string())),
});

const scheduleEntry = z.strictObject({
  name: z.string().nullable(),
  cron: z.string(),
  timezone: z.string(),
  spares: z.string(),
  until: z.string().nullable(),
});

const specialDay = z.strictObject({
  name: z.string(),
  from: z.string(),
  until: z.string(),
  timezone: z.string(),
  spares: z.string(),
});

const health = z.strictObject({
  kind: z.literal("http"),
  port: count,
  path: z.string(),
  sessionsPointer: z.string(),
  capacity: count,
  intervalSeconds: z.number(),
  timeoutSeconds: z.number(),
  header: z.strictObject({ name: z.string(), secretRef: z.string() }).nullable(),
  host: z.string().nullable(),
  drain: z
    .strictObject({
      method: z.enum(["POST", "PUT"]),
      path: z.string(),
      secretRef: z.string(),
    })
    .nullable(),
  nameRequired: z.boolean(),
});

const alerts = z.strictObject({
  kinds: z.partialRecord(alertKind, z.enum(["page", "tell", "off"])),
  busyForHours: z.number(),
  unknownForMinutes: z.number(),
  drainingForHours: z.number(),
  protectedForHours: z.number(),
  pausedForHours: z.number(),
});

const limits = z.strictObject({
  maxInstances: count,
  maxMonthlyUsd: z.number().nullable(),
  maxVcpus: count.nullable(),
  maxLaunchesPerTick: count,
  maxDeletesPerTick: count,
  maxLaunchesPerHour: count,
  maxDeletesPerHour: count,
  jumpMax: z.number(),
  leasesPerToken: z.number().nullable(),
  leaseMaxSeconds: z.number(),
  unknownShareMax: z.number(),
  failedBoots: z.strictObject({ count, openSeconds: z.number() }),
});

const storedSpec = tied<ShownSpec>()(
  thing(
    "StoredSpec",
    "A spec with every default. As an operator reads it, it can be put again as it is.",
    {
      mode,
      timezone: z.string(),
      region: z.string(),
      availabilityZones: z.array(z.string()),
      image,
      bundle: z.string(),
      userData: z
        .union([
          z.string(),
          z.strictObject({ sha256: z.string(), bytes: count }).describe("For all but operators."),
        ])
        .describe("The launch script."),
      keyPair: z.string().nullable(),
      ports: z.array(portRule),
      tags: z.record(z.string(), z.string()),
      spares: z.strictObject({
        default: z.string(),
        min: count,
        max: count,
        tag: z.strictObject({ resource: z.string(), key: z.string() }).nullable(),
        schedule: z.array(scheduleEntry),
        specialDays: z.array(specialDay),
      }),
      adopt: z.strictObject({ ports: z.boolean() }),
      health,
      retire: z.strictObject({
        idleForSeconds: z.number(),
        confirmations: count,
        drainSeconds: z.number(),
        billing: z.enum(["hour", "none"]),
      }),
      rollout: z.strictObject({
        canary: count,
        maxSurge: count,
        maxAgeDays: count.nullable(),
      }),
      alerts,
      limits,
      timeouts: z.strictObject({ startSeconds: z.number(), readySeconds: z.number() }),
    },
  ),
);

export const specView = thing("SpecView", "The stored spec, and its version.", {
  version: count,
  spec: storedSpec,
});

export const applied = thing("Applied", "The spec was applied.", {
  version: count,
  created: z.boolean().describe("The fleet is a new one."),
  begins: z.string().describe("What it begins to do with the next tick, in words."),
});
