/** Replies about instances, their leases and what happened to them. */
import { z } from "zod";
import {
  type EventView,
  FLEET_ITSELF,
  type InstanceView,
  type LeaseView,
} from "../../../durable/rules/views.ts";
import { CHAINS } from "../../../durable/rules/audit.ts";
import { mayLack } from "../may-lack.ts";
import type { ChainVerdict } from "../verify-audit.ts";
import { count, nextCursor, thing, tied, time } from "./thing.ts";
import { occupancy, phase } from "./words.ts";

const addresses = thing("Addresses", "How a server is reached.", {
  public: z.string().nullable(),
  private: z.string().nullable(),
  ipv6: z.string().nullable(),
});

/** How a server is asked: in an instance, and in a dry run for all that are asked alike. */
export const askedFields = {
  by: z
    .enum(["spec", "built", "both"])
    .describe(
      "`spec`: as the spec says. `built`: as an earlier spec said, for which it was built. `both`: so, and the spec's own way is tried until it answers.",
    ),
  port: z.number(),
  path: z.string(),
  sessionsPointer: z.string(),
  header: z.string().nullable().describe("The name of the header that goes with it."),
  host: z.string().nullable(),
  drain: z.boolean().describe("Deletion waits for the server's own word that it drains."),
};

export const instance = tied<InstanceView>()(
  thing("Instance", "One Lightsail instance of a fleet.", {
    name: z.string(),
    phase,
    step: z
      .enum(["create", "address", "ports", "health", "drain", "delete"])
      .nullable()
      .describe("The call that it waits for."),
    attempts: count,
    nextAttemptAt: time.nullable(),
    lastError: z.string().nullable(),
    occupancy,
    sessions: count,
    capacity: count.describe("So many sessions it can hold."),
    asked: thing("Asked", "How a server is asked for its sessions.", askedFields),
    leased: count.describe("Slots of it that leases hold."),
    addresses,
    zone: z.string(),
    arn: z.string().nullable(),
    createdAt: time.nullable(),
    readyAt: time.nullable(),
    idleSince: time.nullable(),
    busySince: time.nullable(),
    lastReadingAt: time.nullable(),
    idleReadings: z
      .array(time)
      .describe("When each of the last idle readings began: a decision would stand on these."),
    paidUntil: time.nullable(),
    drainReason: z.enum(["surplus", "replace", "operator", "fleet"]).nullable(),
    drainThen: z
      .enum(["delete", "hold"])
      .nullable()
      .describe("What becomes of it at the end of an operator's drain."),
    saysDraining: z.boolean().describe("Its own word: it takes no more sessions."),
    protected: z.boolean(),
    protectedBy: z.string().nullable().describe("The name of a token, or `tag`."),
    bundle: z.string().nullable().describe("What it is billed as."),
    adopted: z.boolean().describe("It was found or taken over, not made by this ledger."),
    outdated: z.boolean().describe("It is of an older template, or too old."),
    goneAt: time.nullable(),
  }),
);

export const event = tied<EventView>()(
  thing("Event", "An entry of the audit trail.", {
    id: count,
    at: time,
    kind: z.string(),
    instance: z.string().nullable(),
    actor: z
      .string()
      .describe(
        `\`token:\` and the name of a token, \`access:\` and a mail address, \`access-service:\` and a service token of Access, or \`${FLEET_ITSELF}\` if the fleet itself acted.`,
      ),
    message: z.string(),
    data: z.record(z.string(), z.unknown()).describe("The numbers of the decision."),
    hash: z
      .string()
      .nullable()
      .describe(
        "SHA-256 over the hash before it and this entry; null in an entry from before there were hashes.",
      ),
  }),
);

export const lease = tied<LeaseView>()(
  thing("Lease", "A dispatcher's claim on one slot of a server.", {
    id: z
      .string()
      .describe("Whole for who took it and for operators; for others its first half and `…`."),
    key: z.string().nullable(),
    instance: z.string().describe("The name of its server."),
    zone: z.string().nullable(),
    addresses,
    phase: phase.describe("Of its server: `ready` when the lease was given."),
    state: z
      .enum(["held", "used"])
      .describe("`used` once its holder said that its session is on the server."),
    actor: z.string().describe("Who took it: only that one, or an operator, changes it."),
    givenAt: time,
    usedAt: time.nullable(),
    expiresAt: time.describe("No session may be placed under it from then on."),
  }),
);

export const instanceList = thing("InstanceList", "Instances of a fleet.", {
  instances: z.array(instance),
  nextCursor,
});

export const instanceHistory = thing("InstanceHistory", "One instance, and what happened to it.", {
  instance,
  events: z.array(event).describe("The newest first."),
});

export const acted = thing("Acted", "The instance after what was done with it.", {
  instance: instance.nullable().describe("Null where a tick must look at it first."),
});

const chainVerdict = tied<ChainVerdict>()(
  thing("ChainVerdict", "Whether the hashes of the audit trail follow from each other.", {
    holds: z.boolean(),
    checked: count.describe("Entries whose hash was followed."),
    unchained: count.describe("Entries from before there were hashes: nothing vouches for them."),
    break: thing("ChainBreak", "Where a chain breaks first.", {
      chain: z.enum(CHAINS).nullable().describe("Null where an entry belongs to no chain."),
      eventId: count,
      why: z.string(),
    }).nullable(),
    heads: z
      .array(
        thing("ChainHead", "The newest entry of a chain.", {
          chain: z.string(),
          eventId: count,
          hash: z.string(),
        }),
      )
      .describe("Compare them with a copy that you keep elsewhere."),
  }),
);

export const eventList = thing("EventList", "Events, the newest first.", {
  events: z.array(event),
  nextCursor: count.nullable().describe("The `cursor` of the next page; null at the end."),
  chain: mayLack(chainVerdict).describe("Only with `verify=true`."),
});

export const leases = thing("Leases", "The leases that were given.", { leases: z.array(lease) });

export const leaseList = thing("LeaseList", "Leases that live, the oldest first.", {
  leases: z.array(lease),
  nextCursor,
});

export const released = thing("Released", "The slot is free.", { released: z.literal(true) });
