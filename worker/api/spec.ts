/**
 * The spec of a fleet as people write it, turned into the `Spec` that the ledger keeps: strict, every
 * default filled in, every problem told at once.
 */
import { z } from "zod";
import type { Image, Spec } from "../../durable/rules/spec.ts";
import { CATALOGUE_ID, REGIONS, RESOURCE_NAME, USER_DATA_BYTES_MAX } from "./aws-names.ts";
import { type Checked, check, decimal, oneOf, said, strict, text, whole } from "./fields.ts";
import { crossCheck } from "./spec-checks.ts";
import { health } from "./spec-health.ts";
import { defaultPorts, ports } from "./spec-ports.ts";
import { defaultSpares, spares } from "./spec-spares.ts";
import { tags } from "./spec-tags.ts";
import { UNSUPPORTED } from "./unsupported.ts";

/** One Durable Object is measured with a thousand instances. */
const INSTANCES_MAX = 1_000;
const PER_TICK_MAX = 100;
const PER_HOUR_MAX = 10_000;
const ZONES_MAX = 6;
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** Reads a spec. Unsupported and unknown keys, bad values and contradictions all come back in one list. */
export function parseSpec(input: unknown): Checked<Spec> {
  const written = check(writtenSpec, input);
  const contradictions = crossCheck(input);
  if (!written.ok) return { ok: false, errors: [...written.errors, ...contradictions] };
  if (contradictions.length > 0) return { ok: false, errors: contradictions };
  return { ok: true, value: complete(written.value) };
}

const image = strict({
  blueprint: text(CATALOGUE_ID, "must be a blueprint such as `ubuntu_22_04`").optional(),
  snapshot: text(RESOURCE_NAME, "must be the name of an instance snapshot").optional(),
}).transform(({ blueprint, snapshot }, context): Image => {
  if (blueprint !== undefined && snapshot === undefined) return { blueprint };
  if (snapshot !== undefined && blueprint === undefined) return { snapshot };
  context.addIssue({
    code: "custom",
    message: 'must be {"blueprint": ...} or {"snapshot": ...}, one of the two',
  });
  return z.NEVER;
});

const retire = strict({
  idleForSeconds: decimal(0, DAY_SECONDS).default(60),
  confirmations: whole(1, 20).default(3),
  drainSeconds: decimal(0, HOUR_SECONDS).default(30),
  billing: oneOf(["hour", "none"]).default("hour"),
});

const limits = strict(
  {
    maxInstances: whole(1, INSTANCES_MAX),
    maxLaunchesPerTick: whole(1, PER_TICK_MAX).default(20),
    maxDeletesPerTick: whole(1, PER_TICK_MAX).default(5),
    maxLaunchesPerHour: whole(1, PER_HOUR_MAX).default(200),
    maxDeletesPerHour: whole(1, PER_HOUR_MAX).default(60),
    unknownShareMax: decimal(0, 1).default(0.2),
    failedBoots: strict({
      count: whole(1, 100).default(3),
      openSeconds: decimal(1, DAY_SECONDS).default(1_800),
    }).prefault({}),
  },
  UNSUPPORTED.limits,
);

const writtenSpec = strict(
  {
    mode: oneOf(["active", "observe"]).default("active"),
    timezone: text(isTimezone, "must be an IANA time zone such as `Asia/Seoul`").default("UTC"),
    region: oneOf(REGIONS),
    availabilityZones: z
      .array(z.string(said("must be the name of a zone")), said("must be a list of zones"))
      .min(1, { error: () => "must name at least one zone, or be left out" })
      .max(ZONES_MAX, { error: () => `has more than ${ZONES_MAX} zones` })
      .optional(),
    image,
    bundle: text(CATALOGUE_ID, "must be a bundle such as `medium_3_0`"),
    userData: text(
      (script) => new TextEncoder().encode(script).length <= USER_DATA_BYTES_MAX,
      `must be a string of at most ${USER_DATA_BYTES_MAX} bytes`,
    ).default(""),
    keyPair: text(RESOURCE_NAME, "must be the name of a key pair, or null")
      .nullable()
      .default(null),
    ports: ports.optional(),
    tags: tags.default({}),
    spares: spares.prefault({}),
    adopt: strict({ ports: z.boolean(said("must be true or false")).default(false) }).prefault({}),
    health,
    retire: retire.prefault({}),
    limits,
    timeouts: strict({
      startSeconds: decimal(1, HOUR_SECONDS).default(300),
      readySeconds: decimal(1, 2 * HOUR_SECONDS).default(900),
    }).prefault({}),
  },
  UNSUPPORTED.spec,
);

/** Fills in what depends on another field, and leaves out what this version does not keep. */
function complete(written: z.output<typeof writtenSpec>): Spec {
  const { spares, limits } = written;
  return {
    mode: written.mode,
    timezone: written.timezone,
    region: written.region,
    availabilityZones: written.availabilityZones ?? [`${written.region}a`],
    image: written.image,
    bundle: written.bundle,
    userData: written.userData,
    keyPair: written.keyPair,
    ports: written.ports ?? defaultPorts(written.health.port),
    tags: written.tags,
    spares: {
      default: spares.default ?? defaultSpares(spares),
      min: spares.min,
      max: spares.max,
      tag: spares.tag,
    },
    adopt: written.adopt,
    health: written.health,
    retire: written.retire,
    limits: {
      maxInstances: limits.maxInstances,
      maxLaunchesPerTick: limits.maxLaunchesPerTick,
      maxDeletesPerTick: limits.maxDeletesPerTick,
      maxLaunchesPerHour: limits.maxLaunchesPerHour,
      maxDeletesPerHour: limits.maxDeletesPerHour,
      unknownShareMax: limits.unknownShareMax,
      failedBoots: limits.failedBoots,
    },
    timeouts: written.timeouts,
  };
}

/** Offsets such as `+09:00` are refused: they know no summer time. */
function isTimezone(name: string): boolean {
  if (!/^[A-Za-z][\w+\-/]{0,63}$/u.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (thrown) {
    if (thrown instanceof RangeError) return false;
    throw thrown;
  }
}
