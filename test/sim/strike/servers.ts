/** What befalls instances and the media servers on them. */
import type { BootFate } from "../../aws/cloud/instance.ts";
import type { Fault } from "../../aws/hosts/answer.ts";
import type { Held } from "../event.ts";
import { builtFor } from "../world/built.ts";
import type { Deafness } from "../world/servers.ts";
import { OWNER, REGION, type World } from "../world/world.ts";
import type { Strike } from "./striker.ts";

/** One of ours, chosen by `n`. */
function one(world: World, n: number): Held | undefined {
  const ours = world.ours();
  return ours[n % Math.max(1, ours.length)];
}

/** Does something to one of ours. */
function toOne(work: (world: World, held: Held) => (() => void) | undefined): Strike {
  return ({ world, fired, lasting }, { n, fault, forMs }) => {
    const held = one(world, n);
    if (held === undefined) return;
    fired(fault);
    const undo = work(world, held);
    world.changed();
    if (undefined !== undo) lasting(forMs, undo);
  };
}

function boots(fate: BootFate): Strike {
  return ({ world, fired }, { fault }) => {
    fired(fault);
    world.cloud.setNextBoots([fate]);
  };
}

function sick(how: Fault, flapMs = 0): Strike {
  return ({ world, fired }, { n, fault, forMs }) => {
    const held = one(world, n);
    if (held === undefined) return;
    fired(fault);
    world.servers.trouble(held.name, how, forMs, flapMs);
  };
}

/** All servers, for as long as it lasts. */
function deaf(how: Deafness): Strike {
  return ({ world, fired }, { fault, forMs }) => {
    fired(fault);
    world.servers.deaf = { how, until: world.now + forMs };
  };
}

/** So many seconds are waited for a server that drains. */
const WAITS_FOR_DRAIN_S = 600;

const BOOT_ERROR = { code: "ServerInternal", details: "The instance could not be started." };

export const SERVERS = {
  pendingForever: boots({ kind: "never" }),
  bootFails: boots({ kind: "fails", afterMs: 20_000, ...BOOT_ERROR }),
  vanishesBooting: boots({ kind: "vanishes", afterMs: 30_000 }),
  neverReady: ({ world, fired }, { fault }) => {
    fired(fault);
    world.servers.neverReadyNext++;
  },
  vanish: toOne((world, { name }) => {
    world.cloud.vanish(name, REGION);
  }),
  stopped: toOne((world, { name }) => {
    world.cloud.stopInstance(REGION, name);
    return () => {
      world.cloud.startInstance(REGION, name);
      world.changed();
    };
  }),
  rebooted: toOne((world, { name }) => {
    world.cloud.rebootInstance(REGION, name);
  }),
  deletedByPerson: toOne((world, { name }) => {
    world.cloud.deleteInstance(REGION, name);
  }),
  addressMoved: ({ world, fired }, { n, fault }) => {
    const strike = (left: number): void => {
      const ours = world.ours();
      const draining = ours.filter(({ name }) => world.phaseOf(name) === "draining");
      // Mostly it is one that drains, as soon as one does: that is when a stranger's word is worth most.
      const isAny = n % 4 === 0;
      const isWaiting = !isAny && draining.length === 0;
      if (isWaiting && left > 0 && !world.isHealed)
        world.timers.after(1_000, () => strike(left - 1));
      if (isWaiting) return;
      const among = isAny ? ours : draining;
      const name = among[n % Math.max(1, among.length)]?.name;
      const from = name === undefined ? null : world.cloud.moveAddress(REGION, name);
      if (name === undefined || from === null) return;
      fired(fault);
      world.servers.strangers.add(from);
      world.emit({ kind: "moved", name, from });
      world.changed();
    };
    strike(WAITS_FOR_DRAIN_S);
  },
  tagsRemoved: toOne((world, { name }) => {
    world.cloud.untagResource(REGION, name, ["lightfleet:owner"]);
    return () => retag(world, name, OWNER);
  }),
  tagsGarbled: toOne((world, { name }) => {
    retag(world, name, "someone/else");
    return () => retag(world, name, OWNER);
  }),
  protectTag: toOne((world, { name }) => {
    world.cloud.tagResource(REGION, name, [{ key: "lightfleet:protect", value: "yes" }]);
    return () => world.cloud.untagResource(REGION, name, ["lightfleet:protect"]);
  }),
  firewallChanged: toOne((world, { name }) => {
    const userData = world.servers.up().get(name)?.userData ?? "";
    for (const { port } of builtFor(userData))
      world.cloud.closePort(REGION, name, { protocol: "tcp", fromPort: port, toPort: port });
    return undefined;
  }),
  tagsChanged: toOne((world, { name }) => {
    world.cloud.tagResource(REGION, name, [{ key: "team", value: "somebody-else" }]);
    return undefined;
  }),
  strangerWithPrefix: ({ fired, createByPerson }, { fault, n }) => {
    fired(fault);
    createByPerson(`media-stranger-${n}`);
  },
  deleteLingers: ({ world, fired, lasting }, { n, fault, forMs }) => {
    const { shuttingDownMs } = world.cloud.timing;
    fired(fault);
    world.cloud.setTiming({ shuttingDownMs: 30_000 + (n % 9) * 30_000 });
    lasting(forMs, () => world.cloud.setTiming({ shuttingDownMs }));
  },
  silent: sick("silent"),
  reset: sick("reset"),
  garbage: sick("garbage"),
  wrongName: sick("wrongName"),
  slow: sick("slow"),
  notReady: sick("notReady"),
  flap: sick("notReady", 7_000),
  allSilent: ({ world, fired }, { fault, forMs }) => {
    fired(fault);
    // Long enough for boots to run out of time meanwhile.
    world.servers.allSilentUntil = world.now + 4 * forMs;
  },
  drainIgnored: deaf("ignores"),
  drainRefused: deaf("refuses"),
  slackDown: ({ world, fired }, { fault, forMs }) => {
    fired(fault);
    world.slack.downUntil = world.now + 2 * forMs;
  },
} as const satisfies Record<string, Strike>;

/** A name can have gone since; then there is nothing to put the tag on. */
function retag(world: World, name: string, value: string): void {
  world.cloud.tagResource(REGION, name, [{ key: "lightfleet:owner", value }]);
}
