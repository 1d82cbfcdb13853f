/** One interleaving: the ticks of the real engine, dispatchers, an operator and deaths, in drawn order. */
import type * as fc from "fast-check";
import { Engine } from "../../../durable/engine.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import { tick } from "../../../durable/tick.ts";
import { lease } from "../../../durable/operate-lease.ts";
import { dispatchersOf } from "./dispatchers.ts";
import { judgeEnd } from "./judge.ts";
import { HOLD_MS, TICK_MS } from "./ledger.ts";
import { leasersOf } from "./leasers.ts";
import { operatorOf } from "./operator.ts";
import { portsOf } from "./outside.ts";
import {
  bornFrom,
  type House,
  isMoment,
  newWorld,
  type Scenario,
  TICKS,
  type World,
} from "./world.ts";

export const SOUND: House = {
  newEngine: (sql) => new Engine(sql, { tickMs: TICK_MS }),
  lease,
  drainSeconds: HOLD_MS / 1000,
  waitsForSync: true,
};

/** Runs to the end, and gives the world with every fault that was noted. */
export async function interleave(
  sql: Sql,
  house: House,
  scheduler: fc.Scheduler,
  scenario: Scenario,
): Promise<World> {
  const world = newWorld(sql, house, scheduler, scenario);
  const actors = [ticksOf, dispatchersOf, leasersOf, operatorOf, deathsOf].map((actor) =>
    actor(world).catch((error: unknown) => {
      world.faults.push(`threw: ${String(error)}`);
      world.reach(TICKS);
    }),
  );
  await scheduler.waitFor(Promise.all(actors));
  // The hands may still be at work for an object that died.
  await scheduler.waitIdle();
  judgeEnd(world);
  return world;
}

async function ticksOf(world: World): Promise<void> {
  for (let number = 1; number <= TICKS && !world.isOver; number++) {
    world.lastTickBegun = number;
    world.reach(number);
    await world.step("alarm");
    const { object } = world;
    await Promise.race([tick(portsOf(world, object)), object.death]);
    // With nothing left the fleet is forgotten, and its ledger with it.
    world.isOver = world.object.engine.isForgotten;
  }
  world.reach(TICKS);
}

async function deathsOf(world: World): Promise<void> {
  await Promise.all(
    world.scenario.deaths.map(async (moment) => {
      await isMoment(world, moment);
      await world.step("death");
      world.counted.deaths++;
      if (world.commandsUnderWay > 0) world.counted.deathsInCommand++;
      world.object.die();
      world.object = bornFrom(world.sql, world.house);
    }),
  );
}
