/** The keys and values of tags that a spec may name. */
import { z } from "zod";
import { TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX } from "../../durable/rules/limits.ts";
import { TAG_CHARACTERS, USER_TAGS_MAX, characters, isReservedTagKey } from "./aws-names.ts";
import { said } from "./fields.ts";

/** Tags that Lightfleet sets itself begin with this. */
const OWN_PREFIX = "lightfleet:";

const KEY_WORDS = `1 to ${TAG_KEY_LENGTH_MAX} letters, digits, spaces or _.:/=+-@, not beginning with aws:`;

export const tagKey = z
  .string(said(`must be a tag's key: ${KEY_WORDS}`))
  .refine(isTagKey, said(`must be a tag's key: ${KEY_WORDS}`));

/** Tags for the instances. By hand, because a record schema drops a key named `__proto__` in silence. */
export const tags = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    said('must be an object of strings such as {"team": "media"}'),
  )
  .transform((written, context): Record<string, string> => {
    const complain = (path: string[], message: string) =>
      context.addIssue({ code: "custom", path, message });

    const entries = Object.entries(written);
    if (entries.length > USER_TAGS_MAX) complain([], `has more than ${USER_TAGS_MAX} tags`);
    const kept: [string, string][] = [];
    for (const [key, value] of entries) {
      if (!isTagKey(key) || key === "__proto__" || key.toLowerCase().startsWith(OWN_PREFIX))
        complain([key], `has a key that cannot be used: ${KEY_WORDS} or ${OWN_PREFIX}`);
      if (isTagValue(value)) kept.push([key, value]);
      else
        complain(
          [key],
          `must be a string of at most ${TAG_VALUE_LENGTH_MAX} letters, digits, spaces or _.:/=+-@`,
        );
    }
    return Object.fromEntries(kept);
  })
  .meta({
    type: "object",
    additionalProperties: { type: "string" },
    description: `At most ${USER_TAGS_MAX} tags for the instances; each key: ${KEY_WORDS} or ${OWN_PREFIX}`,
  });

function isTagKey(key: string): boolean {
  return (
    key !== "" &&
    characters(key) <= TAG_KEY_LENGTH_MAX &&
    TAG_CHARACTERS.test(key) &&
    !isReservedTagKey(key)
  );
}

function isTagValue(value: unknown): value is string {
  return (
    typeof value === "string" &&
    characters(value) <= TAG_VALUE_LENGTH_MAX &&
    TAG_CHARACTERS.test(value)
  );
}
