/** A small program on which `run.test.ts` tries what a mutant can do. */

/** Made on import: a mutant of it takes effect only where the file is loaded with it. */
export const SIZES = ["small", "large"];

export function fits(weight: number, max: number): boolean {
  return weight <= max;
}

/** One of its mutants never ends. */
export function countTo(end: number): number {
  let count = 0;
  while (count < end) count += 1;
  return count;
}

let isTorn = false;

/** One of its mutants leaves something behind for whatever is loaded already. */
export function isWhole(falls: number): boolean {
  if (falls > 3) isTorn = true;
  return !isTorn;
}
