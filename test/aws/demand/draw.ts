/** Draws from a seeded stream. Each takes one number of it. */
import type { Random } from "./random.ts";

export function chance(random: Random, share: number): boolean {
  return random() < share;
}

/** A whole number from `min` to `max`, both of them too. */
export function whole(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined && items.length === 0) throw new RangeError("there is nothing to draw");
  return item as Item;
}
