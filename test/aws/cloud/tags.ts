import { refuse, type Refusal } from "./refusal.ts";

/** A Lightsail tag: without a value it is a key-only tag. */
export interface Tag {
  readonly key: string;
  readonly value?: string | undefined;
}

export const TAGS_PER_RESOURCE_MAX = 50;
const TAG_KEY_LENGTH_MAX = 128;
export const TAG_VALUE_LENGTH_MAX = 256;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags with `added` set over them, or the reason why not. */
export function withTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] | Refusal {
  const merged = new Map(tags.map((tag) => [tag.key, tag]));
  for (const tag of added) {
    const fault = faultOf(tag);
    if (fault !== null) return refuse("InvalidInputException", fault);
    merged.set(tag.key, tag);
  }
  if (merged.size > TAGS_PER_RESOURCE_MAX) {
    return refuse(
      "InvalidInputException",
      `A resource cannot have more than ${TAGS_PER_RESOURCE_MAX} tags.`,
    );
  }
  return [...merged.values()];
}

/** The tags without those of the given keys; keys that are not there are no error. */
export function withoutTags(tags: readonly Tag[], keys: readonly string[]): readonly Tag[] {
  return tags.filter((tag) => !keys.includes(tag.key));
}

/** How many characters a text has: AWS counts code points, not UTF-16 units. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

function faultOf({ key, value }: Tag): string | null {
  if (key.length === 0 || lengthOf(key) > TAG_KEY_LENGTH_MAX) {
    return `Tag keys must be between 1 and ${TAG_KEY_LENGTH_MAX} characters long.`;
  }
  if (lengthOf(value ?? "") > TAG_VALUE_LENGTH_MAX) {
    return `Tag values cannot be longer than ${TAG_VALUE_LENGTH_MAX} characters.`;
  }
  if (key.toLowerCase().startsWith("aws:"))
    return "Tag keys cannot begin with aws:, which is reserved.";
  if (!TAG_TEXT.test(key) || !TAG_TEXT.test(value ?? "")) {
    return "Tags may hold letters, digits, spaces and _ . : / = + - @ only.";
  }
  return null;
}
