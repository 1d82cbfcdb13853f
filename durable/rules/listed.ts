/** Whether a row's instance is known to be ours still. */
import type { Instance } from "./model.ts";
import type { State } from "./state.ts";

/**
 * The last complete listing of this life of the object has shown it as ours. Before there is one nobody
 * knows: what the ledger says of the tags may be older than what a person did to them. A row without an ARN
 * was never shown at all.
 */
export function isListed({ memory }: Pick<State, "memory">, { name, arn }: Instance): boolean {
  const { listedAt, unlisted, unread } = memory;
  return arn !== null && listedAt !== null && !unlisted.has(name) && !unread.rows.has(name);
}
