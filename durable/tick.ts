/**
 * The order of a tick: begin, observe, plan, act, settle. It holds no state across an await; a tick
 * never sleeps and never retries in place. Only a broken invariant is thrown, after it was noted.
 */
import type { Engine } from "./engine.ts";
import { createLaps } from "./laps.ts";
import {
  blindObservation,
  type Eyes,
  type Hands,
  type Observation,
  type Watch,
} from "./rules/world.ts";

export interface TickPorts {
  readonly engine: Engine;
  readonly eyes: Eyes;
  readonly hands: Hands;
  /** Waits until what was written is durable. */
  readonly sync: () => Promise<void>;
  readonly now: () => number;
}

/** @returns false where no fleet is configured: there is nothing to tick for. */
export async function tick(ports: TickPorts): Promise<boolean> {
  const { engine, hands, sync, now } = ports;
  const laps = createLaps(now);
  try {
    const watch = engine.begin(now());
    if (watch === null) return false;
    laps.end("begin");
    const observation = await look(ports, watch);
    laps.end("observe");
    const commands = engine.plan(observation, now());
    if (commands.length > 0) await sync();
    laps.end("plan");
    const outcomes = commands.length > 0 ? await hands.act(commands) : [];
    laps.end("act");
    engine.settle(outcomes, now());
    laps.end("settle");
    engine.meters.ticked(laps.read(false));
  } catch (error) {
    engine.fail(String(error), now());
    engine.meters.ticked(laps.read(true));
    throw error;
  }
  return true;
}

/** A look that fails as a whole is an observation full of holes, and is planned on. */
async function look({ eyes, now }: TickPorts, watch: Watch): Promise<Observation> {
  const startedAt = now();
  try {
    return await eyes.observe(watch);
  } catch (error) {
    return blindObservation(watch, startedAt, String(error));
  }
}
