/**
 * A planted bug outside the rules: a mistake that a developer could make, and the tests of which
 * docs/safety.md says that they hold the promise which it breaks. Each of these test files must fail by it.
 */
import type { Patch } from "../sim/planted/bug.ts";

/** The kinds of mistakes that lived longest, when some were planted where nobody had planted any. */
export const KINDS = [
  "a long time in one life",
  "what only a reload shows",
  "the same call twice, or two at once",
  "a seam",
  "a figure",
  "a list that repeats another",
  "a number that people read",
  "the end of something",
  "a migration that fails",
  "an effect before it is durable",
  "a refusal that lasts",
  "a fault from the field",
  "a rule",
] as const;

export type Kind = (typeof KINDS)[number];

export interface HeldBug extends Patch {
  readonly name: string;
  readonly kind: Kind;
  readonly what: string;
  /** Paths of test files from the root of the project. */
  readonly heldBy: readonly string[];
  /** Further changes that belong to the same mistake. */
  readonly more?: readonly Patch[];
}
