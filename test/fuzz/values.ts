/** Values from schemas, most of them valid, and what is done to them then. */
import type { Random } from "../aws/demand/random.ts";
import type { Description, Schema } from "./description.ts";
import { chance, oneOf, whole } from "../aws/demand/draw.ts";

const REF = "#/components/schemas/";
const DEPTH_MAX = 8;
const OPTIONAL_SHARE = 0.4;

/** Words that mean something somewhere in the API: a schema often says only `string`. */
const WORDS = [
  "10",
  "10+20%",
  "total:60",
  "UTC",
  "Asia/Seoul",
  "ap-northeast-2a",
  "0 9 * * 1-5",
  "2026-12-31T18:00",
  "2026-12-31",
  "0.0.0.0/0",
  "::/0",
  "/health",
  "PROBE_KEY",
  "X-Probe-Key",
  "{ip-dashed}.example.org",
  "ubuntu_22_04",
  "medium_3_0",
  "key-0abc1234",
  "media",
  "concert",
] as const;

const MOMENT = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/u;

const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 53 + 2,
  "",
  " ",
  "0",
  "1e9",
  "NaN",
  "null",
  "\u0000",
  "\ud800",
  "‮𝕏️",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "%00",
  "' OR 1=1 --",
  "a".repeat(5_000),
  [],
  {},
  [[[[[[[[]]]]]]]],
  { __proto__: 1 },
  { then: "hold" },
];

export class Values {
  readonly #random: Random;
  readonly #schemas: Readonly<Record<string, Schema>>;

  constructor(random: Random, { components }: Description) {
    this.#random = random;
    this.#schemas = components.schemas;
  }

  /** A value that the schema allows, as far as it can be told. */
  valid(schema: Schema, depth = 0): unknown {
    const random = this.#random;
    const resolved = this.#resolve(schema);
    if (resolved.const !== undefined) return resolved.const;
    if (resolved.enum !== undefined) return oneOf(random, resolved.enum);
    const choices = resolved.anyOf ?? resolved.oneOf;
    if (choices !== undefined) return this.valid(oneOf(random, choices), depth);
    if (resolved.default !== undefined && chance(random, 0.2)) return resolved.default;
    const type = oneOf(random, [resolved.type ?? "string"].flat());
    switch (type) {
      case "object":
        return this.#object(resolved, depth);
      case "array":
        return depth > DEPTH_MAX
          ? []
          : Array.from({ length: whole(random, 0, 3) }, () =>
              this.valid(resolved.items ?? {}, depth + 1),
            );
      case "integer":
      case "number":
        return this.#number(resolved, type === "integer");
      case "boolean":
        return chance(random, 0.5);
      case "null":
        return null;
      default:
        return this.#text(resolved);
    }
  }

  /** An example with other moments: those that it was written with are over. */
  renewed(example: unknown): unknown {
    if (typeof example === "string") return MOMENT.test(example) ? this.#moment() : example;
    if (typeof example !== "object" || example === null) return example;
    if (Array.isArray(example)) return example.map((item) => this.renewed(item));
    return Object.fromEntries(
      Object.entries(example).map(([key, item]) => [key, this.renewed(item)]),
    );
  }

  /** The same value with one place of it changed into something that nobody expects. */
  spoiled(value: unknown): unknown {
    const random = this.#random;
    if (typeof value !== "object" || value === null || chance(random, 0.2))
      return oneOf(random, STRANGE);
    if (Array.isArray(value)) {
      if (value.length === 0) return [oneOf(random, STRANGE)];
      const at = whole(random, 0, value.length - 1);
      return value.map((item: unknown, index) => (index === at ? this.spoiled(item) : item));
    }
    const entries = Object.entries(value);
    const kind = whole(random, 0, 2);
    if (entries.length === 0 || kind === 0)
      return Object.fromEntries([...entries, [oneOf(random, ["colour", "__proto__", ""]), 1]]);
    const at = whole(random, 0, entries.length - 1);
    if (kind === 1) return Object.fromEntries(entries.filter((_, index) => index !== at));
    return Object.fromEntries(
      entries.map(([key, item], index) => [key, index === at ? this.spoiled(item) : item]),
    );
  }

  #object({ properties = {}, required = [] }: Schema, depth: number): unknown {
    const random = this.#random;
    const kept = Object.entries(properties).filter(
      ([name]) => required.includes(name) || (depth < DEPTH_MAX && chance(random, OPTIONAL_SHARE)),
    );
    return Object.fromEntries(kept.map(([name, each]) => [name, this.valid(each, depth + 1)]));
  }

  #number({ minimum = 0, maximum = 1_000 }: Schema, isWhole: boolean): unknown {
    const random = this.#random;
    const top = Math.min(maximum, minimum + 1_000_000);
    const drawn = isWhole
      ? whole(random, minimum, chance(random, 0.7) ? Math.min(top, minimum + 100) : top)
      : minimum + random() * (top - minimum);
    // Numbers may be written as strings.
    return chance(random, 0.2) ? String(drawn) : drawn;
  }

  #text({ format }: Schema): string {
    const random = this.#random;
    if (format === "date-time" && chance(random, 0.9)) return this.#moment();
    if (format === "ipv4") return oneOf(random, ["203.0.113.7", "127.0.0.1"]);
    if (format === "ipv6") return oneOf(random, ["2001:db8::7", "::1"]);
    return oneOf(random, WORDS);
  }

  #moment(): string {
    const aheadMs = whole(this.#random, -3_600_000, 90_000_000);
    return new Date(Date.now() + aheadMs).toISOString();
  }

  #resolve(schema: Schema): Schema {
    const inherited = schema.allOf?.map((each) => this.#resolve(each)) ?? [];
    const { $ref } = schema;
    const target = $ref?.startsWith(REF) === true ? this.#schemas[$ref.slice(REF.length)] : {};
    return Object.assign({}, ...inherited, target, schema) as Schema;
  }
}
