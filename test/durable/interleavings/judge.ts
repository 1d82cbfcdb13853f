/**
 * The judge asks none of the rules: it knows the servers' true sessions and answers, what the ledger
 * holds, and what its witnesses saw there.
 *
 * - I1: no server is deleted with a live session on it, nor with a live lease (see `judge-leases.ts`).
 * - I2: before its delete a server was cordoned, and then heard to be empty twice in a row.
 * - I4: the cloud never holds more than the maximum.
 * - I12: only the moves of this list; one outcome for each command, the one that was heard.
 * - I13: what happens at the cloud has a durable intent, and a delete its audit row.
 * - Every change that an operator was told is accepted is in the ledger until the operator ends it.
 */
import {
  openCommands,
  readFleet,
  readOverrides,
  readPauses,
} from "../../../durable/ledger/records.ts";
import { instanceByName, liveInstances } from "../../../durable/ledger/instances.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import type { Command } from "../../../durable/rules/world.ts";
import { judgeLeasesAtDelete, judgeLeasesAtEnd } from "./judge-leases.ts";
import { HOLD_MS, MAX_INSTANCES } from "./ledger.ts";
import { OPERATOR } from "./operator.ts";
import { bornFrom, type World } from "./world.ts";

const EMPTY_READINGS = 2;
/** After this, whatever became of a command is over. */
const LONG_AFTER_MS = 60_000;

/**
 * Nothing vanishes here and no boot fails, so these are all the moves that there may be; only an operator
 * drains what is warming.
 */
const LIFE = new Set([
  "born>planned",
  "planned>starting",
  "planned>gone",
  "starting>configuring",
  "configuring>warming",
  "warming>ready",
  "warming>draining",
  "ready>draining",
  "draining>ready",
  "draining>deleting",
  "deleting>gone",
]);

/** Called at the moment at which a delete takes effect. */
export function judgeDelete(world: World, command: Command, name: string): void {
  const server = world.servers.get(name);
  if (server === undefined) return;
  if (server.sessions.size > 0)
    world.faults.push(`I1: ${name} was deleted with ${server.sessions.size} live sessions`);
  judgeLeasesAtDelete(world, name);
  judgeIntent(world, command);
  const { held, guarded } = world.accepted;
  if (held.has(name)) world.faults.push(`I2: ${name} was deleted, and an operator holds it`);
  if (guarded.has(name)) world.faults.push(`I2: ${name} was deleted, and it is protected`);
  const row = instanceByName(world.sql, name);
  if (row?.phase !== "deleting" || row.arn !== server.arn)
    world.faults.push(`I3: ${name} was deleted, and its row is ${row?.phase}`);
  if (count(world.sql, "events WHERE kind = 'delete' AND instance = ?", name) === 0)
    world.faults.push(`I13: ${name} was deleted without an audit row`);

  const emptyFrom = cordonedAt(world, name) + HOLD_MS;
  const last = server.heard.slice(-EMPTY_READINGS);
  const isSeenEmpty = ({ askedAt, sessions, isHole }: (typeof last)[number]): boolean =>
    askedAt > emptyFrom && sessions === 0 && !isHole;
  if (last.length < EMPTY_READINGS || !last.every(isSeenEmpty))
    world.faults.push(`I2: ${name} was deleted and had not been seen empty`);
}

/** Called when a create has taken effect. */
export function judgeCreate(world: World, command: Command): void {
  judgeIntent(world, command);
  if (world.servers.size > MAX_INSTANCES)
    world.faults.push(`I4: ${world.servers.size} servers in the cloud`);
}

function judgeIntent(world: World, { number, action }: Command): void {
  if (number > world.durableCommand)
    world.faults.push(`I13: ${action.kind} ${number} happened before its intent was durable`);
  if (count(world.sql, "commands WHERE number = ?", number) !== 1)
    world.faults.push(`I13: ${action.kind} ${number} is not in the ledger`);
}

