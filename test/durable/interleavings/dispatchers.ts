/**
 * Dispatchers place sessions on servers that their list called ready. They know nothing of the fleet
 * but that list, and keep one promise: no placement later than `HOLD_MS` after it was read.
 */
import { HOLD_MS } from "./ledger.ts";
import type { Round, World } from "./world.ts";

const READS_PER_ROUND = 3;
/** A slow dispatcher places at the last moment that it may. */
const THINKS_MS = HOLD_MS - 1_000;

/** Each round waits for its own tick, so that the placements are spread over the run. */
export async function dispatchersOf(world: World): Promise<void> {
  await Promise.all(
    world.scenario.rounds.map(async (round, index) => {
      await world.reached(round.tick);
      await place(world, round, `dispatcher ${index}`);
    }),
  );
}

async function place(
  world: World,
  { pick, thinks, lastsTicks }: Round,
  who: string,
): Promise<void> {
  for (let reads = 0; reads < READS_PER_ROUND && !world.isOver; reads++) {
    await world.step(`${who} reads`);
    const listedAt = world.now();
    const ready = readyNames(world);
    const name = ready[pick % Math.max(1, ready.length)];
    if (name === undefined) continue;
    for (let steps = 0; steps < thinks && world.now() - listedAt < THINKS_MS; steps++)
      await world.step(`${who} thinks`);
    await world.step(`${who} places on ${name}`);
    if (world.now() - listedAt > HOLD_MS) continue;
    await session(world, name, world.lastTickBegun + lastsTicks, who);
    return;
  }
}

async function session(world: World, name: string, untilTick: number, who: string): Promise<void> {
  const server = world.servers.get(name);
  if (server === undefined) {
    world.faults.push(`I1: ${who} kept its promise, and ${name} was deleted already`);
    return;
  }
  const id = world.sessionsPlaced++;
  server.sessions.add(id);
  world.counted.placed++;
  if (phaseOf(world, name) === "draining") world.counted.placedWhileDraining++;
  await world.reached(untilTick);
  await world.step(`${who} ends on ${name}`);
  server.sessions.delete(id);
}

function readyNames(world: World): readonly string[] {
  return rowsOf(world)
    .filter(({ phase }) => phase === "ready")
    .map(({ name }) => name);
}

function phaseOf(world: World, name: string): string | undefined {
  return rowsOf(world).find((row) => row.name === name)?.phase;
}

function rowsOf({ object, now }: World): { readonly name: string; readonly phase: string }[] {
  return [...(object.engine.read(now())?.state.instances.values() ?? [])];
}
