/** The boundaries around now, remembered: they are asked for in every tick, and change a few times a day. */
import { type Boundary, type Schedule, lastBoundary, nextBoundary } from "./boundaries.ts";

/** Looked up anew at least this often, since the ten years that are looked through move too. */
const KEEP_MS = 86_400_000;

export interface Around {
  readonly last: Boundary | null;
  readonly next: Boundary | null;
}

interface Kept extends Around {
  readonly spares: Schedule;
  /** The same schedule may come as another object: each tick reads the spec from its row. */
  readonly written: string;
  readonly from: number;
  readonly until: number;
}

export class Calendar {
  #kept: Kept | null = null;

  /** The newest boundary until now and the first one after. Cheap while spec and boundaries stay. */
  at(spares: Schedule, now: number): Around {
    const kept = this.#kept;
    if (kept !== null && isOf(kept, spares) && kept.from <= now && now < kept.until)
      return { last: kept.last, next: kept.next };

    const around = { last: lastBoundary(spares, now), next: nextBoundary(spares, now) };
    this.#kept = {
      ...around,
      spares,
      written: writtenOf(spares),
      from: around.last?.at ?? now,
      until: Math.min(around.next?.at ?? Infinity, now + KEEP_MS),
    };
    return around;
  }
}

function isOf(kept: Kept, spares: Schedule): boolean {
  return kept.spares === spares || kept.written === writtenOf(spares);
}

function writtenOf({ schedule, specialDays }: Schedule): string {
  return JSON.stringify([schedule, specialDays]);
}
