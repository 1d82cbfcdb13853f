/**
 * Words on their way out of the house: nothing that looks like a key leaves in them, and they are not
 * endless. What is cut is cut after the keys are hidden: half a secret would not be known as one.
 */

const WEBHOOK = /https?:\/\/hooks\.slack(?:-gov)?\.com\/\S*/giu;
const BEARER = /\b(bearer|token|secret|password)(["']?\s*[:=]\s*["']?|\s+)[\w.~+/=-]{16,}/giu;
/** Encoded messages, and tokens of any kind. */
const LONG_RUN = /[\w+=%-]{100,}/gu;
const BASE64_RUN = /[A-Za-z0-9/+=%]{40,}/gu;
const KEY_ID = /(?:AKIA|ASIA)[A-Z0-9]{4,}/gu;
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** One line without keys, of at most so many letters. */
export function redacted(text: string, lettersMax: number): string {
  const hidden = text
    .replace(CONTROL, " ")
    .replace(WEBHOOK, "(hidden)")
    .replace(BEARER, "$1 (hidden)")
    .replace(LONG_RUN, "(hidden)")
    .replace(BASE64_RUN, (run) => (isKey(run) ? "(hidden)" : run))
    .replace(KEY_ID, "(a key)");
  const letters = Array.from(hidden);
  return letters.length <= lettersMax ? hidden : `${letters.slice(0, lettersMax - 1).join("")}…`;
}

/** Keys are of letters large and small and of digits, or have no slashes; a path of our API is neither. */
function isKey(run: string): boolean {
  const isMixed = [/[A-Z]/u, /[a-z]/u, /[0-9]/u].every((kind) => kind.test(run));
  return isMixed || run.split("/").some((part) => part.length >= 40);
}

/** Shorter ones would be found in ordinary words. */
const SECRET_LENGTH_MIN = 8;
export const HIDDEN = "(hidden)";

/** @returns the function that takes these secrets out of a text, the longest first, for one may be a part of another */
export function hidingSecrets(secrets: readonly string[]): (text: string) => string {
  const long = secrets
    .filter((secret) => secret.length >= SECRET_LENGTH_MIN)
    .toSorted((one, other) => other.length - one.length);
  return (text) => long.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
}
