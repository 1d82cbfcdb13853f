/**
 * Under which condition a spec may be put (RFC 9110, 13): so that two people who change it at once do not
 * undo each other. It is judged in the transaction that writes.
 */

/** Tags of versions, or `any` of them. */
export type Versions = readonly string[] | "any";

export interface SpecCondition {
  /** The fleet's spec must be one of these; null where that does not matter. */
  readonly ifMatch: Versions | null;
  /** And none of these. */
  readonly ifNoneMatch: Versions | null;
}

export const UNCONDITIONAL: SpecCondition = { ifMatch: null, ifNoneMatch: null };

/** Names one version of one fleet's spec: a fleet that is made again begins its versions anew. */
export function specTag(fleet: {
  readonly incarnation: string;
  readonly specVersion: number;
}): string {
  return `${fleet.incarnation}.${fleet.specVersion}`;
}

/** What is not as the condition wants it, in plain words; null where all is. `tag` is null without a fleet. */
export function unmet({ ifMatch, ifNoneMatch }: SpecCondition, tag: string | null): string | null {
  if (ifMatch !== null && !names(ifMatch, tag))
    return tag === null
      ? "there is no fleet of this name, and If-Match wants one; leave it out to create the fleet"
      : `somebody has put another spec since: it is now "${tag}". Read it with GET .../spec, make your change on that, and put it with its ETag in If-Match`;
  if (ifNoneMatch !== null && names(ifNoneMatch, tag))
    return `the fleet exists, and its spec is "${tag}", which If-None-Match excludes; put it with If-Match: "${tag}" to change it`;
  return null;
}

function names(versions: Versions, tag: string | null): boolean {
  return tag !== null && (versions === "any" || versions.includes(tag));
}
