/** Long lists are told page by page, in an order in which nothing moves while it is read. */

export interface PageWish {
  /** The name after which to go on; null from the beginning. */
  readonly after: string | null;
  readonly limit: number;
}

/** By their numbers, for names of one ledger differ in nothing else: `media-ab12-9` before `media-ab12-10`. */
export function byName(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The names of a page, of all in any order. What was after a name is after it also when the name is gone. */
export function pageOfNames(names: readonly string[], { after, limit }: PageWish): string[] {
  return names
    .filter((name) => after === null || byName(name, after) > 0)
    .toSorted(byName)
    .slice(0, limit);
}
