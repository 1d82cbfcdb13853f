/** Reads what a person wants booked: a value of the target, when it begins, and when it ends. */
import { z } from "zod";
import type { Booking } from "../../durable/rules/target-views.ts";
import { type Checked, check, overrideExpression, reason, strict, whole } from "./fields.ts";
import type { Body } from "./operation.ts";
import type { FieldError } from "./problem.ts";
import { moment } from "./query.ts";

const DAY_SECONDS = 86_400;
/** An override always ends: what shall stay belongs into the spec. */
const LASTS_DAYS_MAX = 30;
/** A year, and the day more that it may have. */
const AHEAD_DAYS_MAX = 366;
/** So much a caller's clock may be behind, and a request on its way. */
const PAST_SECONDS_MAX = 60;

const ENDS = "Exactly one of `until` and `expiresInSeconds` is required: an override always ends.";

const members = {
  spares: overrideExpression,
  expiresInSeconds: whole(1, LASTS_DAYS_MAX * DAY_SECONDS).optional(),
  until: moment.optional(),
  reason,
};
const fromNowOn = strict(members, {
  from: z
    .undefined({
      error: () => "is not known here; POST the same body to .../overrides, to book it for later",
    })
    .optional(),
});
const fromAnyTimeOn = strict({ ...members, from: moment.optional() });

/** A booking that may begin later. */
export const booking = bookingOf(fromAnyTimeOn.meta({ id: "BookingBody", description: ENDS }), {
  spares: "total:60",
  from: "2026-11-23T19:00:00+09:00",
  until: "2026-11-23T23:00:00+09:00",
});

/** The short form, which begins now. */
export const bookingFromNowOn = bookingOf(
  fromNowOn,
  { spares: 20, expiresInSeconds: 7_200, reason: "concert" },
  strict(members).meta({ id: "TargetBody", description: ENDS }),
);

function bookingOf(
  schema: z.ZodType<Written>,
  example: unknown,
  described: z.ZodType = schema,
): Body<Booking> {
  return {
    schema: described,
    example,
    required: true,
    read: (body, now) => {
      const read = check(schema, body);
      return read.ok ? bounded(read.value, now) : read;
    },
  };
}

interface Written {
  readonly spares: string;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly expiresInSeconds?: number | undefined;
  readonly reason: string;
}

function bounded(written: Written, now: number): Checked<Booking> {
  const { spares, from: fromMs = null, reason } = written;
  const { until: untilMs = null, expiresInSeconds = null } = written;
  const wanted = { expression: spares, fromMs, untilMs, expiresInSeconds, reason };
  const apart = [...beginning(wanted, now), ...oneEnd(wanted)];
  // How long it lasts says nothing while one of the two moments is wrong in itself.
  const errors = apart.length > 0 ? apart : ending(wanted, now);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: wanted };
}

function beginning({ fromMs }: Booking, now: number): FieldError[] {
  if (fromMs === null) return [];
  if (fromMs < now - PAST_SECONDS_MAX * 1_000)
    return [{ field: "from", message: "is in the past; leave it out to begin now" }];
  if (fromMs > now + AHEAD_DAYS_MAX * DAY_SECONDS * 1_000)
    return [
      {
        field: "from",
        message: `must be within ${AHEAD_DAYS_MAX} days; what comes later belongs into spares.specialDays of the spec`,
      },
    ];
  return [];
}

function oneEnd({ untilMs, expiresInSeconds }: Booking): FieldError[] {
  if (untilMs === null && expiresInSeconds === null)
    return [
      { field: "expiresInSeconds", message: "is required, or until: an override always ends" },
    ];
  if (untilMs !== null && expiresInSeconds !== null)
    return [{ field: "until", message: "and expiresInSeconds exclude each other; give one" }];
  return [];
}

/** After its beginning, in the future, and not too far away. */
function ending({ fromMs, untilMs, expiresInSeconds }: Booking, now: number): FieldError[] {
  const start = fromMs ?? now;
  if (untilMs === null) {
    const isOver = start + (expiresInSeconds ?? 0) * 1_000 <= now;
    return isOver
      ? [{ field: "expiresInSeconds", message: "is counted from `from`, and is over already" }]
      : [];
  }
  if (untilMs <= now) return [{ field: "until", message: "must be in the future" }];
  if (untilMs <= start) return [{ field: "until", message: "must be after from" }];
  if (untilMs > start + LASTS_DAYS_MAX * DAY_SECONDS * 1_000)
    return [
      {
        field: "until",
        message: `must be within ${LASTS_DAYS_MAX} days of its beginning; what shall stay belongs into the spec`,
      },
    ];
  return [];
}
