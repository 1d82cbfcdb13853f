/** What operators ask of the target: overrides are booked, listed and ended. */
import { iso } from "./iso.ts";
import type { Engine } from "./engine.ts";
import { type Given, noFleet, refusal } from "./refusal.ts";
import { overridesOf, targetOfState } from "./report.ts";
import { OVERRIDES_MAX } from "./rules/limits.ts";
import type { Override } from "./rules/model.ts";
import { type EventDraft, NO_MOVES } from "./rules/state.ts";
import { expressionAboveMax, heldJump } from "./rules/tag-jump.ts";
import type { Booking, OverrideView, TagVerdict, TargetView } from "./rules/target-views.ts";
import type { Asked, Refusal } from "./rules/views.ts";

/** Any number stand side by side: today's trouble must not erase tomorrow's concert. */
export function book(
  engine: Engine,
  booking: Booking,
  asked: Asked,
  { now, word }: Given,
): { readonly override: OverrideView; readonly target: TargetView } | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const alive = live.state.overrides.filter((each) => each.until > now);
  if (alive.length >= OVERRIDES_MAX)
    return refusal(
      409,
      "Too many overrides are booked",
      `${OVERRIDES_MAX} is the most; end some of them first, or put what shall stay into the spec`,
    );
  const above = expressionAboveMax(live.state, booking.expression);
  if (above !== null)
    return refusal(
      409,
      "The value is above spares.max",
      `${booking.expression} ${above}; nothing was booked. Book less, or raise spares.max in the spec first`,
    );
  const booked = overrideOf(booking, asked, now, word());
  if (booked.until <= Math.max(now, booked.from))
    return refusal(
      409,
      "The override would be over before it begins",
      `it would end at ${iso(booked.until)}; let it end later than it begins, and later than now`,
    );
  const { expression, reason, from, until } = booked;
  const message = `target ${expression}${from > now ? ` from ${iso(from)}` : ""} until ${iso(until)}: ${reason}`;
  change(engine, now, asked, message, [...alive, booked], { ...booked });

  const after = engine.read(now);
  const override = after === null ? undefined : overridesOf(after.state).find(isOf(booked.id));
  if (after === null || override === undefined) return noFleet();
  return { override, target: targetOfState(after.state) };
}

function overrideOf(booking: Booking, { actor }: Asked, now: number, id: string): Override {
  const { expression, fromMs, untilMs, expiresInSeconds, reason } = booking;
  const from = fromMs ?? now;
  const until = untilMs ?? from + (expiresInSeconds ?? 0) * 1000;
  return { id, expression, from, until, reason, actor };
}

/** Ends one, whether it has begun or not. */
export function endOverride(
  engine: Engine,
  id: string,
  asked: Asked,
  { now }: Given,
): TargetView | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const ended = live.state.overrides.find((each) => each.id === id && each.until > now);
  if (ended === undefined)
    return refusal(
      404,
      "No such override",
      `none with the id ${id} is booked; it may be over. GET .../overrides lists them`,
    );
  const kept = live.state.overrides.filter((each) => each !== ended && each.until > now);
  change(engine, now, asked, `the override ${id} was ended: ${ended.expression}`, kept, { id });
  return targetNow(engine, now);
}

/** Ends the overrides that rule now; those that are booked for later stay. */
export function endOverrides(engine: Engine, asked: Asked, { now }: Given): TargetView | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const alive = live.state.overrides.filter((each) => each.until > now);
  const kept = alive.filter((each) => each.from > now);
  change(engine, now, asked, `${alive.length - kept.length} overrides ended`, kept, {});
  return targetNow(engine, now);
}

/** A person lets a held value of the tag rule, or refuses it for as long as the tag says it. */
export function judgeTag(
  engine: Engine,
  { verdict, expression, reason }: TagVerdict,
  { actor }: Asked,
  { now }: Given,
): TargetView | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const jump = heldJump(live.state);
  if (jump?.value.trim() !== expression.trim())
    return refusal(
      409,
      "No such value of the tag is held",
      jump === null
        ? "none is held now; GET .../target shows what the tag says, and what rules"
        : `it is \`${jump.value}\` that is held: name that one, if it is the one you mean`,
    );
  const isConfirmed = verdict === "confirm";
  const words = isConfirmed ? "confirmed, and rules now" : "refused, and does not rule";
  const event: EventDraft = {
    kind: "tag",
    instance: null,
    message: `the held value ${jump.value} of the tag was ${words}: ${reason}`,
    actor,
    data: { value: jump.value, verdict },
  };
  const state = isConfirmed
    ? { tagMemory: { value: jump.value, garbled: null }, tagJump: null }
    : { tagJump: { ...jump, refusedBy: actor } };
  engine.change({ ...NO_MOVES, events: [event] }, now, state);
  return targetNow(engine, now);
}

function change(
  engine: Engine,
  now: number,
  { actor }: Asked,
  message: string,
  overrides: readonly Override[],
  data: Readonly<Record<string, unknown>>,
): void {
  const event: EventDraft = { kind: "override", instance: null, message, actor, data };
  engine.change({ ...NO_MOVES, events: [event] }, now, { overrides });
}

function targetNow(engine: Engine, now: number): TargetView | Refusal {
  const after = engine.read(now);
  return after === null ? noFleet() : targetOfState(after.state);
}

function isOf(id: string): (override: OverrideView) => boolean {
  return (override) => override.id === id;
}
