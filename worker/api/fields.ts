/** The small schemas that the bodies and queries are built of, and their errors in plain words. */
import { z } from "zod";
import { parseExpression } from "../../durable/rules/expression.ts";
import type { FieldError } from "./problem.ts";

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** A key in an error is cut here: it may be as long as the body. */
const SHOWN_KEY_LENGTH_MAX = 80;

const REASON_LENGTH_MAX = 500;
/** What the audit trail says where nobody gave a reason. */
export const NO_REASON = "no reason given";

const WHOLE = /^-?\d{1,15}$/u;
const DECIMAL = /^-?\d{1,15}(\.\d{1,9})?$/u;

/** Parses a value; gives the first problem of every field that has one. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): Checked<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, errors: fieldErrors(parsed.error.issues) };
}

/** An object that refuses unknown keys by name. `refused` are keys that are known, but not offered. */
export function strict<Shape extends z.ZodRawShape, Refused extends z.ZodRawShape = {}>(
  shape: Shape,
  refused?: Refused,
): z.ZodObject<Shape & Refused, z.core.$strict> {
  const known = Object.keys(shape).join(", ");
  return z.strictObject({ ...shape, ...refused } as Shape & Refused, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") return `is not a known key; known here: ${known}`;
      return issue.input === undefined ? "is required" : "must be a JSON object";
    },
  });
}

/** A whole number, as a number or as a string of digits. */
export function whole(min: number, max: number) {
  const words = said(`must be a whole number from ${min} to ${max}`);
  return z.preprocess(
    (value) => (typeof value === "string" && WHOLE.test(value) ? Number(value) : value),
    z.int(words).min(min, words).max(max, words),
  );
}

/** A number that may have a fraction. */
export function decimal(min: number, max: number) {
  const words = said(`must be a number from ${min} to ${max}`);
  return z.preprocess(
    (value) => (typeof value === "string" && DECIMAL.test(value) ? Number(value) : value),
    z.number(words).min(min, words).max(max, words),
  );
}

/** A string that passes a test. */
export function text(test: RegExp | ((value: string) => boolean), words: string) {
  const passes = test instanceof RegExp ? (value: string) => test.test(value) : test;
  return z
    .string(said(words))
    .refine(passes, said(words))
    .meta({ description: words, ...patternOf(test) });
}

/** A pattern of the description knows no flags. */
function patternOf(test: RegExp | ((value: string) => boolean)) {
  return test instanceof RegExp && !test.ignoreCase ? { pattern: test.source } : {};
}

export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, said(`must be one of ${words.join(", ")}`));
}

/** A number of spares or an expression such as `10+20%`, kept as the text of it. */
export const expression = expressionOf("a string such as `10+20%`", { total: false });

/** The same in an override, which has other sources beneath it: there it may also be a total. */
export const overrideExpression = expressionOf("a string such as `10+20%` or `total:60`", {
  total: true,
});

/** Why something was done, for the audit trail. */
export const reason = z
  .string(said("must be a string"))
  .trim()
  .max(REASON_LENGTH_MAX, { error: () => `is longer than ${REASON_LENGTH_MAX} characters` })
  .transform((written) => (written === "" ? NO_REASON : written))
  .prefault("");

/** The same words for whatever is wrong with a value, but "is required" where there is none. */
export function said(words: string) {
  return {
    error: (issue: { readonly input?: unknown }) =>
      issue.input === undefined ? "is required" : words,
  };
}

function expressionOf(such: string, allowed: { readonly total: boolean }) {
  return z
    .union([z.number(), z.string()], said(`must be a number of spares or ${such}`))
    .transform((value, context) => {
      const written = String(value).trim();
      const parsed = parseExpression(written, allowed);
      if (parsed.ok) return written;
      context.addIssue({ code: "custom", message: parsed.error, input: value });
      return z.NEVER;
    });
}

function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  const errors = new Map<string, FieldError>();
  for (const issue of issues) {
    const paths =
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => [...issue.path, key])
        : [issue.path];
    for (const path of paths) {
      const field = fieldPath(path);
      if (!errors.has(field)) errors.set(field, { field, message: issue.message });
    }
  }
  return [...errors.values()];
}

/** `limits.failedBoots.count`, `ports[0].cidrs[1]`, `tags["a b"]`. */
function fieldPath(path: readonly PropertyKey[]): string {
  let written = "";
  for (const part of path) {
    const key = String(part).slice(0, SHOWN_KEY_LENGTH_MAX);
    if (typeof part === "number") written += `[${key}]`;
    else if (!/^[\w-]+$/u.test(key)) written += `[${JSON.stringify(key)}]`;
    else written += written === "" ? key : `.${key}`;
  }
  return written === "" ? "body" : written;
}
