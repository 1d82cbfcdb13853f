/** Numbers of a command line, and what is said of those that make no sense. */

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
