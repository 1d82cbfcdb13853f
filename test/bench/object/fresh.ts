/**
 * The first tick of an object in a process in which no code has run yet, on a ledger in a file:
 * `node fresh.ts FILE NOW`. It sees nothing, and it prints the milliseconds of its begin, plan and settle.
 */
import process from "node:process";
import { Engine } from "../../../durable/engine.ts";
import { blindObservation } from "../../../durable/rules/world.ts";
import { nodeSql } from "../../virtual/node-sql.ts";
import { TICK_MS } from "../virtual/times.ts";

const [path, nowText] = process.argv.slice(2);
const now = Number(nowText);
const sql = nodeSql(path);
const beganAt = performance.now();
const engine = new Engine(sql, { tickMs: TICK_MS });
const watch = engine.begin(now);
if (watch === null) throw new Error(`there is no fleet in ${path}`);
engine.plan(blindObservation(watch, now, "nothing was asked"), now);
engine.settle([], now);
console.log(performance.now() - beganAt);
