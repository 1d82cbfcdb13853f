/** The words of the API that stand in more than one thing. Each is a table's keys: a new one does not compile without its line. */
import { z } from "zod";
import type { GuardName, Occupancy, Pausable, Phase } from "../../../durable/rules/model.ts";
import type { AlertKind } from "../../../durable/rules/spec.ts";
import type { TargetSource } from "../../../durable/rules/target-views.ts";

type Said = { readonly error: (issue: { readonly input?: unknown }) => string };

type Table<Word extends string> = { readonly [Each in Word]: Each };

const PHASES: Table<Phase> = {
  planned: "planned",
  starting: "starting",
  configuring: "configuring",
  warming: "warming",
  ready: "ready",
  draining: "draining",
  deleting: "deleting",
  gone: "gone",
  lost: "lost",
};

const OCCUPANCIES: Table<Occupancy> = { idle: "idle", busy: "busy", unknown: "unknown" };

const PAUSABLES: Table<Pausable> = {
  launch: "launch",
  retire: "retire",
  schedule: "schedule",
  rollout: "rollout",
};

const SOURCES: Table<TargetSource> = {
  override: "override",
  specialDay: "specialDay",
  tag: "tag",
  schedule: "schedule",
  default: "default",
};

const GUARDS: Table<GuardName> = {
  maxInstances: "maxInstances",
  maxMonthlyUsd: "maxMonthlyUsd",
  maxLaunchesPerTick: "maxLaunchesPerTick",
  maxLaunchesPerHour: "maxLaunchesPerHour",
  maxDeletesPerTick: "maxDeletesPerTick",
  maxDeletesPerHour: "maxDeletesPerHour",
  failedBoots: "failedBoots",
  blindEyes: "blindEyes",
  noListing: "noListing",
  quota: "quota",
  zoneCapacity: "zoneCapacity",
  credentials: "credentials",
  awsRequestRate: "awsRequestRate",
  paused: "paused",
  protected: "protected",
  rollout: "rollout",
  silentServers: "silentServers",
  rejected: "rejected",
  createFailing: "createFailing",
  portsFailing: "portsFailing",
  tagsFailing: "tagsFailing",
  deleteFailing: "deleteFailing",
  drainFailing: "drainFailing",
  targetTagFailing: "targetTagFailing",
  tagUnread: "tagUnread",
  leasesPerToken: "leasesPerToken",
  leaseMaxSeconds: "leaseMaxSeconds",
};

export const PHASE_WORDS = Object.values(PHASES);
export const PAUSABLE_WORDS = Object.values(PAUSABLES);

/** With words of its own for what is none of them. */
export function phaseOf(said?: Said) {
  return z.enum(PHASES, said);
}

export const phase = phaseOf().meta({
  id: "Phase",
  description: "Where an instance is in its life.",
});

export const occupancy = z.enum(OCCUPANCIES).meta({
  id: "Occupancy",
  description: "What its media server last said; unknown where that is too old, or never was.",
});

/** With words of its own for what is none of them. */
export function pausableOf(said?: Said) {
  return z.enum(PAUSABLES, said);
}

export const targetSource = z.enum(SOURCES).meta({
  id: "TargetSource",
  description: "Where a target comes from, highest first: the first that has a value wins.",
});

export const guardName = z.enum(GUARDS).meta({
  id: "GuardName",
  description: "A limit that holds the fleet back from harm.",
});

const ALERTS: Table<AlertKind> = {
  noSpares: "noSpares",
  noTick: "noTick",
  blindEyes: "blindEyes",
  credentials: "credentials",
  failedBoots: "failedBoots",
  guard: "guard",
  spend: "spend",
  lost: "lost",
  stranger: "stranger",
  unread: "unread",
  rival: "rival",
  adopted: "adopted",
  busyForLong: "busyForLong",
  unknownForLong: "unknownForLong",
  drainingForLong: "drainingForLong",
  protectedForLong: "protectedForLong",
  pausedForLong: "pausedForLong",
  rollout: "rollout",
  forced: "forced",
  tag: "tag",
};

export const alertKind = z.enum(ALERTS).meta({
  id: "AlertKind",
  description: "A kind of trouble that people are told of.",
});

export const mode = z.enum(["active", "observe"]);
