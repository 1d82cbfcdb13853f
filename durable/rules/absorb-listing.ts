/**
 * What a listing tells. Present: the row follows it. Ours without a row: adopted. Absent: only a
 * complete listing says so, and only twice. A partial listing speaks of what it holds, and of nothing else.
 */
import { ABSENT_APART_MS, ABSENT_MIN_AGE_MS, EMPTY_APART_MS, LOST_FOR_MS } from "./limits.ts";
import type { Instance } from "./model.ts";
import { occupancyOf } from "./occupancy.ts";
import { type EventDraft, type Moves, NO_MOVES, type State } from "./state.ts";
import { change, type Changes, LAUNCHING, PROBED, transition } from "./transition.ts";
import type { CloudInstance, Listing } from "./world.ts";

/** AWS's words for an instance that is on its way out; it is present, but never adopted. */
const ENDING = new Set(["shutting-down", "terminated"]);

/** AWS's words for an instance whose machine is off. A word that we do not know says nothing. */
const OFF = new Set(["stopping", "stopped"]);

export function absorbListing(state: State, listing: Listing): Moves {
  if (listing.kind === "none") return NO_MOVES;
  // Another ARN under a name of ours is another instance: ours is not there any more.
  const seen = new Map(
    listing.instances
      .filter(({ name, arn }) => [null, arn].includes(state.instances.get(name)?.arn ?? null))
      .map((instance) => [instance.name, instance]),
  );
  const rows: Instance[] = [];
  const events: EventDraft[] = [];
  const take = (row: Instance | null, event: EventDraft | null): void => {
    if (row !== null) rows.push(row);
    if (event !== null) events.push(event);
  };

  for (const instance of seen.values()) {
    const row = state.instances.get(instance.name);
    if (row === undefined || row.phase === "lost") take(...adopt(state, instance, row));
    else take(...follow(state, row, instance));
  }
  if (listing.kind === "partial")
    return {
      ...NO_MOVES,
      rows,
      events,
      memory: {
        listingTrusted: false,
        listingTrouble: listing.hole.detail,
        absentSince: unseen(state, seen),
        unlisted: new Set([...state.memory.unlisted].filter((name) => !seen.has(name))),
      },
    };

  const absentSince = new Map<string, number>();
  const unlisted = new Set<string>();
  for (const row of state.instances.values()) {
    if (seen.has(row.name)) continue;
    unlisted.add(row.name);
    const since = missedSince(state, row, listing.startedAt);
    if (since === null) continue;
    absentSince.set(row.name, since);
    take(...miss(state, row, since, listing));
  }
  const listingTrusted = !suspiciouslyEmpty(state, listing);
  const memory = {
    unlisted,
    absentSince,
    listedAt: listing.startedAt,
    listingTrusted,
    listingTrouble: null,
  };
  return { ...NO_MOVES, rows, events, state: { listed: true }, memory };
}

/** Whoever was seen is not missed, however little else the listing holds. */
function unseen(state: State, seen: ReadonlyMap<string, unknown>): ReadonlyMap<string, number> {
  return new Map([...state.memory.absentSince].filter(([name]) => !seen.has(name)));
}

type Complete = Extract<Listing, { kind: "complete" }>;
type Told = [row: Instance | null, event: EventDraft | null];

/** The row as it is after AWS was seen to hold `instance` under its name. */
export function follow(state: State, row: Instance, instance: CloudInstance): Told {
  const facts = factsOf(state, row, instance);
  if (row.phase === "planned") {
    if (ENDING.has(instance.state)) return [null, null];
    const started = transition(row, "starting", state.now, { ...facts, step: "address" });
    return [
      started,
      { kind: "created", instance: row.name, message: `${row.name} exists in ${instance.zone}` },
    ];
  }
  const hasAddress = instance.state === "running" && instance.publicIp !== null;
  if (row.phase === "starting" && hasAddress) {
    const next = transition(row, "configuring", state.now, { ...facts, step: "ports" });
    return [next, null];
  }
  const isStopped = facts.stoppedSince !== null && row.stoppedSince === null;
  return [
    differs(row, facts) ? change(row, state.now, facts) : null,
    isStopped ? stoppedEvent(row, instance) : null,
  ];
}

function stoppedEvent({ name }: Instance, { state }: CloudInstance): EventDraft {
  return { kind: "stopped", instance: name, message: `${name} is ${state}, and not by us` };
}

function factsOf(state: State, row: Instance, instance: CloudInstance): Changes {
  return {
    arn: instance.arn,
    zone: instance.zone,
    publicIp: instance.publicIp,
    privateIp: instance.privateIp,
    ipv6: instance.ipv6,
    createdAt: row.createdAt ?? Math.min(instance.createdAt, state.now),
    stoppedSince: stoppedSince(state, row, instance),
    template: instance.template ?? row.template,
  };
}