function cordonedAt(world: World, name: string): number {
  const [row] = world.sql.rows(
    "SELECT max(at) AS at FROM witnessedMoves WHERE name = ? AND move LIKE '%>draining'",
    name,
  );
  return Number(row?.["at"] ?? Number.POSITIVE_INFINITY);
}

/** Called when every actor is done: what the ledger holds then, and what becomes of the last commands. */
export function judgeEnd(world: World): void {
  judgeChanges(world);
  judgeMemory(world);
  judgeLeasesAtEnd(world);
  const object = bornFrom(world.sql, world.house);
  object.engine.begin(world.now() + LONG_AFTER_MS);

  for (const { number } of openCommands(world.sql))
    world.faults.push(`I12: command ${number} was never settled`);
  const written = world.sql.rows(
    "SELECT number, json_extract(outcome, '$.kind') AS kind FROM commands WHERE outcome IS NOT NULL",
  );
  for (const { number, kind } of written) {
    // What no living object heard of is unknown.
    const heard = world.outcomes.get(Number(number)) ?? "unknown";
    if (kind !== heard) world.faults.push(`I12: outcome ${kind} of ${number}, not ${heard}`);
  }
  const twice = world.sql.rows(
    "SELECT number FROM witnessedOutcomes GROUP BY number HAVING count(*) > 1",
  );
  for (const row of twice) world.faults.push(`I12: command ${row["number"]} was settled twice`);
  const waiting = world.sql.rows(
    `SELECT name FROM instances JOIN commands ON number = instances.command WHERE outcome IS NOT NULL`,
  );
  for (const row of waiting)
    world.faults.push(`${row["name"]} waits for a command that is settled`);
  judgeMoves(world);
}

function judgeMoves({ sql, faults, counted }: World): void {
  for (const { name, move } of sql.rows("SELECT name, move FROM witnessedMoves")) {
    if (!LIFE.has(String(move))) faults.push(`I12: ${name} moved ${move}`);
    if (move === "born>planned") counted.launches++;
    if (move === "ready>draining") counted.cordons++;
    if (move === "draining>ready") counted.takenBack++;
  }
}

/** What the object believes is what the ledger holds. */
function judgeMemory({ sql, object, now, faults }: World): void {
  const byName = (rows: Iterable<Instance>): string =>
    JSON.stringify([...rows].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  const believed = object.engine.read(now())?.state.instances.values() ?? [];
  if (byName(believed) !== byName(liveInstances(sql)))
    faults.push("the object believes what the ledger does not hold");
}

function judgeChanges({ sql, accepted, faults }: World): void {
  const record = readFleet(sql);
  if (JSON.stringify(record?.spec) !== JSON.stringify(accepted.spec)) faults.push("a spec is lost");
  if (record?.specVersion !== accepted.specVersion) faults.push("a version of the spec is lost");
  if (record?.removing !== accepted.removing) faults.push("a removal, or its end, is lost");
  const overrides = readOverrides(sql).map(({ id, expression }) => `${id}: ${expression}`);
  const wanted = [...accepted.overrides].map(([id, expression]) => `${id}: ${expression}`);
  if (!sameSet(overrides, wanted))
    faults.push(`overrides ${overrides.join()}, not ${wanted.join()}`);
  const pauses = readPauses(sql).map(({ what }) => what);
  if (!sameSet(pauses, [...accepted.pauses])) faults.push(`only ${pauses.join()} are paused`);
  const audited = count(sql, "events WHERE actor = ?", OPERATOR.actor);
  if (audited !== accepted.audited)
    faults.push(`${audited} audit rows of ${accepted.audited} changes`);
}

function sameSet(first: readonly string[], second: readonly string[]): boolean {
  return first.toSorted().join() === second.toSorted().join();
}

function count(sql: Sql, from: string, binding: string | number): number {
  const [row] = sql.rows(`SELECT count(*) AS count FROM ${from}`, binding);
  return Number(row?.["count"]);
}
