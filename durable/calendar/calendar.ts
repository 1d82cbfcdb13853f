/** The boundaries around now, remembered: they are asked for in every tick, and change a few times a day. */
import type { Agenda } from "../rules/model.ts";
import { type Schedule, boundariesBetween, lastBoundary } from "./boundaries.ts";

/** Looked up anew at least this often, since the ten years that are looked through move too. */
const KEEP_MS = 86_400_000;
/** So far ahead boundaries are told, for launches to begin early. */
const AHEAD_MS = 2 * KEEP_MS;
/** More of them say nothing more: with one in each minute, that is more than half an hour. */
const COMING_MAX = 40;

interface Kept extends Agenda {
  readonly spares: Schedule;
  /** The same schedule may come as another object: each tick reads the spec from its row. */
  readonly written: string;
  readonly from: number;
  readonly until: number;
}

export class Calendar {
  #kept: Kept | null = null;

  /** The newest boundary until now and those after it. Cheap while spec and boundaries stay. */
  at(spares: Schedule, now: number): Agenda {
    const kept = this.#kept;
    if (kept !== null && isOf(kept, spares) && kept.from <= now && now < kept.until)
      return { last: kept.last, coming: kept.coming };

    const last = lastBoundary(spares, now);
    const coming = boundariesBetween(spares, now, now + AHEAD_MS, COMING_MAX);
    this.#kept = {
      last,
      coming,
      spares,
      written: writtenOf(spares),
      from: last?.at ?? now,
      until: Math.min(coming[0]?.at ?? Infinity, now + KEEP_MS),
    };
    return { last, coming };
  }
}

function isOf(kept: Kept, spares: Schedule): boolean {
  return kept.spares === spares || kept.written === writtenOf(spares);
}

function writtenOf({ schedule, specialDays }: Schedule): string {
  return JSON.stringify([schedule, specialDays]);
}