/** One that boots for us is not stopped: `boots.ts` minds it. */
function stoppedSince(state: State, row: Instance, instance: CloudInstance): number | null {
  if (!PROBED.has(row.phase)) return null;
  // Pending after it was ready: somebody has started it again. An adopted one may never have started.
  const isOff = OFF.has(instance.state) || (row.adopted && instance.state === "pending");
  return isOff ? (row.stoppedSince ?? state.now) : null;
}

function differs(row: Instance, facts: Changes): boolean {
  const before: Readonly<Record<string, unknown>> = { ...row };
  return Object.entries(facts).some(([key, value]) => before[key] !== value);
}

/** Ours by its tag, without a live row: it may carry live sessions, so it begins as `unknown`. */
function adopt(state: State, instance: CloudInstance, lost: Instance | undefined): Told {
  if (ENDING.has(instance.state)) return [null, null];
  const base = lost ?? strayRow(state, instance);
  const facts: Changes = {
    ...factsOf(state, base, instance),
    arn: instance.arn,
    adopted: true,
    createdByUs: false,
    readyAt: state.now,
    portsHash: null,
    occupancy: "unknown",
    idleSince: null,
    cordonedAt: null,
    drainReason: null,
  };
  const row =
    lost === undefined ? { ...base, ...facts } : transition(lost, "ready", state.now, facts);
  return [
    row,
    {
      kind: "adopted",
      instance: instance.name,
      message: `${instance.name} carries our tags but had no live row: adopted, occupancy unknown`,
      data: { arn: instance.arn, state: instance.state },
    },
  ];
}

function strayRow(state: State, instance: CloudInstance): Instance {
  return {
    ...BLANK,
    name: instance.name,
    phase: "ready",
    phaseSince: state.now,
    changedAt: state.now,
    plannedAt: state.now,
    zone: instance.zone,
  };
}

/** A row of which nothing is known yet. */
export const BLANK: Omit<
  Instance,
  "name" | "phase" | "phaseSince" | "changedAt" | "plannedAt" | "zone"
> = {
  revision: 1,
  createdByUs: false,
  adopted: false,
  everRead: false,
  step: null,
  attempts: 0,
  nextAttemptAt: 0,
  lastError: null,
  command: null,
  mayExist: false,
  arn: null,
  publicIp: null,
  privateIp: null,
  ipv6: null,
  template: null,
  portsHash: null,
  occupancy: "unknown",
  sessions: 0,
  createdAt: null,
  readyAt: null,
  idleSince: null,
  busySince: null,
  stoppedSince: null,
  cordonedAt: null,
  drainReason: null,
  deletingAt: null,
  goneAt: null,
};

/** Since which listing the row counts as missing; null where its absence says nothing (yet). */
function missedSince(state: State, row: Instance, startedAt: number): number | null {
  if (row.phase === "planned" || row.phase === "lost")
    return row.phase === "lost" ? startedAt : null;
  if (startedAt <= row.changedAt) return null;
  if (row.phase !== "deleting") {
    if (startedAt - row.plannedAt < ABSENT_MIN_AGE_MS) return null;
    // A media server that answers is there, whatever the listing says.
    if (occupancyOf(state, row) !== "unknown") return null;
  }
  const since = state.memory.absentSince.get(row.name);
  return since === undefined || since <= row.changedAt ? startedAt : since;
}

/** An empty answer, where several instances should be, is a fault until it has lasted. */
function suspiciouslyEmpty(state: State, listing: Complete): boolean {
  if (listing.instances.length > 0) return false;
  const expected = [...state.instances.values()].filter(({ phase }) => PROBED.has(phase));
  return expected.length > 1;
}

/** Absent in two complete listings: an instance that we deleted is gone, any other is lost. */
function miss(state: State, row: Instance, since: number, listing: Complete): Told {
  const { startedAt } = listing;
  if (row.phase === "lost") {
    if (state.now - row.phaseSince < LOST_FOR_MS) return [null, null];
    return [transition(row, "gone", state.now, { goneAt: state.now }), null];
  }
  if (startedAt <= since) return [null, null];
  if (row.phase === "deleting")
    return [
      transition(row, "gone", state.now, { goneAt: state.now }),
      { kind: "deleted", instance: row.name, message: `${row.name} is gone` },
    ];
  const apartMs = suspiciouslyEmpty(state, listing) ? EMPTY_APART_MS : ABSENT_APART_MS;
  if (startedAt - since < apartMs) return [null, null];
  const launching = LAUNCHING.has(row.phase) ? " before it was ready" : "";
  return [
    transition(row, "lost", state.now, { lastError: "no longer listed, and not by us" }),
    {
      kind: "lost",
      instance: row.name,
      message: `${row.name} is no longer listed, and we did not delete it${launching}`,
      data: { sessions: row.sessions, absentSince: since },
    },
  ];
}
