/**
 * Dispatchers that lease: they place a session under a living lease and nowhere else, on whatever server
 * it names, whatever has become of that since. Some think for long, some renew, some never tell that the
 * lease is used, some release it.
 */
import { releaseLease, renewLease } from "../../../durable/operate-lease.ts";
import type { LeaseView } from "../../../durable/rules/views.ts";
import { judgeLease } from "./judge-leases.ts";
import { givenBy } from "./operator.ts";
import type { LeaseRound, World } from "./world.ts";

const DISPATCHER = { actor: "token:dan", isOperator: false };

/** Each round waits for its own tick, so that the leases are spread over the run. */
export async function leasersOf(world: World): Promise<void> {
  await Promise.all(
    world.scenario.leases.map(async (round, index) => {
      await world.reached(round.tick);
      await live(world, round, `leaser ${index}`);
    }),
  );
}

async function live(world: World, round: LeaseRound, who: string): Promise<void> {
  await world.step(`${who} asks`);
  const taken = take(world, round);
  if (taken === null) return;
  for (let steps = 0; steps < round.thinks; steps++) {
    await world.step(`${who} thinks`);
    if (steps === round.renewsAt) renew(world, taken.id, false);
  }
  await world.step(`${who} decides on ${taken.instance}`);
  const held = world.leases.get(taken.id);
  if (held === undefined || held.until <= world.now()) return;
  if (round.end === "released") return release(world, taken.id);
  await session(world, taken, round, who);
}

function take(world: World, { ttlSeconds }: LeaseRound): LeaseView | null {
  if (world.isOver) return null;
  const wish = { count: 1, partial: false, key: null, ttlSeconds, zone: null };
  const answer = world.house.lease(world.object.engine, wish, DISPATCHER, givenBy(world));
  const [lease] = "leases" in answer ? answer.leases : [];
  if (lease === undefined) return null;
  const { id, instance } = lease;
  judgeLease(world, instance);
  world.leases.set(id, { name: instance, until: Date.parse(lease.expiresAt), isPlaced: false });
  world.counted.leased++;
  return lease;
}

async function session(
  world: World,
  { id, instance: name }: LeaseView,
  round: LeaseRound,
  who: string,
): Promise<void> {
  const server = world.servers.get(name);
  if (server === undefined) {
    world.faults.push(`I1: ${name} was deleted, and ${who} holds a lease on it`);
    return;
  }
  const number = world.sessionsPlaced++;
  server.sessions.add(number);
  server.leased.add(number);
  const held = world.leases.get(id);
  if (held !== undefined) world.leases.set(id, { ...held, isPlaced: true });
  world.counted.placedByLease++;
  if (round.end === "used") {
    await world.step(`${who} tells that its lease is used`);
    renew(world, id, true);
  }
  await world.reached(world.lastTickBegun + round.lastsTicks);
  await world.step(`${who} ends on ${name}`);
  server.sessions.delete(number);
  server.leased.delete(number);
}

function renew(world: World, id: string, used: boolean): void {
  if (world.isOver) return;
  const change = { ttlSeconds: null, used };
  const answer = renewLease(world.object.engine, id, change, DISPATCHER, givenBy(world));
  const held = world.leases.get(id);
  if (held === undefined || "refused" in answer) return;
  world.leases.set(id, { ...held, until: Date.parse(answer.expiresAt) });
}

/** Whatever is answered, it places nothing any more. */
function release(world: World, id: string): void {
  world.leases.delete(id);
  if (!world.isOver) releaseLease(world.object.engine, id, DISPATCHER, givenBy(world));
}
