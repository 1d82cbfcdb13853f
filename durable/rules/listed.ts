/** Whether a row's instance is known to be ours still. */
import type { Instance } from "./model.ts";
import type { State } from "./state.ts";

type Seen = Pick<State, "memory">;

/**
 * The last complete listing of this life of the object has shown it as ours. Before there is one nobody
 * knows: what the ledger says of the tags may be older than what a person did to them. A row without an ARN
 * was never shown at all.
 */
export function isListed(state: Seen, row: Instance): boolean {
  return row.arn !== null && isUnmissed(state, row);
}

/** The same, or AWS has accepted our create of it and no listing has come since: under a name that is never used twice. */
export function isMadeByUs(state: Seen, row: Instance): boolean {
  return isListed(state, row) || (row.createdByUs && isUnmissed(state, row));
}

/** No complete listing of this life of the object lacks it, and there was one. */
function isUnmissed({ memory }: Seen, { name }: Instance): boolean {
  const { listedAt, unlisted, unread } = memory;
  return listedAt !== null && !unlisted.has(name) && !unread.rows.has(name);
}
