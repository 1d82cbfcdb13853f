/**
 * How many shards a look needs, and which servers each set of sockets asks. A small fleet needs no shard:
 * the eyes' own sockets ask all of it.
 */
import type { Pace, ProbeRequest } from "../../durable/rules/world.ts";
import { GUESS_MS } from "./latency.ts";

/** Cloudflare lets six connections of one invocation wait at once, and queues the others unseen. */
export const SOCKETS = 6;
/** Shards of one fleet at the most: beyond that its servers are asked in turn, over several looks. */
export const SHARDS_MAX = 8;
/** What one set of sockets surely has time for in a look, in milliseconds. */
export const SHARE_MS = 3_000;
/** What a server is taken to cost that does not answer, until it was measured. */
const SILENCE_GUESS_MS = 500;

/** Servers that answer in `probeMs` which a look with so many shards surely asks. */
export function serversPerLook(probeMs: number, shards: number): number {
  return (shards + 1) * Math.floor((SOCKETS * SHARE_MS) / Math.max(1, probeMs));
}

/** As many shards as it takes to ask all of `probes` within `shareMs` of one look, at the pace that was measured. */
export function shardsFor(
  probes: readonly Pick<ProbeRequest, "doubtful">[],
  pace: Pace | undefined,
  shareMs = SHARE_MS,
): number {
  const doubtful = probes.filter((request) => request.doubtful === true).length;
  const answersMs = (probes.length - doubtful) * (pace?.answerMs ?? GUESS_MS);
  const silencesMs = doubtful * (pace?.silenceMs ?? SILENCE_GUESS_MS);
  const sets = Math.max(
    (answersMs + silencesMs) / (SOCKETS * shareMs),
    // Doubtful servers get half of the sockets.
    silencesMs / ((SOCKETS / 2) * shareMs),
  );
  return Math.min(SHARDS_MAX, Math.max(0, Math.ceil(sets) - 1));
}

/** `items` dealt out in turn, so that each share has as many of the first and of the last. */
export function deal<Item>(items: readonly Item[], shares: number): Item[][] {
  const dealt = Array.from({ length: shares }, (): Item[] => []);
  for (const [index, item] of items.entries()) dealt[index % shares]?.push(item);
  return dealt;
}
