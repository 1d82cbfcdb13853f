/** How many spares a fleet wants now, and a person's word on it for a while. */
import { readJson } from "./body.ts";
import { type Checked, check, expression, reason, strict, whole } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { type FieldError, invalidFields, problem, refused, unknownFleet } from "./problem.ts";
import { moment } from "./query.ts";

/** An override always ends: what shall stay belongs into the spec. */
const OVERRIDE_SECONDS_MAX = 30 * 86_400;

export const getTarget = onFleet(async (c, { name, fleet }) => {
  const status = await fleet.status();
  return status === null ? unknownFleet(c, name) : c.json(status.target);
});

export const putTarget = onFleet(async (c, { fleet, asked, deps }) => {
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  const wanted = readWish(body.value, deps.now());
  if (!wanted.ok) return invalidFields(c, wanted.errors);

  const target = await fleet.override(wanted.value, asked);
  return "refused" in target ? refused(c, target) : c.json(target);
});

export const deleteTarget = onFleet(async (c, { fleet, asked }) => {
  const target = await fleet.endOverrides(asked);
  return "refused" in target ? refused(c, target) : c.json(target);
});

const wish = strict({
  spares: expression,
  expiresInSeconds: whole(1, OVERRIDE_SECONDS_MAX).optional(),
  until: moment.optional(),
  reason,
});

interface Wish {
  readonly expression: string;
  readonly untilMs: number | null;
  readonly expiresInSeconds: number | null;
  readonly reason: string;
}

function readWish(input: unknown, now: number): Checked<Wish> {
  const read = check(wish, input);
  if (!read.ok) return read;

  const { spares, expiresInSeconds = null, until: untilMs = null, reason } = read.value;
  const errors = endOf(untilMs, expiresInSeconds, now);
  return errors.length > 0
    ? { ok: false, errors }
    : { ok: true, value: { expression: spares, untilMs, expiresInSeconds, reason } };
}

/** Exactly one end, in the future, and not too far away. */
function endOf(untilMs: number | null, seconds: number | null, now: number): FieldError[] {
  if (untilMs === null && seconds === null)
    return [
      { field: "expiresInSeconds", message: "is required, or until: an override always ends" },
    ];
  if (untilMs !== null && seconds !== null)
    return [{ field: "until", message: "and expiresInSeconds exclude each other; give one" }];
  if (untilMs === null) return [];
  if (untilMs <= now) return [{ field: "until", message: "must be in the future" }];
  if (untilMs > now + OVERRIDE_SECONDS_MAX * 1_000)
    return [
      { field: "until", message: "must be within 30 days; what shall stay belongs into the spec" },
    ];
  return [];
}
