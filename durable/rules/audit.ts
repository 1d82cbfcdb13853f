/**
 * The chain of hashes over the audit trail: each row's hash covers the hash before it, so that a row which
 * is changed, removed, added or moved afterwards breaks the chain at that place.
 *
 * 1. There are two chains, one for each time that rows are kept. A chain forgets only its oldest rows, so
 *    what is kept of it never has a gap.
 * 2. A checkpoint keeps the hash of the newest row that a chain forgot: the kept rows begin there.
 * 3. A head keeps the hash of the newest row, so that rows missing at the end show.
 *
 * The chain proves nothing against someone who writes all of it anew: only a copy of a hash that is kept
 * elsewhere shows that.
 */
import { sha256 } from "./sha256.ts";

export const CHAINS = ["lasting", "routine"] as const;
export type ChainName = (typeof CHAINS)[number];

/** A row as the ledger keeps it. `chain` and `hash` are null in rows from before there were chains. */
export interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly tick: number;
  readonly kind: string;
  readonly instance: string | null;
  readonly actor: string;
  readonly message: string;
  /** The JSON text as it is stored. */
  readonly data: string;
  readonly chain: string | null;
  readonly hash: string | null;
}

/** Where the kept rows of a chain begin and end. */
export interface Chain {
  readonly name: ChainName;
  /** Rows up to this id are from before there were chains. */
  readonly bornAfterId: number;
  readonly afterId: number;
  readonly afterHash: string;
  readonly headId: number;
  readonly headHash: string;
}

/** A stretch of the trail, oldest first, with both chains as they are at that moment. */
export interface AuditPage {
  readonly chains: readonly Chain[];
  readonly rows: readonly AuditRow[];
}

export interface ChainBreak {
  readonly chain: ChainName | null;
  /** The first row that does not fit; of a missing end, the newest row that was there. */
  readonly eventId: number;
  readonly why: string;
}

/** The hash of a row that follows `previous`. */
export function linked(previous: string, row: Omit<AuditRow, "hash">): string {
  const { id, at, tick, kind, instance, actor, message, data, chain } = row;
  const text = JSON.stringify([id, at, tick, kind, instance, actor, message, data, chain]);
  return sha256(`${previous}\n${text}`);
}

/** Follows both chains over the rows that it is given, oldest first, up to the heads that it began with. */
export class ChainCheck {
  readonly #chains: ReadonlyMap<string, Chain>;
  readonly #last = new Map<string, { id: number; hash: string }>();
  #checked = 0;
  #unchained = 0;
  #broken: ChainBreak | null = null;

  constructor(chains: readonly Chain[]) {
    this.#chains = new Map(chains.map((chain) => [chain.name, chain]));
    for (const { name, afterId, afterHash } of chains)
      this.#last.set(name, { id: afterId, hash: afterHash });
  }

  /** Rows whose hash was followed. */
  get checked(): number {
    return this.#checked;
  }

  /** Rows from before there were chains: nothing is known of them. */
  get unchained(): number {
    return this.#unchained;
  }

  /** The newest row that there was when the check began. */
  get untilId(): number {
    return Math.max(0, ...[...this.#chains.values()].map(({ headId }) => headId));
  }

  take(rows: readonly AuditRow[]): void {
    for (const row of rows) if (row.id <= this.untilId) this.#follow(row);
  }

  /** The first break, or null where both chains hold. Call it once, after the last row. */
  end(): ChainBreak | null {
    for (const { name, headId, headHash } of this.#chains.values()) {
      const last = this.#last.get(name);
      if (last?.id !== headId || last.hash !== headHash)
        this.#breaks(
          name,
          last?.id ?? 0,
          `the chain ends here, and its newest row was ${headId}: rows after this one are missing, or the head was changed`,
        );
    }
    return this.#broken;
  }

  #follow(row: AuditRow): void {
    const chain = row.chain === null ? undefined : this.#chains.get(row.chain);
    const last = this.#last.get(row.chain ?? "");
    if (chain === undefined || last === undefined) return this.#outside(row);
    this.#checked++;
    if (row.id <= chain.afterId)
      return this.#breaks(chain.name, row.id, "the chain has forgotten this row, and it is there");
    if (row.hash !== linked(last.hash, row))
      this.#breaks(
        chain.name,
        row.id,
        `its hash does not follow from that of row ${last.id}: it was changed, or what stood between them was removed or added`,
      );
    this.#last.set(chain.name, { id: row.id, hash: row.hash ?? "" });
  }

  /** A row without a chain is older than the chains, or was added past them. */
  #outside(row: AuditRow): void {
    const born = Math.min(...[...this.#chains.values()].map(({ bornAfterId }) => bornAfterId));
    if (row.chain === null && row.hash === null && row.id <= born) this.#unchained++;
    else this.#breaks(null, row.id, "it belongs to no chain: it was added or changed past them");
  }

  #breaks(chain: ChainName | null, eventId: number, why: string): void {
    this.#broken ??= { chain, eventId, why };
  }
}
