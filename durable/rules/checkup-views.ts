/** What a fleet tells its doctor before it looks at the world itself; it crosses RPC, as the other views do. */
import type { HealthSpec, Spec } from "./spec.ts";
import type { Action, Rejection } from "./world.ts";

/** What became of the last call of a kind, as far as it says whether the AWS key may make it. */
export interface Evidence {
  readonly action: Action["kind"];
  readonly at: string;
  /** Null where AWS carried it out; else its words for refusing the key. */
  readonly refusal: {
    readonly rejection: Rejection;
    readonly code: string;
    readonly message: string;
  } | null;
}

/** A server that can be asked for its sessions. */
export interface Candidate {
  readonly name: string;
  readonly address: string;
  /** How it is asked: it may be built for another check than the spec's. */
  readonly health: HealthSpec;
}

export interface Checkup {
  readonly spec: Spec;
  /** When the last good tick ended; null where none did since the object woke. */
  readonly lastTickAt: string | null;
  readonly lastTickError: string | null;
  /** At most one for each kind of call: the newest that says something. */
  readonly evidence: readonly Evidence[];
  /** What AWS said of the quota, while the fleet is held back by it. */
  readonly quotaHeld: string | null;
  /** The server to be asked, null where none is running. */
  readonly candidate: Candidate | null;
  /** Checks of earlier specs, for servers that were built for them. */
  readonly earlier: readonly HealthSpec[];
  /** Servers that have answered lately. */
  readonly answering: number;
  /** Servers that are asked for their sessions. */
  readonly probed: number;
  /** Mean time of a probe that is answered, as the fleet measured it, in milliseconds; null until one was. */
  readonly probeMs: number | null;
}
