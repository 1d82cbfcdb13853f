/**
 * The order of a tick: begin, observe, plan, act, settle. It holds no state across an await; a tick
 * never sleeps and never retries in place. Only a broken invariant is thrown, after it was noted.
 */
import type { Engine } from "./engine.ts";
import { createLaps } from "./laps.ts";
import {
  blindObservation,
  type Command,
  type Eyes,
  type Hands,
  type Observation,
  type Outcome,
  type Watch,
} from "./rules/world.ts";

/** Of the six connections of an invocation, those of the hands while the eyes read pages on the sixth. */
const CONNECTIONS_BESIDE_LOOK = 5;

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
  const { engine, sync, now } = ports;
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
    const { outcomes, ahead } = await work(ports, commands);
    laps.end("act");
    engine.settle(outcomes, now(), ahead);
    laps.end("settle");
    engine.meters.ticked(laps.read(false));
  } catch (error) {
    engine.fail(String(error), now());
    engine.meters.ticked(laps.read(true));
    throw error;
  }
  return true;
}

interface Work {
  readonly outcomes: readonly Outcome[];
  /** What was seen meanwhile; null where nothing was looked at. */
  readonly ahead: Observation | null;
}

/** The hands carry the commands out; the eyes go on with an unfinished listing on a connection that they leave. */
async function work(ports: TickPorts, commands: readonly Command[]): Promise<Work> {
  const { engine, hands, now } = ports;
  if (commands.length === 0) return { outcomes: [], ahead: null };
  const watch = engine.watchAhead(commands, now());
  if (watch === null) return { outcomes: await hands.act(commands), ahead: null };
  const [outcomes, ahead] = await Promise.all([
    hands.act(commands, CONNECTIONS_BESIDE_LOOK),
    look(ports, watch),
  ]);
  return { outcomes, ahead };
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
