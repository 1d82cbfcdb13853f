/** Names that replies have told: without them, nearly every request on a part of a fleet would be a 404. */
import type { Random } from "../aws/demand/random.ts";
import { chance, oneOf } from "../aws/demand/draw.ts";

const KEPT_MAX = 40;

/** `media` is there from the start; the others are made and removed as the requests have it. */
const FLEETS = ["media", "media", "media", "fuzz-a", "fuzz-b", "nowhere"] as const;

export class Known {
  readonly #names = new Map<string, string[]>();

  /** What may stand for a part of a path. */
  namesOf(parameter: string, path: string): readonly string[] {
    if (parameter === "fleet") return FLEETS;
    const kind = path.includes("/leases/")
      ? "lease"
      : path.includes("/overrides/")
        ? "override"
        : "instance";
    return ["media-ab12-1", ...(this.#names.get(kind) ?? [])];
  }

  /** A value that a reply has told for a parameter of that name; undefined where none has. */
  valueOf(name: string, random: Random): string | undefined {
    if (name === "confirm") return oneOf(random, ["fuzz-a", "fuzz-b", "fuzz-a", "nowhere"]);
    const told = this.#names.get(name) ?? [];
    return told.length > 0 && chance(random, 0.6) ? oneOf(random, told) : undefined;
  }

  /** Keeps what a reply tells. */
  learn(headers: Headers, body: unknown): void {
    const etag = headers.get("ETag");
    if (etag !== null) for (const name of ["If-Match", "If-None-Match"]) this.#keep(name, etag);
    if (typeof body !== "object" || body === null) return;
    const { nextCursor, instances, leases, override, overrides } = body as Record<string, unknown>;
    if (typeof nextCursor === "string") this.#keep("cursor", nextCursor);
    for (const name of textsOf(instances, "name")) this.#keep("instance", name);
    for (const id of textsOf(leases, "id")) this.#keep("lease", id);
    for (const list of [[override], overrides])
      for (const id of textsOf(list, "id")) this.#keep("override", id);
  }

  #keep(kind: string, name: string): void {
    const names = this.#names.get(kind) ?? [];
    if (names.includes(name)) return;
    this.#names.set(kind, [...names, name].slice(-KEPT_MAX));
  }
}

function textsOf(items: unknown, member: string): string[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const value: unknown = Reflect.get(item, member);
    return typeof value === "string" ? [value] : [];
  });
}
