/** Lists are told page by page. A cursor is the place of the last item, so that it holds while the list changes. */
import { text, whole } from "./fields.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

interface Wanted {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Names, times and ids are of these. */
const CURSOR = /^[\w.:-]{1,300}$/u;

/** The query of a list: its largest page is also what is told without a limit. */
export function pageQuery(limitMax: number) {
  return {
    limit: whole(1, limitMax).default(limitMax),
    cursor: text(CURSOR, "must be the nextCursor of an earlier reply").optional(),
  };
}

/** One page of a whole list, by a place of each item that orders as text does. */
export function pageOf<Item>(
  all: readonly Item[],
  placeOf: (item: Item) => string,
  { limit, cursor }: Wanted,
): Page<Item> {
  const placed = all
    .map((item) => ({ item, place: placeOf(item) }))
    .filter(({ place }) => cursor === undefined || place > cursor)
    .toSorted((one, other) => (one.place < other.place ? -1 : 1));
  return cut(placed.slice(0, limit + 1), limit);
}

/** A page of which one item more than its limit was asked for: that one says whether there is a next page. */
export function cut<Item>(
  placed: readonly { readonly item: Item; readonly place: string }[],
  limit: number,
): Page<Item> {
  const items = placed.slice(0, limit).map(({ item }) => item);
  const nextCursor = placed.length > limit ? (placed[limit - 1]?.place ?? null) : null;
  return { items, nextCursor };
}
