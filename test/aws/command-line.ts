/** Numbers of a command line, and the errors for those that make no sense. */

/** A command line that cannot be followed; the message says what to change. */
export class UsageError extends Error {}

export function numberOf(
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() !== "" && value >= min && value <= max) return value;
  throw new UsageError(`${name} must be a number between ${min} and ${max}, not "${text}".`);
}

export function wholeOf(
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = numberOf(name, text, fallback, min, max);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`${name} must be a whole number, not "${text}".`);
}

const BURST_MAX = 100_000;
const REFILL_MIN = 0.01;
const REFILL_MAX = 100_000;

/** A token bucket as `BURST,RATE`: calls at once, and calls per second from then on. */
export function bucketOf(
  name: string,
  text: string | undefined,
): { readonly capacity: number; readonly refillPerSecond: number } | null {
  if (text === undefined) return null;
  const [burst = "", rate = "", ...rest] = text.split(",");
  if (rate === "" || rest.length > 0) {
    throw new UsageError(
      `${name} must be BURST,RATE: calls at once, and calls per second from then on, such as 5,0.5; not "${text}".`,
    );
  }
  return {
    capacity: wholeOf(`${name}'s burst`, burst, 0, 1, BURST_MAX),
    refillPerSecond: numberOf(`${name}'s rate`, rate, 0, REFILL_MIN, REFILL_MAX),
  };
}
