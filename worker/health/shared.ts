/**
 * Asks the servers of a look together with shards. Each shard is an object with six sockets of its own
 * (worker/shard.ts). It is handed its servers and the numbers of further shards, with which it shares
 * again: so nobody calls more than two shards at once, whether or not Cloudflare counts such calls among
 * the six connections, which nobody has verified.
 *
 * 1. A shard that throws: its servers go to the next shard, or to the caller's own sockets, in turn.
 * 2. A shard that hangs is given up at the end. Its servers are asked by the caller too, as far as its
 *    sockets are idle. The others have no reading in this look: their turn is owed, so they come first in the next.
 * 3. Shards that failed are named, so that they rest for a while.
 * 4. A shard remembers nothing, arms no alarm, and is given no secret: it parses its own settings.
 */
import type { HealthSpec } from "../../durable/rules/spec.ts";
import type { Pace, ProbeRequest } from "../../durable/rules/world.ts";
import { asError, deadlineIn, orAborted } from "../clock.ts";
import { type Asked, InTurn } from "./in-turn.ts";
import type { Prober } from "./route.ts";
import { GUESS_MS } from "./latency.ts";
import { deal, SHARE_MS, SOCKETS } from "./shares.ts";

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
  /** By their hashes, for requests that name one. */
  readonly checks?: Readonly<Record<string, HealthSpec>>;
  /** Absent where nothing was measured. */
  readonly pace?: Pace;
  /** Its answer is wanted after so many milliseconds at the latest. */
  readonly limitMs: number;
  /** Further shards that help it. */
  readonly shards: readonly string[];
  /** The AWS region of the fleet: a shard that is made lies near it. */
  readonly region: string;
}

/** What came of a share. */
export interface Shared extends Asked {
  /** Shards that threw, or did not answer in time. */
  readonly failedShards: readonly string[];
}

/** Asks the servers of one share. */
export interface ShardApi {
  ask(share: Share): Promise<Shared>;
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
  readonly asked: Promise<Shared>;
}

/** Begins at once. `sockets` are the caller's own that are free for probes. */
export function shareOut(deps: SharedDeps, share: Share, sockets = SOCKETS): Sharing {
  const names = deps.shards === undefined ? [] : share.shards;
  const { own, rest } = split(share, names.length + 1, sockets);
  const groupCount = Math.min(CALLS_MAX, names.length);
  const deadline = deadlineIn(deps.clock, share.limitMs);
  const inTurn = new InTurn(deps, {
    ...share,
    requests: own,
    signal: deadline.signal,
    endsAtMs: deadline.atMs,
    sockets,
  });
  inTurn.addSpare(rest);
  const groups = groupsOf(names, rest, groupCount);

  const gather = async (): Promise<Shared> => {
    try {
      const others = await Promise.all(
        groups.map(async ({ requests, shards }) => {
          const group = await askGroup(deps, { ...share, requests, shards }, deadline);
          inTurn.dropSpare(requests);
          if (group.isOpen) inTurn.add(requests);
          return group;
        }),
      );
      const all = [await inTurn.finish(), ...others];
      return {
        readings: all.flatMap(({ readings }) => readings),
        cutShort: all.flatMap(({ cutShort }) => cutShort),
        failedShards: others.flatMap(({ failedShards }) => failedShards),
      };
    } finally {
      deadline.clear();
    }
  };
  return { widen: (more) => inTurn.widen(more), asked: gather() };
}

/**
 * The caller's own sockets get those that are expected to answer and have waited longest, as many as they
 * can surely ask: so these are asked even if every shard fails. Doubtful servers, which cost most, are
 * dealt out evenly.
 */
function split(
  { requests, pace }: Share,
  shares: number,
  sockets: number,
): { own: ProbeRequest[]; rest: ProbeRequest[] } {
  if (shares === 1) return { own: [...requests], rest: [] };
  const expected = requests.filter(({ doubtful }) => doubtful !== true);
  const doubtful = deal(
    requests.filter((request) => request.doubtful === true),
    shares,
  );
  const most = Math.floor((sockets * SHARE_MS) / (pace?.answerMs ?? GUESS_MS));
  const owned = Math.min(Math.ceil(expected.length / shares), most);
  return {
    own: [...expected.slice(0, owned), ...(doubtful[0] ?? [])],
    rest: [...expected.slice(owned), ...merged(doubtful.slice(1))],
  };
}

/** Shards that are called together, each group with servers in proportion to its size. */
function groupsOf(names: readonly string[], requests: readonly ProbeRequest[], count: number) {
  const parts = deal(requests, names.length);
  return deal(
    names.map((name, index) => ({ name, requests: parts[index] ?? [] })),
    count,
  ).map((members) => ({
    shards: members.map(({ name }) => name),
    requests: merged(members.map((member) => member.requests)),
  }));
}

interface Group extends Shared {
  /** Nobody has asked its servers, and there may be time to do so. */
  readonly isOpen: boolean;
}

/** The first of the group that does not fail asks for all of it, with the help of those behind it. */
async function askGroup(
  { clock, shards }: SharedDeps,
  share: Share,
  deadline: { readonly signal: AbortSignal; readonly atMs: number },
): Promise<Group> {
  const failedShards: string[] = [];
  for (const [index, name] of share.shards.entries()) {
    const limitMs = deadline.atMs - clock.now() - HOP_MS;
    if (shards === undefined || limitMs < CALL_MIN_MS) break;
    const helpers = share.shards.slice(index + 1);
    try {
      const call = shards(name, share.region).ask({ ...share, limitMs, shards: helpers });
      const asked = await orAborted(call, deadline.signal);
      return { ...asked, failedShards: [...failedShards, ...asked.failedShards], isOpen: false };
    } catch (thrown) {
      failedShards.push(name);
      console.warn(JSON.stringify({ event: "shard.failed", name, error: asError(thrown).message }));
      if (deadline.signal.aborted) break;
    }
  }
  return { readings: [], cutShort: [], failedShards, isOpen: true };
}

/** The reverse of dealing: the first of each, then the second of each. */
function merged<Item>(parts: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...parts.map(({ length }) => length));
  return Array.from({ length: longest }, (_none, index) =>
    parts.flatMap((part) => part.slice(index, index + 1)),
  ).flat();
}
