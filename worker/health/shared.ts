/**
 * Asks the servers of a look together with shards. Each shard is an object with six sockets of its own
 * (worker/shard.ts). It is handed its servers and the numbers of further shards, with which it shares
 * again: so nobody calls more than two shards at once, whether or not Cloudflare counts such calls among
 * the six connections, which nobody has verified.
 *
 * 1. A shard that throws: its servers go to the next shard, or to the caller's own sockets, in turn.
 * 2. A shard that hangs is given up in time. Its servers have no reading in this look: their turn is owed,
 *    so they come first in the next one, before which the shards change places.
 * 3. A shard remembers nothing, arms no alarm, and is given no secret: it parses its own settings.
 */
import type { HealthSpec } from "../../durable/rules/spec.ts";
import type { Pace, ProbeRequest } from "../../durable/rules/world.ts";
import { asError, deadlineIn, orAborted } from "../clock.ts";
import { type Asked, InTurn } from "./in-turn.ts";
import type { Prober } from "./route.ts";
import { deal, SOCKETS } from "./shares.ts";

/** Shards that one invocation calls at once. */
const CALLS_MAX = 2;
/** A shard has so much less time than its caller: the way there and back. */
const HOP_MS = 250;
/** Less time than this is not worth a call. */
const CALL_MIN_MS = 500;

/** What a shard is asked; plain data, for it crosses RPC. */
export interface Share {
  readonly requests: readonly ProbeRequest[];
  readonly health: HealthSpec;
  /** Absent where nothing was measured. */
  readonly pace?: Pace;
  /** Its answer is wanted after so many milliseconds at the latest. */
  readonly limitMs: number;
  /** Further shards that help it. */
  readonly shards: readonly string[];
  /** The AWS region of the fleet: a shard that is made lies near it. */
  readonly region: string;
}

/** Makes one share's probes. */
export interface ShardApi {
  ask(share: Share): Promise<Asked>;
}

/** Reaches a shard by its name; it is made near the region if it is not there yet. */
export type Shards = (name: string, region: string) => ShardApi;

export interface SharedDeps extends Prober {
  /** Absent where nobody shares: then the caller's own sockets ask all, in turn. */
  readonly shards?: Shards | undefined;
}

/** A share that is being asked; more sockets may be lent to the caller's own part of it. */
export interface Sharing {
  readonly widen: (sockets: number) => void;
  readonly asked: Promise<Asked>;
}

/** Begins at once. `sockets` are the caller's own that are free for probes. */
export function shareOut(deps: SharedDeps, share: Share, sockets = SOCKETS): Sharing {
  const names = deps.shards === undefined ? [] : share.shards;
  const [own = [], ...parts] = deal(share.requests, names.length + 1);
  const deadline = deadlineIn(deps.clock, share.limitMs);
  const inTurn = new InTurn(deps, {
    ...share,
    requests: own,
    signal: deadline.signal,
    endsAtMs: deadline.atMs,
    sockets,
  });
  const groups = deal(
    names.map((name, index) => ({ name, requests: parts[index] ?? [] })),
    Math.min(CALLS_MAX, names.length),
  );

  const gather = async (): Promise<Asked> => {
    try {
      const others = await Promise.all(
        groups.map(async (group) => {
          const requests = merged(group.map((member) => member.requests));
          const members = group.map(({ name }) => name);
          const asked = await askGroup(deps, { ...share, requests, shards: members }, deadline);
          if (asked === "failed") inTurn.add(requests);
          return asked === "failed" || asked === "silent" ? NOBODY : asked;
        }),
      );
      const all = [await inTurn.finish(), ...others];
      return {
        readings: all.flatMap(({ readings }) => readings),
        cutShort: all.flatMap(({ cutShort }) => cutShort),
      };
    } finally {
      deadline.clear();
    }
  };
  return { widen: (more) => inTurn.widen(more), asked: gather() };
}

const NOBODY: Asked = { readings: [], cutShort: [] };

/** The first of the group that does not fail asks for all of it, with the help of those behind it. */
async function askGroup(
  deps: SharedDeps,
  share: Share,
  deadline: { readonly signal: AbortSignal; readonly atMs: number },
): Promise<Asked | "failed" | "silent"> {
  const { clock, shards } = deps;
  for (const [index, name] of share.shards.entries()) {
    const limitMs = deadline.atMs - clock.now() - HOP_MS;
    if (shards === undefined || limitMs < CALL_MIN_MS) break;
    const helpers = share.shards.slice(index + 1);
    try {
      const call = shards(name, share.region).ask({ ...share, limitMs, shards: helpers });
      return await orAborted(call, deadline.signal);
    } catch (thrown) {
      if (deadline.signal.aborted) return "silent";
      console.warn(JSON.stringify({ event: "shard.failed", name, error: asError(thrown).message }));
    }
  }
  return "failed";
}

/** The reverse of dealing: the first of each, then the second of each. */
function merged<Item>(parts: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...parts.map(({ length }) => length));
  return Array.from({ length: longest }, (_none, index) =>
    parts.flatMap((part) => part.slice(index, index + 1)),
  ).flat();
}
