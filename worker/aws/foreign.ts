/**
 * What others say, before anything of it is kept. An answer of AWS's may be as long as AWS likes, and may repeat
 * what it was sent: the signature, the key, the launch script with its secrets. Here, and once, its texts are
 * cut, and lose what must not be read. What it is about is decided before, on its own words.
 */
import { HIDDEN, hidingSecrets, redacted } from "../../durable/rules/redact.ts";

/** AWS's own texts are shorter: a tag's value has at most 256 characters, an ARN at most some hundred. */
const TEXT_MAX = 1_024;
/** More items than any page of AWS's holds. */
const ITEMS_MAX = 2_000;
/** Deeper than any answer of AWS's. */
const DEPTH_MAX = 32;
const ID_MAX = 128;
/** So long a piece of the script is no accident. */
const RUN_LENGTH = 16;
/** A password in a script is a word with more than letters in it. */
const WORD = /[^\s"'`=;(){}<>|&,]{6,}/gu;
const ORDINARY = /^[\p{L}.:-]*$/u;

/** Gives a text without what it repeats of a request. */
export type Hide = (text: string) => string;

/** What a request held that no text about it may hold. */
export interface Sent {
  readonly secrets: readonly string[];
  /** Null where it brought none. */
  readonly script: string | null;
}

/** @returns the function that takes out of a text what was sent, in the form in which it was sent */
export function hiding({ secrets, script }: Sent): Hide {
  const withoutSecrets = hidingSecrets(secrets);
  if (script === null) return withoutSecrets;
  const words = wordsOf(script);
  const runs = runsOf(script);
  return (text) =>
    words.reduce(
      (rest, word) => rest.replaceAll(word, HIDDEN),
      withoutSecrets(withoutRuns(text, runs)),
    );
}

/** AWS's words about a call, as they may stand in an event: on one line, cut, and without what looks like a key. */
export function keptText(text: string, hide: Hide, lettersMax = TEXT_MAX): string {
  return redacted(hide(text), lettersMax);
}

/** An id of AWS's, which has no spaces; null where it cannot be one. */
export function keptId(text: string, hide: Hide): string | null {
  const id = keptText(text, hide);
  return id === text && id.length <= ID_MAX && /^[\w.:/-]+$/u.test(id) ? id : null;
}

/**
 * A document of AWS's with its texts cut. A list beyond all bounds is none: its shape does not fit then, which is
 * told, while a part of it would pass for the whole. Tokens of pages go back to AWS as they came.
 */
export function boundedDocument(document: unknown, hide: Hide, depth = 0): unknown {
  if (depth > DEPTH_MAX) return null;
  if (typeof document === "string") return cut(document);
  if (Array.isArray(document)) {
    const items: unknown[] = document;
    if (items.length > ITEMS_MAX) return null;
    return items.map((item) => boundedDocument(item, hide, depth + 1));
  }
  if (typeof document !== "object" || document === null) return document;
  const members = Object.entries(document).map(([key, value]): [string, unknown] => [
    key,
    isPageToken(key) || isMessage(key) ? value : boundedDocument(value, hide, depth + 1),
  ]);
  return withTagHidden(Object.fromEntries(members), hide);
}

/** Anybody who may tag writes these; those of our own name are compared, and hold no text. */
function withTagHidden(
  object: Record<string, unknown>,
  hide: Hide,
): Readonly<Record<string, unknown>> {
  const { key, value } = object;
  if (typeof key !== "string" || typeof value !== "string" || key.startsWith("lightfleet:"))
    return object;
  return { ...object, value: hide(value) };
}

function isPageToken(key: string): boolean {
  return /^next(?:Page)?Token$/u.test(key);
}

/** Read whole by those who say what it means, and cut by them. */
function isMessage(key: string): boolean {
  return /^(?:message|errorDetails)$/iu.test(key);
}

function cut(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  return `${text.slice(0, TEXT_MAX - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

function wordsOf(script: string): string[] {
  const words = new Set(Array.from(script.matchAll(WORD), ([word]) => word));
  return [...words]
    .filter((word) => !ORDINARY.test(word))
    .toSorted((one, other) => other.length - one.length);
}

function runsOf(script: string): ReadonlySet<string> {
  const runs = new Set<string>();
  for (let at = 0; at + RUN_LENGTH <= script.length; at += 1)
    runs.add(script.slice(at, at + RUN_LENGTH));
  return runs;
}

function withoutRuns(text: string, runs: ReadonlySet<string>): string {
  let kept = "";
  let hiddenTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (runs.has(text.slice(at, at + RUN_LENGTH))) {
      if (at >= hiddenTo) kept += HIDDEN;
      hiddenTo = at + RUN_LENGTH;
    }
    if (at >= hiddenTo) kept += text[at] ?? "";
  }
  return kept;
}
