import { Timeline } from "./timeline.ts";

/** One tag of one EC2 resource. */
export interface Ec2Tag {
  readonly resourceId: string;
  readonly key: string;
  readonly value: string;
}

type Tags = ReadonlyMap<string, string>;

/** EC2's tags by region and resource. Resources themselves are not modelled: a well-formed id is enough. */
export class Ec2Tags {
  readonly #regions = new Map<string, Map<string, Timeline<Tags>>>();

  /** All tags of a region as they stood at `at`. */
  list(region: string, at: number): Ec2Tag[] {
    const resources = [...(this.#regions.get(region) ?? [])];
    return resources.flatMap(([resourceId, tags]) =>
      [...tags.at(at)].map(([key, value]) => ({ resourceId, key, value })),
    );
  }

  /** The tags of one resource as they stand now. */
  of(region: string, resourceId: string, now: number): Tags {
    return this.#regions.get(region)?.get(resourceId)?.at(now) ?? new Map();
  }

  /** Sets what a resource's tags are from `now` on. */
  set(region: string, resourceId: string, tags: Tags, now: number): void {
    const resources = this.#regions.get(region) ?? new Map<string, Timeline<Tags>>();
    this.#regions.set(region, resources);
    const timeline = resources.get(resourceId) ?? new Timeline<Tags>(-Infinity, new Map());
    timeline.set(now, tags);
    resources.set(resourceId, timeline);
  }
}
