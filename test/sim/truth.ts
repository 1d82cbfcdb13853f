/** The truth of a world, for the oracle: made once, and always of this moment. */
import { TEST_CREDENTIAL } from "../aws/wire/wire.ts";
import { arrivalOf, probeMsOf } from "./arrival.ts";
import type { Goal, Truth } from "./oracle/invariant.ts";
import { TOKENS } from "./world/people.ts";
import { unlikeItsSpec } from "./world/unlike-spec.ts";
import { DRAIN_KEY, OWNER, TICK_MS, type World } from "./world/world.ts";

const SECRETS = [TEST_CREDENTIAL.secretAccessKey, DRAIN_KEY, ...Object.values(TOKENS)];

export function truthOf(world: World, goal: () => Goal | null): Truth {
  return {
    tickMs: TICK_MS,
    owner: OWNER,
    secrets: SECRETS,
    probeMs: probeMsOf(world.scenario),
    arrival: arrivalOf(world.scenario),
    targetTexts: world.targetTexts,
    get now() {
      return world.now;
    },
    get objectNow() {
      return world.objectNow;
    },
    get sql() {
      return world.sql;
    },
    get spec() {
      return world.spec();
    },
    get alarmAt() {
      return world.disk.alarmAt;
    },
    get clockworkWorks() {
      return !world.host.storageFails;
    },
    get goal() {
      return goal();
    },
    held: () => world.held(),
    machine: (name) => world.servers.machine(name),
    sessionsOn: (name) => world.servers.sessionsOn(name),
    isForced: (name) => world.isForced(name),
    tag: () => world.tag(),
    tagWritten: () => world.tagWritten(),
    committed: (billing, since) => world.committed(billing, since),
    isToBeAdopted: (name) => world.targetOfAdoption.has(name),
    unlikeItsSpec: () => unlikeItsSpec(world),
  };
}
