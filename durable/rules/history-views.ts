/** What people are shown of the past; it crosses RPC, as the other views do. */

/** What the fleet was from a moment on, until the next point. */
export interface HistoryPoint {
  readonly at: string;
  readonly spares: number;
  readonly target: number;
  readonly busy: number;
  readonly unknown: number;
  readonly launching: number;
  readonly draining: number;
  readonly sessions: number;
  /** Of all that was billed, at bundle prices; null where these were not known. */
  readonly usdPerHour: number | null;
}

/** What people see beside the points; one of a schedule's boundaries is a moment, the others last. */
export interface MarkView {
  readonly kind: "boundary" | "override" | "guard";
  readonly name: string;
  /** In plain words. */
  readonly note: string;
  readonly from: string;
  /** Null while it lasts, and no end is known. */
  readonly until: string | null;
}

export interface HistoryView {
  readonly from: string;
  readonly until: string;
  readonly points: readonly HistoryPoint[];
  readonly marks: readonly MarkView[];
  /** Since midnight in the fleet's zone, by the points; null where no price was known. */
  readonly today: { readonly since: string; readonly usd: number | null };
}
