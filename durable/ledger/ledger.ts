/**
 * The ledger as a whole: the state of a fleet out of its tables, and moves into them. What did not
 * change is not written.
 */
import { freshPurse, LANES, rememberedPurse } from "../rules/budget.ts";
import { portsHash, templateHash } from "../rules/hash.ts";
import { HOUR_MS } from "../rules/limits.ts";
import type { Purse } from "../rules/model.ts";
import type { Memory, Moves, State } from "../rules/state.ts";
import type { Lane } from "../rules/world.ts";
import { carriedOutSince, insertEvent } from "./events.ts";
import { liveInstances, writeInstance } from "./instances.ts";
import {
  type FleetRecord,
  insertCommand,
  readHolds,
  readLanes,
  readOverrides,
  readPauses,
  writeFleet,
  writeHolds,
  writeLane,
  writeOverrides,
  writePauses,
} from "./records.ts";
import type { Sql } from "./sql.ts";

/** The state after a cold start: what the tables hold, and a memory that knows of no reading. */
export function loadState(sql: Sql, record: FleetRecord, tickMs: number, now: number): State {
  const { name, owner, incarnation, spec } = record;
  return {
    now,
    tick: record.ticksReserved,
    tickMs,
    identity: { fleet: name, owner, incarnation },
    ...fieldsOf(record),
    template: templateHash(spec),
    portsHash: portsHash(spec.ports),
    instances: new Map(liveInstances(sql).map((row) => [row.name, row])),
    overrides: readOverrides(sql),
    pauses: readPauses(sql),
    holds: readHolds(sql),
    ...carriedOutSince(sql, now - HOUR_MS),
    memory: coldMemory(sql, now),
  };
}

type RecordFields = Pick<
  State,
  "spec" | "removing" | "listed" | "nextInstance" | "nextCommand" | "failedBoots" | "tagMemory"
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
  };
}

function coldMemory(sql: Sql, now: number): Memory {
  const purses = Object.fromEntries(LANES.map((lane) => [lane, freshPurse(now)])) as Record<
    Lane,
    Purse
  >;
  for (const { lane, ratePerSecond, refusedAt } of readLanes(sql))
    purses[lane] = rememberedPurse(ratePerSecond, refusedAt);
  return {
    freshness: new Map(),
    unlisted: new Set(),
    absentSince: new Map(),
    listedAt: null,
    listingTrusted: false,
    listingTrouble: null,
    tagReadAt: null,
    surplusSince: null,
    purses,
  };
}

/** Writes what `moves` changed. Call it inside a transaction, with the states before and after. */
export function writeMoves(
  sql: Sql,
  states: { readonly before: State; readonly after: State },
  records: { readonly before: FleetRecord; readonly after: FleetRecord },
  moves: Moves,
): void {
  const { before, after } = states;
  for (const row of moves.rows) writeInstance(sql, row);
  for (const command of moves.commands) insertCommand(sql, command, after.now);
  for (const event of moves.events) insertEvent(sql, after.tick, after.now, event);
  if (before.holds !== after.holds) writeHolds(sql, after.holds);
  if (before.overrides !== after.overrides) writeOverrides(sql, after.overrides);
  if (before.pauses !== after.pauses) writePauses(sql, after.pauses);
  for (const lane of LANES) {
    const { ratePerSecond, refusedAt } = after.memory.purses[lane];
    if (refusedAt === before.memory.purses[lane].refusedAt) continue;
    if (ratePerSecond !== null && refusedAt !== null)
      writeLane(sql, { lane, ratePerSecond, refusedAt });
  }
  writeFleet(sql, records.before, records.after);
}
