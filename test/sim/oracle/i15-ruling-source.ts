/**
 * I15: the target is that of the source which rules, by the ledger's rows (see `ruling.ts`). And what the
 * ledger holds of the tag is what AWS answered: the last value that is a number, gone with the tag itself.
 * An answer may be lost on its way, so what was true lately is good enough. While a boundary's value is on
 * its way into the tag, what the ledger holds of it does not rule, and is not judged; of a tag that somebody
 * garbled meanwhile, the boundary's value is the last good one.
 */
import { parseExpression, sparesOf } from "../../../durable/rules/expression.ts";
import type { SimEvent } from "../event.ts";
import { writeOf } from "./expected.ts";
import type { Check, Truth } from "./invariant.ts";
import { incarnationOf, Trail } from "./rows.ts";
import { rulingTexts, sparesBy } from "./ruling.ts";

/** Three reads of the tag may fail in a row, an object may be down for a while, and a jump is held for two minutes. */
const BELATED_MS = 300_000;

/** The last good values of the tag that the ledger may hold, with when each was replaced. */
class TagValues {
  #values = new Map<string | null, number>([[null, Number.POSITIVE_INFINITY]]);
  #incarnation: string | null = null;
  #tag: string | undefined = undefined;

  follow(event: SimEvent, truth: Truth): void {
    if (event.kind === "stateLost") this.#isNow(null, truth);
    if (event.kind !== "call" || event.by !== "fleet" || event.op !== "DescribeTags") return;
    if (event.outcome !== "ok") return;
    const value = truth.tag();
    if (value === null || value.trim() === "") this.#isNow(null, truth);
    else if (isTaken(value, truth)) this.#isNow(value, truth);
    else this.#stays(truth);
  }

  problem(truth: Truth): string | null {
    const [row] = truth.sql.rows("SELECT incarnation, tagValue FROM fleet");
    if (row === undefined) return null;
    const incarnation = incarnationOf(truth);
    const tag = JSON.stringify(truth.spec?.spares.tag);
    // A new ledger, or one of another tag, holds nothing until that is read, whenever that may be.
    if (incarnation !== this.#incarnation || tag !== this.#tag)
      this.#values.set(null, Number.POSITIVE_INFINITY);
    this.#incarnation = incarnation;
    this.#tag = tag;
    if (truth.spec?.spares.tag === null) return null;
    const write = writeOf(truth);
    if (write !== null) {
      const until = this.#values.get(write.value) ?? 0;
      this.#values.set(write.value, Math.max(until, truth.now + BELATED_MS));
      return null;
    }
    const value = row["tagValue"] ?? null;
    const until = value === null || typeof value === "string" ? this.#values.get(value) : undefined;
    return until !== undefined && truth.now <= until
      ? null
      : `the ledger holds ${value ?? "nothing"} of the tag, and AWS did not say so`;
  }

  #isNow(value: string | null, truth: Truth): void {
    for (const [each, until] of this.#values)
      if (until < truth.now) this.#values.delete(each);
      else if (until === Number.POSITIVE_INFINITY && each !== value)
        this.#values.set(each, truth.now + BELATED_MS);
    this.#values.set(value, Number.POSITIVE_INFINITY);
  }

  /** What is garbled changes nothing: what could be held still can be, until a number is read. */
  #stays(truth: Truth): void {
    for (const [each, until] of this.#values)
      if (until >= truth.now) this.#values.set(each, Number.POSITIVE_INFINITY);
  }
}

/** What does not parse is not taken, nor what is above the bound. */
function isTaken(value: string, truth: Truth): boolean {
  const parsed = parseExpression(value);
  return parsed.ok && sparesOf(parsed.expression, 0) <= (truth.spec?.spares.max ?? Infinity);
}

export function tagIsWhatWasRead(): Check {
  const values = new TagValues();
  return (event, truth) => {
    values.follow(event, truth);
    if (event.kind !== "commit" || event.stage !== "plan") return null;
    return truth.spec === null ? null : values.problem(truth);
  };
}

export function rulingSourceRules(): Check {
  const trail = new Trail();
  return (event, truth) => {
    if (event.kind !== "commit" || truth.spec === null) return null;
    const after = trail.advance(truth);
    if (event.stage !== "plan") return null;
    const told = toldExpression(truth, after);
    const isTold = told === null || rulingTexts(truth).includes(told);
    if (!isTold) return `${told} is told to rule, and it is ${rulingTexts(truth).join(" or ")}`;
    if (event.moves.length === 0) return null;
    for (const { target, sessions } of targetsOf(truth, after)) {
      const texts = rulingTexts(truth);
      if (!texts.some((text) => sparesBy(text, sessions, truth) === target))
        return `the target is ${target}, and what rules says ${texts.join(" or ")}`;
    }
    return null;
  };
}

const ASKED_FOR_A_VALUE = new Set(["PUT target", "POST overrides"]);

interface Answer {
  readonly expression?: unknown;
  readonly target?: { readonly expression?: unknown };
}

/** What a person is told of the target, when an override was set, is what rules. */
export function answerTellsTheRuler(): Check {
  let said = "";
  return (event, truth) => {
    if (event.kind === "text") said = event.text;
    if (event.kind !== "request" || event.role !== "operator" || truth.spec === null) return null;
    // The clock may have jumped between the change and its answer; then nobody can say what rules.
    if (truth.objectNow !== truth.now) return null;
    const isBooked = ASKED_FOR_A_VALUE.has(`${event.method} ${event.path.split("/").at(-1)}`);
    if (!isBooked || event.status >= 300) return null;
    const answer = JSON.parse(said) as Answer;
    const { expression } = answer.target ?? answer;
    const texts = rulingTexts(truth);
    return texts.some((text) => text === expression)
      ? null
      : `the answer says that ${String(expression)} rules, and it is ${texts.join(" or ")}`;
  };
}

/** The audit row of the moment, after another, which says that something else rules now. */
function toldExpression(truth: Truth, after: number): string | null {
  const [row] = truth.sql.rows(
    "SELECT data FROM events WHERE id > ? AND at = ? AND kind = 'target'",
    after,
    truth.objectNow,
  );
  if (row === undefined) return null;
  return String(
    (JSON.parse(String(row["data"])) as Readonly<Record<string, unknown>>)["expression"],
  );
}

/**
 * The targets in the audit rows of the moment: each launch and each drain for surplus states its own.
 * @param after the row after which they are.
 */
export function targetsOf(truth: Truth, after: number) {
  const rows = truth.sql.rows(
    "SELECT data FROM events WHERE id > ? AND at = ? AND kind IN ('launch', 'drain')",
    after,
    truth.objectNow,
  );
  return rows.flatMap(({ data }) => {
    const {
      target,
      expected: sessions,
      early,
    } = JSON.parse(String(data)) as Record<string, unknown>;
    return typeof target === "number" && typeof sessions === "number"
      ? [{ target, sessions, early: typeof early === "number" ? early : null }]
      : [];
  });
}
