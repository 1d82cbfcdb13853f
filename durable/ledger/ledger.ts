/**
 * The ledger as a whole: the state of a fleet out of its tables, and moves into them. What did not
 * change is not written.
 */
import type { AuditRow } from "../rules/audit.ts";
import { freshBudget, rememberedBudget } from "../rules/budget.ts";
import { checkHash, checkOf } from "../rules/checks.ts";
import { portsHash, scheduleHash, tagsHash, templateHash } from "../rules/hash.ts";
import { HOUR_MS } from "../rules/limits.ts";
import { ALL_READ } from "../rules/scan.ts";
import { bundleOf, costOf } from "../rules/spend.ts";
import type { Spec } from "../rules/spec.ts";
import { NO_LESSONS, type Memory, type Moves, type State } from "../rules/state.ts";
import { NO_TURNS } from "../rules/turns.ts";
import { readChecks, writeChecks } from "./checks.ts";
import { carriedOutSince, insertEvent } from "./events.ts";
import { readApart, readBuckets, readLessons, writeBudget, writeLessons } from "./lessons.ts";
import { goneServers, leadsOf, liveInstances, writeInstance } from "./instances.ts";
import { readLeases, writeLeases } from "./leases.ts";
import { monthOf } from "./month.ts";
import {
  type FleetRecord,
  insertCommand,
  readAdoptions,
  readBundles,
  readFailing,
  readHolds,
  readOverrides,
  readPauses,
  writeAdoptions,
  writeBundles,
  writeFailing,
  writeFleet,
  writeHolds,
  writeOverrides,
  writePauses,
} from "./records.ts";
import { readRuling, readTagJump, writeRuling, writeTagJump } from "./ruling.ts";
import type { Sql } from "./sql.ts";

/** The state after a cold start: what the tables hold, and a memory that knows of no reading. */
export function loadState(sql: Sql, record: FleetRecord, tickMs: number, now: number): State {
  const bundles = new Map(readBundles(sql).map((bundle) => [bundle.id, bundle]));
  const { memory, ...bare } = newState(record, tickMs, now);
  return {
    ...bare,
    instances: new Map(liveInstances(sql).map((row) => [row.name, row])),
    overrides: readOverrides(sql),
    pauses: readPauses(sql),
    holds: readHolds(sql),
    failing: readFailing(sql),
    adoptions: readAdoptions(sql),
    leases: readLeases(sql),
    bundles,
    checks: readChecks(sql),
    ruling: readRuling(sql),
    tagJump: readTagJump(sql),
    leads: leadsOf(sql),
    ...spentBefore(sql, { spec: record.spec, bundles }, now),
    ...carriedOutSince(sql, now - HOUR_MS),
    lessons: readLessons(sql),
    memory: { ...memory, budget: rememberedBudget(readBuckets(sql), readApart(sql), now) },
  };
}

/** The state of a fleet whose tables are empty. */
export function newState(record: FleetRecord, tickMs: number, now: number): State {
  const { name, owner, incarnation, bornAt, spec } = record;
  return {
    now,
    tick: record.ticksReserved,
    beganAt: now,
    tickMs,
    identity: { fleet: name, owner, incarnation, bornAt },
    ...fieldsOf(record),
    ...hashesOf(spec, record.retiredTags),
    agenda: { last: null, coming: [] },
    ruling: null,
    tagJump: null,
    instances: new Map(),
    overrides: [],
    pauses: [],
    holds: [],
    failing: [],
    adoptions: [],
    leases: new Map(),
    bundles: new Map(),
    checks: new Map(),
    month: monthOf(now),
    spentOnGone: 0,
    launchTimes: [],
    deleteTimes: [],
    leads: [],
    lessons: NO_LESSONS,
    memory: coldMemory(now),
  };
}

/** By which it is seen what of a spec has changed. */
export function hashesOf(
  spec: Spec,
  retiredTags: readonly string[],
): Pick<State, "template" | "portsHash" | "healthHash" | "tagsHash" | "scheduleHash"> {
  return {
    template: templateHash(spec),
    portsHash: portsHash(spec.ports),
    healthHash: checkHash(checkOf(spec)),
    tagsHash: tagsHash(spec.tags, retiredTags),
    scheduleHash: scheduleHash(spec.spares),
  };
}

/** The month in which `now` lies, and what it has cost by instances that are gone. */
export function spentBefore(
  sql: Sql,
  state: Pick<State, "spec" | "bundles">,
  now: number,
): Pick<State, "month" | "spentOnGone"> {
  const month = monthOf(now);
  let spentOnGone = 0;
  const priced = { ...state, month };
  for (const row of goneServers(sql, month.startsAt)) {
    const bundle = bundleOf(state, row);
    if (bundle !== null) spentOnGone += costOf(priced, row, bundle, row.goneAt ?? now);
  }
  return { month, spentOnGone };
}

