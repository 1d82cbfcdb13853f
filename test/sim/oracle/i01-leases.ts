/**
 * I1, of leases: a server on which a lease lives is not deleted, whatever the age of anybody's list; a
 * lease is given on a server that is ready, and no slot is given twice. Judged by the ledger at the
 * commit that gives it, by what its holder does with it, and by the true sessions: where there are leases,
 * every session is placed under one.
 */
import type { Row } from "../../../durable/ledger/sql.ts";
import type { SimEvent } from "../event.ts";
import type { Check, Truth } from "./invariant.ts";
import { incarnationOf, rowOf } from "./rows.ts";
import { carriedOut } from "./sightings.ts";

interface Known {
  readonly name: string;
  readonly until: number;
  readonly isPlaced: boolean;
}

export function leasesHold(): Check {
  const memory = new Memory();
  return (event, truth) => {
    if (event.kind === "lease") memory.told(event);
    if (event.kind === "commit") return memory.look(truth);
    const call = carriedOut(event);
    if (call?.op !== "DeleteInstance") return null;
    const name = call.names.find((each) => !truth.isForced(each) && memory.holds(each, truth) > 0);
    return name === undefined ? null : `${name} was deleted, and a lease on it lives`;
  };
}

class Memory {
  readonly #known = new Map<string, Known>();
  #incarnation: string | null = null;

  told({ what, id }: Extract<SimEvent, { kind: "lease" }>): void {
    const known = this.#known.get(id);
    if (what === "released") this.#known.delete(id);
    else if (known !== undefined) this.#known.set(id, { ...known, isPlaced: true });
  }

  /** Leases that live on a server, and under which no session was placed yet. */
  holds(name: string, { objectNow }: Truth): number {
    const waiting = [...this.#known.values()].filter(
      (lease) => lease.name === name && !lease.isPlaced && lease.until > objectNow,
    );
    return waiting.length;
  }

  look(truth: Truth): string | null {
    const incarnation = incarnationOf(truth);
    if (incarnation !== this.#incarnation) this.#known.clear();
    this.#incarnation = incarnation;
    if (incarnation === null) return null;
    let wrong: string | null = null;
    for (const row of truth.sql.rows("SELECT id, instance, expiresAt FROM leases"))
      wrong ??= this.#see(row, truth);
    for (const [id, { until }] of this.#known) if (until <= truth.objectNow) this.#known.delete(id);
    return wrong;
  }

  #see(row: Row, truth: Truth): string | null {
    const id = String(row["id"]);
    const name = String(row["instance"]);
    const until = Number(row["expiresAt"]);
    const known = this.#known.get(id);
    const isNew = known === undefined && until > truth.objectNow && !this.#seen.has(id);
    const wrong = isNew ? this.#wrongWith(name, truth) : null;
    if (isNew || known !== undefined)
      this.#known.set(id, { name, until, isPlaced: known?.isPlaced ?? false });
    this.#seen.add(id);
    return wrong;
  }

  readonly #seen = new Set<string>();

  #wrongWith(name: string, truth: Truth): string | null {
    const phase = rowOf(truth, name)?.["phase"];
    if (phase !== "ready") return `a lease was given on ${name}, which is ${String(phase)}`;
    const taken = truth.sessionsOn(name) + this.holds(name, truth);
    const capacity = truth.spec?.health.capacity ?? 1;
    return taken < capacity ? null : `a slot of ${name} was leased twice: ${taken} were taken`;
  }
}
