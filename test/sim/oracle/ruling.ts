/**
 * What rules by the ledger's rows, told once more: of the overrides that have begun and not ended the one
 * that began last; then a special day; then the boundary whose value the tag does not say yet (the default,
 * where it has none); then the tag, the schedule, the default. The spec's bounds hold for all. Where the
 * spec has no schedule any more, the boundary that a paused one still holds says nothing.
 */
import { parseExpression, sparesOf } from "../../../durable/rules/expression.ts";
import { isScheduled, ruledOf, writeOf } from "./expected.ts";
import type { Truth } from "./invariant.ts";

/** Texts that may rule; more than one where two overrides began at the same moment. */
export function rulingTexts(truth: Truth): readonly string[] {
  const now = truth.objectNow;
  const overrides = truth.sql.rows(
    `SELECT expression FROM overrides WHERE startsAt = (
      SELECT max(startsAt) FROM overrides WHERE startsAt <= ? AND endsAt > ?) AND endsAt > ?`,
    now,
    now,
    now,
  );
  if (overrides.length > 0) return overrides.map(({ expression }) => String(expression));
  return [textBeneath(truth)];
}

/** What rules beneath the overrides. */
export function textBeneath(truth: Truth): string {
  const ruled = truth.spec !== null && isScheduled(truth.spec) ? ruledOf(truth) : null;
  const value = ruled?.value ?? null;
  const standard = truth.spec?.spares.default ?? "";
  const write = writeOf(truth);
  const isTagged = truth.spec !== null && truth.spec.spares.tag !== null;
  if (ruled?.special === true && value !== null) return value;
  if (isTagged && ruled !== null && write !== null && !write.isRead) return value ?? standard;
  return (isTagged ? tagHeld(truth) : null) ?? value ?? standard;
}

/** The last good value of the tag that the ledger holds. */
export function tagHeld(truth: Truth): string | null {
  const [row] = truth.sql.rows("SELECT tagValue FROM fleet");
  const value = row?.["tagValue"] ?? null;
  return value === null ? null : String(value);
}

/**
 * The spares that an expression means, within the bounds; null for one that means none.
 *
 * @param others what the sources beneath a total want: by default what they want now.
 */
export function sparesBy(
  text: string,
  sessions: number,
  truth: Truth,
  others = sparesBeneath(sessions, truth),
): number | null {
  const parsed = parseExpression(text, { total: true });
  if (!parsed.ok || truth.spec === null) return null;
  const { min, max } = truth.spec.spares;
  return Math.min(max, Math.max(min, sparesOf(parsed.expression, sessions, others)));
}

function sparesBeneath(sessions: number, truth: Truth): number {
  const beneath = parseExpression(textBeneath(truth));
  return beneath.ok ? sparesOf(beneath.expression, sessions) : 0;
}
