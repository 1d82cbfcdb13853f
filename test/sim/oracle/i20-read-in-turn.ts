/**
 * I20: every healthy server is asked again within a stated number of looks, however many there are and however
 * long the way is. With `p` the time of one probe, and `n` the servers that are asked at all,
 *
 *   looks = 3 + n * p / (6 sockets * 3 s)
 *
 * as if no shard helped: what shards gain is left to AWS, and to servers that drop packets. A
 * look counts if it came no sooner than the interval of the spec after the one before it. A fresh object
 * does not know whose turn it was, and a tick that fails is no look: looks are counted anew then.
 */
import type { SimEvent } from "../event.ts";
import type { Invariant, Truth } from "./invariant.ts";

const LOOKS_MIN = 3;
const SOCKETS = 6;
const LOOK_MS_SURE = 3_000;
const TICK_FAILED = '{"event":"tick.failed"';
const ASKED =
  "SELECT name, publicIp, movedTick FROM instances WHERE phase IN ('warming', 'ready', 'draining')";

export const readInTurn: Invariant = {
  id: "I20",
  says: "every healthy server is asked within a stated number of looks",
  start: () => {
    const turns = new Turns();
    return (event, truth) => turns.follow(event, truth);
  },
};

/** Looks that a healthy server may wait for its turn. */
export function looksFor(servers: number, probeMs: number): number {
  return LOOKS_MIN + Math.ceil((servers * probeMs) / (SOCKETS * LOOK_MS_SURE));
}

/** Looks in which all of so many servers are asked once. */
export function looksOfRound(servers: number, probeMs: number): number {
  return Math.max(1, looksFor(servers, probeMs) - LOOKS_MIN);
}

class Turns {
  /** By name, the looks since the server was asked or became one to ask. */
  #waits = new Map<string, number>();
  readonly #asked = new Set<string>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  follow(event: SimEvent, truth: Truth): string | null {
    if (event.kind === "probe") this.#asked.add(event.name);
    if (event.kind === "crash" || event.kind === "stateLost") this.#waits.clear();
    if (event.kind === "text" && event.text.startsWith(TICK_FAILED)) this.#waits.clear();
    if (event.kind !== "alarm" || event.what !== "finished") return null;
    if (truth.spec === null || !truth.clockworkWorks) {
      this.#waits.clear();
      return null;
    }
    return this.#look(truth, truth.spec.health.intervalSeconds * 1_000);
  }

  #look(truth: Truth, intervalMs: number): string | null {
    for (const name of this.#asked) this.#waits.set(name, -1);
    this.#asked.clear();
    if (truth.now - this.#lookedAt < intervalMs) return null;
    this.#lookedAt = truth.now;
    const rows = truth.sql.rows(ASKED);
    const most = looksFor(rows.length, truth.probeMs);
    const waits = new Map<string, number>();
    let late: string | null = null;
    for (const row of rows) {
      const name = String(row["name"]);
      const machine = truth.machine(name);
      // One that is not well may be asked less often, and one that has moved cannot be found, or waits for AWS.
      if (machine?.isWell !== true || machine.address !== row["publicIp"]) continue;
      if (row["movedTick"] !== null) continue;
      const looks = (this.#waits.get(name) ?? -1) + 1;
      waits.set(name, looks);
      if (looks > most) late ??= name;
    }
    this.#waits = waits;
    return late === null
      ? null
      : `${late} is well, and was not asked in ${waits.get(late)} looks at ${rows.length} servers`;
  }
}