export function adopts({ instances }: State, { rows }: Moves): boolean {
  return rows.some(({ name, adopted }) => adopted && instances.get(name)?.adopted !== true);
}

/**
 * What an adoption changes of the past: a server that comes back under its name has not ended, and is no
 * launch of ours any more. Call it after the adopted rows were written.
 */
export function pastAfterAdoption(sql: Sql, state: State): Pick<State, "spentOnGone" | "leads"> {
  const { spentOnGone } = spentBefore(sql, state, state.month.startsAt);
  return { spentOnGone, leads: leadsOf(sql) };
}

type RecordFields = Pick<
  State,
  | "spec"
  | "removing"
  | "listed"
  | "nextInstance"
  | "nextCommand"
  | "failedBoots"
  | "tagMemory"
  | "tagWasRead"
  | "retiredTags"
>;

function fieldsOf(record: FleetRecord): RecordFields {
  return {
    spec: record.spec,
    removing: record.removing === null ? null : { force: record.removing === "force" },
    listed: record.listed,
    nextInstance: record.nextInstance,
    nextCommand: record.nextCommand,
    failedBoots: record.failedBoots,
    tagMemory: { value: record.tagValue, garbled: record.tagGarbled },
    tagWasRead: record.tagRead,
    retiredTags: record.retiredTags,
  };
}

/** The fleet's row as the state now says it. */
export function recordOf(record: FleetRecord, state: State): FleetRecord {
  return {
    ...record,
    spec: state.spec,
    removing: state.removing === null ? null : state.removing.force ? "force" : "gently",
    listed: state.listed,
    nextInstance: state.nextInstance,
    nextCommand: state.nextCommand,
    failedBoots: state.failedBoots,
    tagValue: state.tagMemory.value,
    tagGarbled: state.tagMemory.garbled,
    tagRead: state.tagWasRead,
    retiredTags: state.retiredTags,
  };
}

function coldMemory(now: number): Memory {
  return {
    freshness: new Map(),
    turns: NO_TURNS,
    words: new Map(),
    trials: new Map(),
    unlisted: new Set(),
    absentSince: new Map(),
    emptySince: null,
    driftSince: new Map(),
    strangers: [],
    unread: ALL_READ,
    listedAt: null,
    listingTrusted: false,
    listingTrouble: null,
    unseen: null,
    operationsAskedAt: new Map(),
    tagReadAt: null,
    tagReadSinceWrite: false,
    tagUnread: null,
    leasesRefused: [],
    tagChangedAt: 0,
    ruled: null,
    bundlesAskedAt: null,
    bundlesReadAt: null,
    bundlesTrouble: null,
    surplusSince: null,
    budget: freshBudget(now),
    scan: null,
    scannedAt: null,
    listedTick: null,
    listedPages: 1,
    polledAt: null,
    pendingAt: new Map(),
    boots: [],
    namesMax: null,
  };
}

/**
 * Writes what `moves` changed, and gives the rows of the audit trail that this added. Call it inside a
 * transaction, with the states before and after.
 */
export function writeMoves(
  sql: Sql,
  states: { readonly before: State; readonly after: State },
  records: { readonly before: FleetRecord; readonly after: FleetRecord },
  moves: Moves,
): AuditRow[] {
  const { before, after } = states;
  for (const row of moves.rows) writeInstance(sql, row);
  for (const command of moves.commands) insertCommand(sql, command, after.now);
  const audited = moves.events.map((event) => insertEvent(sql, after.tick, after.now, event));
  if (before.holds !== after.holds) writeHolds(sql, after.holds);
  if (before.failing !== after.failing) writeFailing(sql, after.failing);
  if (before.overrides !== after.overrides) writeOverrides(sql, after.overrides);
  if (before.pauses !== after.pauses) writePauses(sql, after.pauses);
  if (before.adoptions !== after.adoptions) writeAdoptions(sql, after.adoptions);
  if (before.leases !== after.leases) writeLeases(sql, before.leases, after.leases);
  if (before.ruling !== after.ruling && after.ruling !== null) writeRuling(sql, after.ruling);
  if (before.tagJump !== after.tagJump) writeTagJump(sql, after.tagJump);
  if (before.bundles !== after.bundles) writeBundles(sql, after.bundles.values());
  if (before.checks !== after.checks) writeChecks(sql, after.checks);
  if (before.lessons !== after.lessons) writeLessons(sql, after.lessons);
  writeBudget(sql, before.memory.budget, after.memory.budget);
  writeFleet(sql, records.before, records.after);
  return audited;
}
