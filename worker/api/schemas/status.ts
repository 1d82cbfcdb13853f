/** Replies about a fleet as a whole. */
import { z } from "zod";
import { mayLack } from "../may-lack.ts";
import type { Removal } from "../../../durable/rules/removal-views.ts";
import { TONES, type Verdict, VERDICTS } from "../../../durable/rules/verdict-views.ts";
import type { BlockerView, PauseView, Status } from "../../../durable/rules/views.ts";
import { target } from "./target.ts";
import { count, nextCursor, thing, tied, time, usd } from "./thing.ts";
import { alertKind, guardName, mode, pausableOf } from "./words.ts";

const blockerMembers = {
  guard: guardName,
  value: z.number().nullable(),
  limit: z.number().nullable(),
  retryAt: time.nullable(),
  fix: z.string().describe("What to do about it."),
};

export const blocker = tied<BlockerView>()(
  thing("Blocker", "A guard that holds the fleet back now.", { ...blockerMembers, since: time }),
);

/** In a dry run nothing has begun. */
export const foreseenBlocker = tied<Omit<BlockerView, "since">>()(
  thing("ForeseenBlocker", "A guard that would hold the fleet back.", blockerMembers),
);

export const pauseView = tied<PauseView>()(
  thing("Pause", "A part of the fleet's work that is held back.", {
    what: pausableOf(),
    since: time,
    until: time.nullable().describe("Null until it is resumed."),
    reason: z.string(),
    actor: z.string(),
  }),
);

export const paused = thing("Paused", "What is paused now.", { paused: z.array(pauseView) });

const pausedFleet = thing("PausedFleet", "What is paused of one fleet of many.", {
  name: z.string(),
  answered: z.boolean().describe("False where its object could not be asked."),
  paused: z.array(pauseView).nullable(),
});

export const pausedAll = thing("PausedAll", "What is paused now, by fleet.", {
  fleets: z.array(pausedFleet),
});

export const counts = thing("Counts", "Instances; each is counted once.", {
  idle: count,
  busy: count,
  unknown: count,
  launching: count.describe("AWS has begun to make them, and they are not ready yet."),
  waiting: count.describe("Planned: their create was refused, or has not gone out yet."),
  draining: count,
  deleting: count,
  total: count,
});

const alert = thing("Alert", "A trouble that lasts, as people were told of it.", {
  kind: alertKind,
  subject: z.string(),
  severity: z.enum(["page", "tell", "off"]),
  since: time,
  what: z.string(),
  canDo: z.string(),
});

const spend = thing("Spend", "Of this calendar month in UTC, at bundle prices.", {
  spentUsd: usd.describe("What was run."),
  committedUsd: usd.describe("And what runs now, if all of it ran to the end of the month."),
  capUsd: usd.nullable().describe("It binds on committedUsd, before each launch."),
  priced: z.boolean().describe("While false, prices are not known, and both figures say nothing."),
});

const rollout = thing("Rollout", "The replacement of outdated servers.", {
  stage: z.enum(["canary", "replacing", "stopped", "paused"]),
  outdated: count,
  waitingForBusy: count.describe("Of those, the ones that wait for their sessions to end."),
  protected: count.describe("Of those, the ones that are protected, and stay."),
  oldestSince: time,
});

const lastTick = thing("Tick", "The last round of the fleet.", {
  number: count.describe(
    "Larger than that of every tick before, and no count of ticks: a restart of the object goes on a thousand or less further.",
  ),
  at: time.describe("When the last good tick ended."),
  durationMs: z.number(),
  decision: z.string(),
  error: z.string().nullable().describe("Of the last tick, if it failed."),
});

const stranger = thing(
  "Stranger",
  "An instance whose name looks like ours, and that nobody owns.",
  {
    name: z.string(),
    arn: z.string(),
    owner: z.string().nullable(),
  },
);

const unread = thing("Unread", "An instance that AWS gives in a form which cannot be read.", {
  name: z.string().nullable(),
  arn: z.string().nullable(),
  isClaimed: z.boolean().describe("It carries the fleet's owner tag."),
  what: z.string().describe("Which of its members cannot be read, and why."),
});

