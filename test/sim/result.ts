/** What a run came to. */

export interface Violation {
  /** Of the invariant: `I1` ... `I23`, or `crash` where the simulated program threw what it must not. */
  readonly invariant: string;
  /** Milliseconds after the start. */
  readonly at: number;
  readonly detail: string;
}

export interface Result {
  readonly seed: number;
  /** Of every event in order: two runs of one scenario give the same. */
  readonly hash: string;
  readonly simulatedMs: number;
  /** Empty in a good run. A run ends at its first violation. */
  readonly violations: readonly Violation[];
  /** How often each fault really struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often each move `from>to` was made. */
  readonly transitions: Readonly<Record<string, number>>;
  /** How often each kind of effect point was passed, and how often the object died there. */
  readonly points: Readonly<Record<string, { readonly passed: number; readonly died: number }>>;
  /** The label of each effect point in order, where the run was asked to keep them. */
  readonly pointLabels: readonly string[];
  /** The last lines of what happened, each with its moment. */
  readonly trace: readonly string[];
}

export interface RunOptions {
  /** Keep `pointLabels`. */
  readonly keepPoints?: boolean;
  /** Lines of trace to keep; 0 if not given. */
  readonly traceLines?: number;
}
