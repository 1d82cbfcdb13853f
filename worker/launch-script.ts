/**
 * The secrets of a launch script. `userData` names them as `{{secret:NAME}}`, and their values take the place of
 * the names only as a create call is signed: the ledger, its commands and every reply have the names alone.
 */
import { USER_DATA_BYTES_MAX } from "./api/aws-names.ts";
import { mayLeave, SECRET_NAME_RULE } from "./secret-names.ts";
import { utf8Length } from "../durable/rules/utf8.ts";

const PLACEHOLDER = /\{\{secret:([^{}]*)\}\}/gu;
const OPENING = "{{secret:";

export type FilledScript =
  | { readonly kind: "script"; readonly script: string }
  | { readonly kind: "refused"; readonly detail: string };

/** The names of the secrets that a script has, each once. */
export function secretsNamedIn(script: string): readonly string[] {
  return [...new Set(Array.from(script.matchAll(PLACEHOLDER), ([, name = ""]) => name))];
}

/** What is wrong with how a script names its secrets, whichever the Worker has; null for nothing. */
export function namingProblem(script: string): string | null {
  const named = secretsNamedIn(script);
  const stray = named.find((name) => !mayLeave(name));
  if (stray !== undefined)
    return `names a secret that stays in the Worker: \`${stray.slice(0, SHOWN_MAX)}\`. One that may leave it says so by its name: ${SECRET_NAME_RULE}`;
  return script.replaceAll(PLACEHOLDER, "").includes(OPENING)
    ? "begins a secret with `{{secret:` and does not end it: write `{{secret:USERDATA_NAME}}`"
    : null;
}

const SHOWN_MAX = 80;

/** The script with the values of its secrets in their places, or why it cannot be sent to AWS. */
export function filledScript(
  script: string,
  secretOf: (name: string) => string | null,
): FilledScript {
  const problem = namingProblem(script);
  if (problem !== null) return { kind: "refused", detail: problem };
  const missing = secretsNamedIn(script).filter((name) => secretOf(name) === null);
  if (missing.length > 0) {
    const commands = missing.map((name) => `\`npx wrangler secret put ${name}\``);
    return {
      kind: "refused",
      detail: `names ${missing.join(" and ")}, which the Worker does not have: run ${commands.join(" and ")}`,
    };
  }
  const filled = script.replaceAll(PLACEHOLDER, (_, name: string) => secretOf(name) ?? "");
  const bytes = utf8Length(filled);
  if (bytes <= USER_DATA_BYTES_MAX) return { kind: "script", script: filled };
  return {
    kind: "refused",
    detail: `has ${bytes} bytes with its secrets filled in, and AWS takes ${USER_DATA_BYTES_MAX}: let a short script download the rest`,
  };
}
