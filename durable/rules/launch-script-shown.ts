/**
 * A launch script as it is shown to those who may not read it, and as events keep it for everybody: by its hash
 * and its length. A script may hold whatever a server needs to start, passwords too.
 */
import { sha256 } from "./sha256.ts";
import { utf8Length } from "./utf8.ts";
import type { Spec } from "./spec.ts";

/** A launch script without its text. */
export interface ScriptDigest {
  /** Of its UTF-8, in hexadecimal digits; the same script has the same. */
  readonly sha256: string;
  /** Of its UTF-8. */
  readonly bytes: number;
}

/** A spec that holds its launch script in full or by its digest; that depends on who looks at it. */
export type ShownSpec = Omit<Spec, "userData"> & { readonly userData: string | ScriptDigest };

/** The spec without the text of its launch script. */
export function withoutScript(spec: Spec): ShownSpec {
  return { ...spec, userData: digestOf(spec.userData) };
}

export function digestOf(script: string): ScriptDigest {
  return { sha256: sha256(script), bytes: utf8Length(script) };
}
