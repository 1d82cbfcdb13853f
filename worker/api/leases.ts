/** A dispatcher takes slots for sessions to come, renews them, and gives them back. */
import { z } from "zod";
import { readJson } from "./body.ts";
import { check, oneOf, said, strict, text, whole } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, problem, refused, refusedPart, unknownFleet } from "./problem.ts";

const COUNT_MAX = 50;
const TTL_SECONDS = { least: 5, most: 3_600, default: 60 } as const;
/** A dispatcher's own id of a session fits. */
const KEY = /^[\x21-\x7e]{1,128}$/u;
const ZONE = /^[a-z]{2}-[a-z]+-\d[a-z]$/u;

const ttlSeconds = whole(TTL_SECONDS.least, TTL_SECONDS.most);

const wish = strict({
  count: whole(1, COUNT_MAX).default(1),
  partial: z.boolean(said("must be true or false")).default(false),
  key: text(KEY, "must be 1 to 128 printable ASCII characters without spaces")
    .nullable()
    .default(null),
  ttlSeconds: ttlSeconds.default(TTL_SECONDS.default),
  zone: text(ZONE, "must be an availability zone such as `ap-northeast-2a`")
    .nullable()
    .default(null),
});

/** Without a body it is renewed for as long as before. */
const change = strict({
  state: oneOf(["used"]).optional(),
  ttlSeconds: ttlSeconds.nullable().default(null),
});

export const listLeases = onFleet(async (c, { name, fleet }) => {
  const leases = await fleet.leases();
  return leases === null ? unknownFleet(c, name) : c.json({ leases });
});

export const postLeases = onFleet(async (c, { fleet, asked }) => {
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  const read = check(wish, body.value ?? {});
  if (!read.ok) return invalidFields(c, read.errors);

  const given = await fleet.lease(read.value, asked);
  if ("refused" in given) return refused(c, given);
  if ("noSpare" in given) {
    const { detail, ...members } = given.noSpare;
    return problem(c, { kind: "no-spare", detail, members });
  }
  return c.json({ leases: given.leases }, given.repeated ? 200 : 201);
});

export const putLease = onFleet(async (c, call) => {
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  const read = check(change, body.value ?? {});
  if (!read.ok) return invalidFields(c, read.errors);

  const { state, ttlSeconds } = read.value;
  const used = state === "used";
  const lease = await call.fleet.renewLease(c.req.param("id") ?? "", { ttlSeconds, used });
  return "refused" in lease ? refusedPart(c, call, lease, "unknown-lease") : c.json(lease);
});

export const deleteLease = onFleet(async (c, call) => {
  const released = await call.fleet.releaseLease(c.req.param("id") ?? "");
  return "refused" in released ? refusedPart(c, call, released, "unknown-lease") : c.json(released);
});
