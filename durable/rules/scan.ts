/**
 * A listing in several looks. AWS gives some twenty instances in a page, and the pages of a large account do not
 * always fit into one look, or into the calls in hand. Each part is taken as it comes: whom it shows is
 * there. Only when the last page is in does the whole say who is absent, as of the moment at which it began.
 */
import type { Listing, Stranger, UnreadInstance } from "./world.ts";

/** What the parts of an unfinished listing have shown. */
export interface Scan {
  /** When the first page was asked for. */
  readonly startedAt: number;
  /** Where it goes on. */
  readonly next: string;
  readonly pages: number;
  /** Our own instances so far: names by ARN. */
  readonly present: ReadonlyMap<string, string>;
  readonly strangers: readonly Stranger[];
  readonly unread: readonly UnreadInstance[];
}

/** What the last whole listing gave in a form that cannot be read. */
export interface Unread {
  /** Those that may be ours. */
  readonly instances: readonly UnreadInstance[];
  /** Rows that the listing lacks, and that may be among them. */
  readonly rows: ReadonlySet<string>;
  /** Those of the rows that nobody has looked up by name since. */
  readonly due: ReadonlySet<string>;
}

export const ALL_READ: Unread = { instances: [], rows: new Set(), due: new Set() };

/** About ten thousand instances of an account in one region; a listing that goes on is given up. */
const PAGES_MAX = 500;

/** A listing as it stands after this look. */
export interface Assembled {
  /** The last look: complete only if it brought the last page. */
  readonly listing: Listing;
  /** Our own instances of all its looks: names by ARN. */
  readonly present: ReadonlyMap<string, string>;
  /** What is left for the next look; null where nothing is. */
  readonly scan: Scan | null;
}

/** This look together with those before it. */
export function assembled({ scan }: { readonly scan: Scan | null }, look: Listing): Assembled {
  const present = new Map(scan?.present);
  if (look.kind === "none") return { listing: look, present, scan };
  for (const { arn, name } of look.instances) present.set(arn, name);
  const startedAt = scan?.startedAt ?? look.startedAt;
  const strangers = [...(scan?.strangers ?? []), ...look.strangers];
  // An instance can move from one page to the next, and be read there.
  const unread = [...(scan?.unread ?? []), ...look.unread].filter(
    ({ arn }) => arn === null || !present.has(arn),
  );
  const pages = (scan?.pages ?? 0) + look.pages;

  if (look.kind === "partial") {
    const { next } = look;
    if (next !== null && pages >= PAGES_MAX) return doubtful(look, present, endless(pages));
    const rest = next === null ? null : { startedAt, next, pages, present, strangers, unread };
    return { listing: look, present, scan: rest };
  }
  const { instances } = look;
  const whole: Listing = { kind: "complete", startedAt, pages, instances, strangers, unread };
  return { listing: whole, present, scan: null };
}

/** No more pages are asked for, and still the listing is not whole. */
function doubtful(
  look: Exclude<Listing, { kind: "none" }>,
  present: ReadonlyMap<string, string>,
  detail: string,
): Assembled {
  const hole = { why: "malformed", rejection: null, detail } as const;
  return { listing: { ...look, kind: "partial", hole, next: null }, present, scan: null };
}

function endless(pages: number): string {
  return `GetInstances has no end after ${pages} pages`;
}
