/**
 * A value of the target as people write it: `10`; `10+20%` (ten, and a fifth of the sessions now held,
 * rounded up); in an override also `total:60` (as many spares as sixty are more than the sessions, and
 * never fewer than the other sources want). One parser for the tag, the override, the schedule and the
 * default.
 */

/** No fleet keeps more spares than this; a larger number is a typing error. */
export const SPARES_MAX = 10_000;
const PERCENT_MAX = 1_000;
const EXPRESSION_LENGTH_MAX = 64;

export type Expression =
  | {
      readonly kind: "spares";
      readonly spares: number;
      /** Share of the sessions now held, in percent. */
      readonly percent: number;
    }
  | { readonly kind: "total"; readonly total: number };

export type Parsed =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly error: string };

/**
 * Reads an expression. Never throws; what does not parse is an `error` in plain words.
 * @param allowed `total` only where there are other sources beneath: in an override.
 */
export function parseExpression(text: string, allowed: { readonly total?: boolean } = {}): Parsed {
  const trimmed = text.trim();
  if (trimmed.length > EXPRESSION_LENGTH_MAX)
    return failure(`is longer than ${EXPRESSION_LENGTH_MAX} characters`);
  if (trimmed.startsWith("auto")) return failure("`auto` is not supported yet; give a number");
  if (trimmed.startsWith("total")) return parseTotal(trimmed, allowed.total === true);

  const match = /^(\d{1,9})(?:\s*\+\s*(\d{1,4}(?:\.\d{1,2})?)\s*%)?$/u.exec(trimmed);
  if (match === null)
    return failure(`is not a number of spares such as \`10\` or \`10+20%\`: \`${trimmed}\``);

  const spares = Number(match[1]);
  const percent = Number(match[2] ?? "0");
  if (spares > SPARES_MAX) return failure(`is more than ${SPARES_MAX} spares`);
  if (percent > PERCENT_MAX) return failure(`is more than ${PERCENT_MAX} %`);
  return { ok: true, expression: { kind: "spares", spares, percent } };
}

function parseTotal(text: string, isAllowed: boolean): Parsed {
  if (!isAllowed) return failure("`total:` is for overrides only; give a number of spares");
  const match = /^total\s*:\s*(\d{1,9})$/u.exec(text);
  if (match === null) return failure(`is not a total such as \`total:60\`: \`${text}\``);
  const total = Number(match[1]);
  if (total > SPARES_MAX) return failure(`is more than ${SPARES_MAX} in total`);
  return { ok: true, expression: { kind: "total", total } };
}

/**
 * The number of spares that an expression means while `sessions` are held.
 * @param others what the sources beneath want.
 */
export function sparesOf(expression: Expression, sessions: number, others = 0): number {
  if (expression.kind === "total") return Math.max(others, expression.total - sessions);
  return expression.spares + Math.ceil((sessions * expression.percent) / 100);
}

function failure(error: string): Parsed {
  return { ok: false, error };
}