const eyes = thing("Eyes", "How the fleet sees its servers.", {
  intervalSeconds: z
    .number()
    .describe(
      "How often each server is asked: as the spec says, or as long as a whole round takes.",
    ),
  probeSeconds: z
    .number()
    .nullable()
    .describe("Mean time of a probe that is answered. Null until one was."),
  waiting: count.describe("Servers that waited for their turn when the last look ended."),
  listedAt: time
    .nullable()
    .describe("When the last complete listing began. Null until one was read."),
  shards: count.describe("Objects that helped to ask in the last look."),
});

const verdict = tied<Verdict>()(
  thing("Verdict", "Whether the fleet is well, and why not: the worst that is true.", {
    kind: z.enum(VERDICTS),
    title: z.string().describe("It in one or two words."),
    tone: z.enum(TONES).describe("`good` and `quiet` ask nothing of anybody; `bad` is urgent."),
    cause: z
      .strictObject({ kind: z.enum(["guard", "pause", "alert"]), name: z.string() })
      .nullable()
      .describe("What the others follow from."),
    what: z.string().describe("What is so, and why."),
    doing: z.string().nullable().describe("What Lightfleet does about it."),
    canDo: z.string().nullable().describe("What a person can do about it."),
    staleAt: time
      .nullable()
      .describe("From then on it says nothing any more: the fleet has not ticked since."),
  }),
);

export const status = tied<Status>()(
  thing("Status", "How a fleet is, what it wants, and what holds it back.", {
    fleet: z.string(),
    region: z.string(),
    timezone: z.string().describe("An IANA zone: people are shown times in it."),
    mode,
    removing: z.boolean().describe("It is being removed."),
    target,
    spares: count.describe("Room for so many more sessions on ready servers."),
    sessions: count,
    leased: count.describe("Slots that leases hold: no spares, and no sessions yet."),
    counts,
    verdict,
    converged: z.boolean().describe("As many spares as wanted, all seen, and nothing under way."),
    paused: z.array(pauseView),
    blockers: z.array(blocker),
    alerts: z.array(alert),
    notifyTrouble: z
      .string()
      .nullable()
      .describe("Why the last message to people did not get through."),
    spend,
    vcpus: z.strictObject({ used: count, limit: count.nullable() }),
    rollout: rollout.nullable().describe("Null where no server is outdated."),
    strangers: z
      .array(stranger)
      .describe("They are left alone. Servers with another deployment's owner tag are none."),
    unread: z
      .array(unread)
      .describe("They may be the fleet's, and AWS gives them in a form that cannot be read."),
    eyes,
    lastTick: lastTick.nullable(),
  }),
);

const summary = thing("FleetSummary", "A fleet in a list; nulls where it did not answer.", {
  name: z.string(),
  answered: z.boolean().describe("False where its object could not be asked."),
  region: z.string().nullable(),
  mode: mode.nullable(),
  removing: z.boolean().nullable(),
  target: z.strictObject({ spares: target.shape.spares, source: target.shape.source }).nullable(),
  spares: count.nullable(),
  sessions: count.nullable(),
  counts: counts.nullable(),
  converged: z.boolean().nullable(),
});

export type FleetSummary = z.output<typeof summary>;

export const fleetList = thing("FleetList", "The fleets, by name.", {
  fleets: z.array(summary),
  nextCursor,
});

const pulse = thing("Pulse", "Whether a fleet ticks, and sees its servers.", {
  name: z.string(),
  ok: z.boolean(),
  answered: z.boolean(),
  lastTickAt: time.nullable(),
  lastTickAgeSeconds: z.number().nullable(),
  blindSince: time
    .nullable()
    .describe("Since when AWS does not show which servers there are; null while it does."),
});

export type Pulse = z.output<typeof pulse>;

export const health = thing("Health", "Whether the fleets tick.", {
  ok: z.boolean(),
  fleets: mayLack(z.array(pulse)).describe("Only for those who show a token."),
  settings: mayLack(z.array(z.string())).describe(
    "What is wrong with the settings of tokens, without any part of one. Only for those who show a token.",
  ),
});

export const removing = tied<Removal>()(
  thing("Removing", "The removal has begun.", {
    removing: z.literal(true),
    forgotten: z.boolean().describe("The fleet is forgotten already, without AWS."),
    waitsForAws: z
      .string()
      .nullable()
      .describe(
        "Why it waits, what may go on billing, and what to do; null where AWS can be asked.",
      ),
  }),
);

export const scheduled = thing("Scheduled", "A tick comes now.", { scheduled: z.literal(true) });
