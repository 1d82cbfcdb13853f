/** What every call of people's is given, and how one is refused. */
import type { Refusal } from "./rules/views.ts";

/** What an operator's call may need from outside: it is given, never taken. */
export interface Given {
  readonly now: number;
  /** A short random word, of lower-case letters and digits. */
  readonly word: () => string;
}

export function noFleet(): Refusal {
  return refusal(404, "No such fleet", "apply a spec to this name to create it");
}

export function refusal(status: 403 | 404 | 409 | 412, title: string, detail: string): Refusal {
  return { refused: { status, title, detail } };
}
