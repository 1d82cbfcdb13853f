/** Runs simulations on worker threads, and adds up what they came to. */
import { createHash } from "node:crypto";
import type { URL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Result, RunOptions } from "./result.ts";
import type { Scenario } from "./scenario.ts";

/** One run to make: plain data. */
export interface Job {
  /** Its place in the order in which results are told: the seed, or the number of the plan. */
  readonly id: number;
  readonly scenario: Scenario;
  readonly options: RunOptions;
  /** Run it twice; a second run that differs is a violation. */
  readonly twice: boolean;
}

export interface Done {
  readonly job: Job;
  readonly result: Result;
  readonly wallMs: number;
}

/** What the thread sends back. */
export type Reply = Omit<Done, "job">;

interface Waiting {
  readonly job: Job;
  readonly settle: (done: Done | null) => void;
}

interface Lane {
  /** Null until it is needed, and again when it was lost. */
  worker: Worker | null;
  task: Waiting | null;
  timer: NodeJS.Timeout | null;
}

/** A run that takes longer than this hangs: the real time that is given to each, and to each simulated hour. */
const LIMIT_MS = { each: 240_000, hour: 60_000 } as const;

export class Pool {
  readonly #script: URL;
  readonly #lanes: Lane[];
  readonly #waiting: Waiting[] = [];
  #closed = false;

  constructor(size: number, script: URL) {
    this.#script = script;
    this.#lanes = Array.from({ length: size }, () => ({ worker: null, task: null, timer: null }));
  }

  get size(): number {
    return this.#lanes.length;
  }

  /** Null when the pool was closed before the run was over. */
  async run(job: Job): Promise<Done | null> {
    if (this.#closed) return null;
    return await new Promise((settle) => {
      this.#waiting.push({ job, settle });
      const free = this.#lanes.find((lane) => lane.task === null);
      if (free !== undefined) this.#next(free);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { settle } of this.#waiting.splice(0)) settle(null);
    for (const lane of this.#lanes) finish(lane)?.settle(null);
    await Promise.all(this.#lanes.map(async ({ worker }) => await worker?.terminate()));
  }

  #next(lane: Lane): void {
    const task = this.#waiting.shift();
    if (task === undefined) return;
    const worker = (lane.worker ??= this.#start(lane));
    const limitMs = LIMIT_MS.each + LIMIT_MS.hour * task.job.scenario.hours;
    lane.task = task;
    lane.timer = setTimeout(() => this.#lose(lane, `no end after ${limitMs / 1_000} s`), limitMs);
    worker.postMessage(task.job, []);
  }

  #start(lane: Lane): Worker {
    // The module hooks that make the program run in Node come with --import; a thread needs them too.
    const worker = new Worker(this.#script, { execArgv: process.execArgv, stdout: true });
    // Whatever the program under test prints must not get into the JSON document on stdout.
    worker.stdout.on("data", (chunk: Uint8Array) => process.stderr.write(chunk));
    worker.on("message", (reply: Reply) => {
      const task = finish(lane);
      task?.settle({ job: task.job, ...reply });
      this.#next(lane);
    });
    worker.on("error", (error) => {
      if (lane.worker !== worker) return;
      this.#lose(lane, error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    worker.on("exit", (code) => {
      if (lane.worker === worker) this.#lose(lane, `the thread ended by itself, with code ${code}`);
    });
    return worker;
  }

  /** The thread is gone, or must go; its run counts as one that crashed. */
  #lose(lane: Lane, why: string): void {
    if (this.#closed) return;
    const { worker } = lane;
    const task = finish(lane);
    lane.worker = null;
    void worker?.terminate();
    task?.settle({ job: task.job, result: crashed(task.job, why), wallMs: 0 });
    this.#next(lane);
  }
}

function finish(lane: Lane): Waiting | null {
  const { task } = lane;
  if (lane.timer !== null) clearTimeout(lane.timer);
  lane.task = null;
  lane.timer = null;
  return task;
}

/** What stands for a run that has no result of its own. */
export function crashed(job: Job, why: string): Result {
  return {
    seed: job.scenario.seed,
    hash: "",
    simulatedMs: 0,
    violations: [{ invariant: "crash", at: 0, detail: why }],
    faults: {},
    transitions: {},
    points: {},
    pointLabels: [],
    trace: [],
  };
}

/** Gives the jobs to the pool in order, until there are no more or `enough` says so. */
export async function runAll(
  jobs: Iterable<Job>,
  pool: Pick<Pool, "run" | "size">,
  onDone: (done: Done) => void,
  enough: () => boolean,
): Promise<void> {
  const rest = jobs[Symbol.iterator]();
  const lanes = Array.from({ length: pool.size }, async () => {
    while (!enough()) {
      const next = rest.next();
      if (next.done === true) return;
      const done = await pool.run(next.value);
      if (done !== null) onDone(done);
    }
  });
  await Promise.all(lanes);
}

export interface Points {
  readonly passed: number;
  readonly died: number;
}

/** The sum over many runs; the same whatever the order in which they ended. */
export interface Totals {
  readonly runs: number;
  readonly simulatedMs: number;
  /** Of all threads together. */
  readonly busyMs: number;
  readonly violations: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly transitions: Readonly<Record<string, number>>;
  readonly points: Readonly<Record<string, Points>>;
  /** Of every run's hash, in the order of their ids. */
  readonly hash: string;
}

/** Adds up as the runs end, and keeps nothing of a good run but its sums and its hash. */
export class Tally {
  #simulatedMs = 0;
  #busyMs = 0;
  #violations = 0;
  readonly #hashes: { readonly id: number; readonly hash: string }[] = [];
  readonly #faults = new Map<string, number>();
  readonly #transitions = new Map<string, number>();
  readonly #points = new Map<string, Points>();

  add({ job, result, wallMs }: Done): void {
    this.#simulatedMs += result.simulatedMs;
    this.#busyMs += wallMs;
    this.#violations += result.violations.length;
    this.#hashes.push({ id: job.id, hash: result.hash });
    addCounts(this.#faults, result.faults);
    addCounts(this.#transitions, result.transitions);
    for (const [label, { passed, died }] of Object.entries(result.points)) {
      const sum = this.#points.get(label) ?? { passed: 0, died: 0 };
      this.#points.set(label, { passed: sum.passed + passed, died: sum.died + died });
    }
  }

  /** Without the hash, which takes a sort: what a line of progress needs. */
  get soFar(): Pick<Totals, "runs" | "simulatedMs" | "busyMs" | "violations"> {
    return {
      runs: this.#hashes.length,
      simulatedMs: this.#simulatedMs,
      busyMs: this.#busyMs,
      violations: this.#violations,
    };
  }

  totals(): Totals {
    const hash = createHash("sha256");
    for (const run of this.#hashes.toSorted((a, b) => a.id - b.id))
      hash.update(`${run.id} ${run.hash}\n`);
    return {
      ...this.soFar,
      faults: sorted(this.#faults),
      transitions: sorted(this.#transitions),
      points: sorted(this.#points),
      hash: hash.digest("hex"),
    };
  }
}

function addCounts(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
}

function sorted<T>(map: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  return Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
