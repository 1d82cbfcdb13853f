/**
 * A planted bug: a mistake that a developer could make, as a change of the source. The simulator must
 * find each of them, or it would not find the next one that nobody planted.
 */

/** One exact change of one file. */
export interface Patch {
  /** Path from the root of the project. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug extends Patch {
  readonly name: string;
  readonly what: string;
  /** What happened elsewhere, and would happen again by this mistake; null where it is only ours. */
  readonly incident: Incident | null;
  /** Any of them may catch it. */
  readonly invariants: readonly string[];
  /** It shows on large fleets alone, and is hunted there. */
  readonly isOfSize?: true;
  /** Further changes that belong to the same mistake. */
  readonly more?: readonly Patch[];
}

/** Accidents of systems like this one, each of which a guard of ours must keep from happening here. */
export const INCIDENTS = [
  "Reddit 2016: an autoscaler that was put to rest woke up, and took everything away",
  "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
  "github-runner 3802: what had no match was taken for an orphan, and killed",
  "karpenter-hetzner 53: died between create and record, billed for ever",
  "Karpenter 2734: a reused name led to the wrong server",
  "GitLab cattle-ops 450: servers without tags, seen by no cleanup",
  "Durable Object alarm loop, 34,895 dollars in eight days",
  "Karpenter 2011: new servers without end",
  "DynamoDB 2025: a delayed hand carried out an old plan",
  "Google Diskerase: the empty set meant all",
  "S3 2017: one command removed too much at once",
  "Slack 2021: servers that only waited were taken for idle ones",
  "Metastable failures: retries kept the overload alive",
  "Azure: an hour off, or stopped, at daylight saving",
  "UniSuper 2024: a parameter left blank meant delete",
] as const;

export type Incident = (typeof INCIDENTS)[number];

/** Of any bug: its first change, and the further ones. */
export function patchesOf(bug: Patch & { readonly more?: readonly Patch[] }): readonly Patch[] {
  return [bug, ...(bug.more ?? [])];
}

/**
 * The source with the change made.
 * @throws if the text to be changed does not stand in it exactly once: the code has moved on, and
 * the bug must follow it.
 */
export function patched(source: string, { file, find, replace }: Patch): string {
  const [before, after, ...rest] = source.split(find);
  if (before === undefined || after === undefined || rest.length > 0)
    throw new Error(`${file} must hold this exactly once: ${find}`);
  return `${before}${replace}${after}`;
}
