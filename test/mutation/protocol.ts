/** What `run.ts`, its parent and the runner of the tests say to each other. */

/** Tests of one file. */
export interface Judges {
  readonly file: string;
  readonly ids: readonly string[];
}

/** How far a test may go with a mutant; what goes further hangs, which counts as noticed. */
export interface Bounds {
  readonly hitsMax: number;
  readonly testLimitMs: number;
}

/** The mutants that are to be tried on each test, by its id. */
export type Plan = Readonly<Record<string, readonly string[]>>;

export type Request =
  /** Runs all tests of a file without any mutant, and counts what they reach. */
  | { readonly kind: "survey"; readonly file: string }
  /** Tries many mutants on the tests of a file, which is loaded once. */
  | ({ readonly kind: "together"; readonly file: string; readonly plan: Plan } & Bounds)
  /** Tries one mutant on tests, each file of which is loaded with it. */
  | ({
      readonly kind: "alone";
      readonly mutant: string;
      readonly judges: readonly Judges[];
    } & Bounds);

/** How often each mutant is passed. */
export type Hits = Readonly<Record<string, number>>;

export interface SurveyedTest {
  readonly id: string;
  readonly ms: number;
  readonly hits: Hits;
}

export interface SurveyedFile {
  readonly file: string;
  /** What fails though there is no mutant: tests, or the file itself. */
  readonly failures: readonly string[];
  /** Those that pass in time. */
  readonly tests: readonly SurveyedTest[];
  /** What it reaches outside of its tests: on import, and in hooks for all of them. */
  readonly outside: Hits;
}

export interface Batch {
  /** The test that noticed each mutant. */
  readonly killed: Readonly<Record<string, string>>;
  /** Mutants that are to be tried alone: something was spoiled, perhaps by another. */
  readonly suspects: readonly string[];
}

export type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "survey"; readonly surveyed: SurveyedFile }
  | ({ readonly kind: "together" } & Batch)
  /** `killer` is the test that noticed, or null. */
  | { readonly kind: "alone"; readonly killer: string | null };

/** What the runner of the tests needs to know. */
export type Mode =
  | { readonly kind: "survey" }
  | { readonly kind: "together"; readonly plan: Plan; readonly hitsMax: number }
  | { readonly kind: "alone"; readonly mutant: string; readonly hitsMax: number };

export interface Counted {
  readonly static: Hits;
  readonly perTest: Readonly<Record<string, Hits>>;
}

declare module "vitest" {
  interface ProvidedContext {
    mutation: Mode;
  }
  interface TaskMeta {
    counted?: Counted;
    batch?: Batch;
  }
}
