/**
 * Requests that were refused, counted by the address from which they came. The counts live in the memory of
 * the isolate; the log has each refusal, with the address too.
 */
import type { RefusedAddress, RefusedList } from "./schemas/refused.ts";

/** Addresses that are counted apart. The one that was refused longest ago is forgotten first. */
const ADDRESSES_MAX = 500;

/** `wrong`: no token that is accepted. `forbidden`: one that may not do that. `tooMany`: too often. */
export type RefusalKind = "wrong" | "forbidden" | "tooMany";

const KIND_OF: Readonly<Record<number, RefusalKind>> = {
  401: "wrong",
  403: "forbidden",
  429: "tooMany",
};

/** What a status refuses; null if it is no refusal of who asks. */
export function refusalOf(status: number): RefusalKind | null {
  return KIND_OF[status] ?? null;
}

export class Refusals {
  readonly #since: number;
  readonly #byAddress = new Map<string, RefusedAddress>();
  #forgotten = 0;

  constructor(since: number) {
    this.#since = since;
  }

  /** @param actor whose token it was; null if nobody knows */
  note(kind: RefusalKind, address: string, actor: string | null, now: number): void {
    const at = new Date(now).toISOString();
    const none = { address, wrong: 0, forbidden: 0, tooMany: 0, firstAt: at, lastActor: null };
    const before = this.#byAddress.get(address) ?? none;
    const lastActor = actor ?? before.lastActor;
    // Put in anew, the address is the last that is forgotten.
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { ...before, [kind]: before[kind] + 1, lastAt: at, lastActor });
    const [oldest] = this.#byAddress.values();
    if (this.#byAddress.size <= ADDRESSES_MAX || oldest === undefined) return;
    this.#byAddress.delete(oldest.address);
    this.#forgotten += countOf(oldest);
  }

  /** The address with the most refusals first. */
  list(): RefusedList {
    const addresses = [...this.#byAddress.values()].toSorted((a, b) => countOf(b) - countOf(a));
    return { since: new Date(this.#since).toISOString(), addresses, forgotten: this.#forgotten };
  }
}

function countOf({ wrong, forbidden, tooMany }: RefusedAddress): number {
  return wrong + forbidden + tooMany;
}
