/**
 * The spec of a fleet as people write it, turned into the `Spec` that the ledger keeps: strict, every
 * default filled in, every problem told at once.
 */
import { z } from "zod";
import type { Image, Spec } from "../../durable/rules/spec.ts";
import { namingProblem } from "../launch-script.ts";
import { CATALOGUE_ID, REGIONS, RESOURCE_NAME, USER_DATA_BYTES_MAX } from "./aws-names.ts";
import { type Checked, check, decimal, oneOf, said, strict, text, whole } from "./fields.ts";
import type { Body } from "./operation.ts";
import { alerts } from "./spec-alerts.ts";
import { crossCheck } from "./spec-checks.ts";
import { health } from "./spec-health.ts";
import { limits } from "./spec-limits.ts";
import { defaultPorts, ports } from "./spec-ports.ts";
import { inZone, timezone } from "./spec-schedule.ts";
import { defaultSpares, spares } from "./spec-spares.ts";
import { tags } from "./spec-tags.ts";
import { utf8Length } from "../../durable/rules/utf8.ts";

const ZONES_MAX = 6;
const SURGE_MAX = 50;
const AGE_DAYS_MAX = 365;
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

const USER_DATA_WORDS = `must be a string of at most ${USER_DATA_BYTES_MAX} bytes`;

const EMPTY =
  "The body is empty. Send the fleet's spec; the least of it is region, image, bundle, health.port, health.path and limits.maxInstances.";

/** Reads a spec. Unsupported and unknown keys, bad values and contradictions all come back in one list. */
export function parseSpec(input: unknown): Checked<Spec> {
  const written = check(writtenSpec, input);
  const contradictions = crossCheck(input);
  if (!written.ok) return { ok: false, errors: [...written.errors, ...contradictions] };
  if (contradictions.length > 0) return { ok: false, errors: contradictions };
  return { ok: true, value: complete(written.value) };
}

/** The least that a spec must say, and a little more. */
const EXAMPLE = {
  region: "ap-northeast-2",
  image: { blueprint: "ubuntu_22_04" },
  bundle: "medium_3_0",
  health: { port: 8080, path: "/health" },
  spares: { default: 10 },
  limits: { maxInstances: 100 },
};

const image = strict({
  blueprint: text(CATALOGUE_ID, "must be a blueprint such as `ubuntu_22_04`")
    .refine(
      (id) => !/^windows/iu.test(id),
      said("must be a Linux blueprint such as `ubuntu_22_04`: Lightfleet runs no Windows servers"),
    )
    .optional(),
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

const rollout = strict({
  canary: whole(0, SURGE_MAX).default(1),
  maxSurge: whole(1, SURGE_MAX).default(2),
  maxAgeDays: whole(1, AGE_DAYS_MAX).nullable().default(null),
});

const writtenSpec = strict({
  mode: oneOf(["active", "observe"]).default("active"),
  timezone: timezone.default("UTC"),
  region: oneOf(REGIONS),
  availabilityZones: z
    .array(z.string(said("must be the name of a zone")), said("must be a list of zones"))
    .min(1, { error: () => "must name at least one zone, or be left out" })
    .max(ZONES_MAX, { error: () => `has more than ${ZONES_MAX} zones` })
    .optional(),
  image,
  bundle: text(CATALOGUE_ID, "must be a bundle such as `medium_3_0`").refine(
    (id) => !/_(ipv6|win)(_|$)/iu.test(id),
    said(
      "must be a Linux bundle with a public IPv4 address, such as `medium_3_0`: no probe reaches a server of an IPv6-only bundle, and Lightfleet runs no Windows servers",
    ),
  ),
  userData: z
    .string(said(USER_DATA_WORDS))
    // A script that was written on Windows: to sh a carriage return is a part of the last word of its line.
    .transform((script) => script.replaceAll("\r\n", "\n"))
    .refine((script) => utf8Length(script) <= USER_DATA_BYTES_MAX, said(USER_DATA_WORDS))
    .superRefine((script, context) => {
      const message = namingProblem(script);
      if (message !== null) context.addIssue({ code: "custom", message });
    })
    .meta({
      description: `${USER_DATA_WORDS}; carriage returns at the ends of lines are taken off, and {{secret:NAME}} is filled in as a server is made`,
    })
    .default(""),
  keyPair: text(RESOURCE_NAME, "must be the name of a key pair, or null").nullable().default(null),
  ports: ports.optional(),
  tags: tags.default({}),
  spares: spares.prefault({}),
  adopt: strict({ ports: z.boolean(said("must be true or false")).default(false) }).prefault({}),
  health,
  retire: retire.prefault({}),
  rollout: rollout.prefault({}),
  alerts: alerts.prefault({}),
  limits,
  timeouts: strict({
    startSeconds: decimal(1, HOUR_SECONDS).default(300),
    readySeconds: decimal(1, 2 * HOUR_SECONDS).default(900),
  }).prefault({}),
});

export const specBody: Body<Spec> = {
  schema: writtenSpec.meta({
    id: "Spec",
    description: "What a fleet shall be. docs/api.md tells every default.",
  }),
  example: EXAMPLE,
  required: true,
  read: (body) =>
    body === undefined ? { problem: { kind: "invalid-json", detail: EMPTY } } : parseSpec(body),
};

/** The example as the ledger keeps it. */
export function storedExample(): Spec {
  return complete(writtenSpec.parse(EXAMPLE));
}

/** Fills in what depends on another field. */
function complete(written: z.output<typeof writtenSpec>): Spec {
  const { spares } = written;
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
      schedule: inZone(spares.schedule, written.timezone),
      specialDays: inZone(spares.specialDays, written.timezone),
    },
    adopt: written.adopt,
    health: written.health,
    retire: written.retire,
    rollout: written.rollout,
    alerts: written.alerts,
    limits: written.limits,
    timeouts: written.timeouts,
  };
}
