/** The conditions of a request and the tags of what it answers (RFC 9110, 8.8.3 and 13.1). */
import { type SpecCondition, type Versions } from "../../durable/rules/conditions.ts";
import type { Call } from "./deps.ts";
import type { Checked } from "./fields.ts";

/** A list of entity tags. Their text is of any visible characters but the quote. */
const TAGS =
  /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*$/u;
const TAG = /"([^"]*)"/gu;

const WORDS = 'must be `*`, or ETags as they were given, in their quotes, such as `"ab12.7"`';

/** The headers that a request on a spec may bring, in words. */
export const CONDITION_HEADERS = {
  "If-Match": "Only if the spec is this one: its ETag, or `*` for any. Else 412.",
  "If-None-Match": "`*`: only if there is no fleet of this name yet. Else 412.",
};

/**
 * Tags are compared weakly, also for If-Match, where RFC 9110 (13.1.1) compares strongly: Cloudflare makes
 * our strong tags weak as it compresses a reply (`W/"ab12.7"`). Ours name a version of the spec and no
 * bytes, so the two forms name the same spec.
 */
export function readConditions(c: Call): Checked<SpecCondition> {
  const ifMatch = readTags(c.req.header("If-Match"));
  const ifNoneMatch = readTags(c.req.header("If-None-Match"));
  const errors = [
    ...(ifMatch === "malformed" ? [{ field: "If-Match", message: WORDS }] : []),
    ...(ifNoneMatch === "malformed" ? [{ field: "If-None-Match", message: WORDS }] : []),
  ];
  if (ifMatch === "malformed" || ifNoneMatch === "malformed") return { ok: false, errors };
  return { ok: true, value: { ifMatch, ifNoneMatch } };
}

export function etag(tag: string): { readonly ETag: string } {
  return { ETag: `"${tag}"` };
}

/** Whether the caller has it already, as it is. */
export function isKnown({ ifNoneMatch }: SpecCondition, tag: string): boolean {
  return ifNoneMatch !== null && (ifNoneMatch === "any" || ifNoneMatch.includes(tag));
}

function readTags(header: string | undefined): Versions | null | "malformed" {
  const written = header?.trim() ?? "";
  if (written === "") return null;
  if (written === "*") return "any";
  if (!TAGS.test(written)) return "malformed";
  return [...written.matchAll(TAG)].map(([, tag = ""]) => tag);
}
