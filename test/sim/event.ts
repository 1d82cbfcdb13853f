/** What happens in the simulated world, as someone sees it who stands above both the fleet and AWS. */
import type { Phase } from "../../durable/rules/model.ts";
import type { Command } from "../../durable/rules/world.ts";

/** The part of the fleet that a transaction belongs to. */
export type Stage = "begin" | "plan" | "settle" | "request" | "post";

/** A move of one row of the ledger, as SQLite itself saw it. `from` is null for a new row. */
export interface Move {
  readonly name: string;
  readonly from: Phase | null;
  readonly to: Phase;
}

export type SimEvent =
  /** A call has reached AWS, and was carried out or not. */
  | {
      readonly kind: "call";
      /** Who called: the fleet under test, or anybody else. */
      readonly by: "fleet" | "person";
      /** The life of the object that sent it; a dead object's hands may still be at work. */
      readonly life: number;
      readonly op: string;
      /** The instances that it names. */
      readonly names: readonly string[];
      /** The instances of those names just before the call, as AWS held them. */
      readonly before: readonly Held[];
      readonly hadEffect: boolean;
      /** `ok`, AWS's error type, `dropped` or `garbled`: what the caller is told. */
      readonly outcome: string;
    }
  /** A transaction of the ledger was committed, and wrote something. */
  | {
      readonly kind: "commit";
      readonly stage: Stage;
      /** The tick that its commands belong to; 0 where it has none. */
      readonly tick: number;
      readonly moves: readonly Move[];
      readonly commands: readonly Command[];
    }
  /** A server has another address from now on, and is up all the while; at the one before a stranger answers. */
  | { readonly kind: "moved"; readonly name: string; readonly from: string }
  /** What the fleet sent to a server has reached a stranger at an address that was ours. */
  | { readonly kind: "stranger"; readonly what: "health" | "drain"; readonly address: string }
  /**
   * A media server was asked. `said` is its true number of sessions; null where no good answer left it.
   * `draining` is whether it takes no more by its own word.
   */
  | {
      readonly kind: "probe";
      readonly name: string;
      readonly startedAt: number;
      readonly said: number | null;
      readonly draining: boolean;
    }
  /** `lost` is a session that ended with its server, no matter who took the server away. */
  | {
      readonly kind: "session";
      readonly what: "placed" | "ended" | "lost" | "blocked";
      readonly server: string | null;
    }
  /** What a dispatcher does with a lease that it holds. */
  | { readonly kind: "lease"; readonly what: "placed" | "released"; readonly id: string }
  | {
      readonly kind: "alarm";
      readonly what: "set" | "fired" | "finished" | "deleted";
      /** When it is to ring, for `set`. */
      readonly at: number | null;
    }
  /** After a commit the object remembers something else than its tables hold. */
  | { readonly kind: "memory"; readonly differences: readonly string[] }
  /** The object died, and with it everything in its memory. */
  | { readonly kind: "crash"; readonly life: number }
  /** All that the object remembered on disk is gone; it is born anew from the operator's spec. */
  | { readonly kind: "stateLost" }
  /** A request on the API was answered. */
  | {
      readonly kind: "request";
      readonly method: string;
      readonly path: string;
      readonly role: "operator" | "viewer" | "none";
      /** What was sent with it; null where nothing was. */
      readonly body: unknown;
      readonly status: number;
      /** Whether it changed the ledger; false where another one was under way, whose change it may be. */
      readonly changed: boolean;
    }
  /** Anything that a person could read: log lines, replies of the API, events. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "fault"; readonly fault: string }
  /** The faults are over: from here on the world behaves. */
  | { readonly kind: "healed" }
  /** The last moment of the run. */
  | { readonly kind: "end" };

/** An instance as AWS holds it. */
export interface Held {
  readonly name: string;
  readonly arn: string;
  readonly state: string;
  /** Of the tag `lightfleet:owner`. */
  readonly owner: string | null;
  readonly createdAt: number;
}
