/**
 * I24: an address that has become somebody else's is neither asked nor believed. Servers of the simulator change
 * their addresses while they run, and at the old one a stranger answers that it is empty and drains. So:
 *
 * 1. Nothing goes to the old address after AWS was asked for the server by name, and has answered.
 * 2. Nothing goes to the new address before AWS was read twice since.
 * 3. No delete of an empty server is decided on what answered at an address that is another's by then.
 *
 * What was on its way, or was read in the same tick, is given some seconds.
 */
import type { SimEvent } from "../event.ts";
import type { Invariant, Truth } from "./invariant.ts";
import { rowOf } from "./rows.ts";

/** A look and a plan, and a reply that is slow. */
const SLACK_MS = 12_000;
/** AWS's word is of the very look by which a delete is decided. */
const LOOK_MS = 6_000;
const READS_THAT_SHOW = 2;

interface Move {
  readonly from: string;
  readonly at: number;
  /** Looks of the fleet that may have shown it. */
  readonly reads: number;
  /** When AWS was first asked for it by name, and has answered; null before. */
  readonly toldAt: number | null;
  readonly isAsked: boolean;
}

export const ownAddress: Invariant = {
  id: "I24",
  says: "an address that is somebody else's is neither asked nor believed",
  start: () => {
    const moves = new Moves();
    return (event, truth) => moves.follow(event, truth);
  },
};

class Moves {
  readonly #byName = new Map<string, Move>();

  follow(event: SimEvent, truth: Truth): string | null {
    if (event.kind === "moved") {
      const move = { from: event.from, at: truth.now, reads: 0, toldAt: null, isAsked: false };
      this.#byName.set(event.name, move);
    }
    // What a look has shown may be lost with the object, and another ledger knows no earlier address.
    if (event.kind === "crash")
      for (const [name, move] of this.#byName) this.#byName.set(name, { ...move, toldAt: null });
    if (event.kind === "stateLost") this.#byName.clear();
    if (event.kind === "call") this.#read(event, truth);
    if (event.kind === "probe") return this.#asked(event.name);
    if (event.kind === "stranger") return this.#misled(event, truth);
    return event.kind === "commit" ? this.#decided(event, truth) : null;
  }

  #read({ by, op, outcome, names }: Extract<SimEvent, { kind: "call" }>, { now }: Truth): void {
    if (by !== "fleet" || outcome !== "ok") return;
    if (op !== "GetInstances" && op !== "GetInstance") return;
    for (const [name, move] of this.#byName) {
      const isNamed = op === "GetInstance" && names.includes(name);
      if (op === "GetInstance" && !isNamed) continue;
      const toldAt = isNamed ? (move.toldAt ?? now) : move.toldAt;
      this.#byName.set(name, { ...move, toldAt, reads: move.reads + 1 });
    }
  }

  /** The server itself was reached, which is at its new address. */
  #asked(name: string): string | null {
    const move = this.#byName.get(name);
    if (move === undefined || move.isAsked) return null;
    this.#byName.set(name, { ...move, isAsked: true });
    return move.reads >= READS_THAT_SHOW
      ? null
      : `${name} was asked at its new address after ${move.reads} looks at AWS`;
  }

  #misled(
    { address, what }: Extract<SimEvent, { kind: "stranger" }>,
    { now }: Truth,
  ): string | null {
    for (const [name, { from, toldAt }] of this.#byName)
      if (from === address && toldAt !== null && now - toldAt > SLACK_MS)
        return `a ${what} call went to ${address}, where ${name} is not any more by AWS's own word`;
    return null;
  }

  #decided({ moves }: Extract<SimEvent, { kind: "commit" }>, truth: Truth): string | null {
    for (const { name, from, to } of moves) {
      const move = this.#byName.get(name);
      if (move === undefined || from !== "draining" || to !== "deleting") continue;
      if (truth.isForced(name) || truth.now - move.at <= LOOK_MS) continue;
      const row = rowOf(truth, name);
      if (row?.["publicIp"] === move.from && row["stoppedSince"] === null)
        return `${name} goes to deletion on what answered at ${move.from}, which is somebody else's`;
    }
    return null;
  }
}
