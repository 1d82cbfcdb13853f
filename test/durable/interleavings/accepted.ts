/** The record of what the operator's calls accepted. */
import type { Pausable } from "../../../durable/rules/model.ts";
import type { Spec } from "../../../durable/rules/spec.ts";

/** What the ledger must hold, as the operator was told. */
export interface Accepted {
  spec: Spec;
  specVersion: number;
  removing: "gently" | null;
  readonly overrides: Map<string, string>;
  readonly pauses: Set<Pausable>;
  /** Names of the servers whose drain is not to end in deletion, and of those that are protected. */
  readonly held: Set<string>;
  readonly guarded: Set<string>;
  audited: number;
  words: number;
}

export function accepted(spec: Spec): Accepted {
  return {
    spec,
    specVersion: 1,
    removing: null,
    overrides: new Map(),
    pauses: new Set(),
    held: new Set(),
    guarded: new Set(),
    audited: 0,
    words: 0,
  };
}
