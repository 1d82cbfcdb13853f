/**
 * What other clients reach in the same cell. They make the calls of the bound and no others, ten at a
 * time: creates of twenty names, then each server's ports. They are handed the moment at which a server
 * has an address, so that they never look. They differ in what they do after a refusal.
 */
import { AdaptiveRetryStrategy } from "@smithy/core/retry";
import { createRandom, type Random } from "../../aws/demand/random.ts";
import { Timers } from "../../sim/world/timers.ts";
import { ADDRESS_MS, FIRST_ANSWER_MS } from "../virtual/times.ts";
import { boundSeconds } from "./bound.ts";
import { Buckets, type Lane } from "../virtual/buckets.ts";
import { type Baseline, type Cell, latencies, type Seeding, START_MS } from "./cell.ts";

const CALLS_AT_ONCE = 10;
const NAMES_PER_CREATE = 20;
const RETRY_MS = 1_000;
/** AWS's own figures of full jitter: the first wait, and the longest. */
const JITTER = { firstMs: 100, maxMs: 20_000 } as const;

export interface BaselineRun {
  readonly makespanSeconds: number | null;
  readonly refusals: number;
  readonly calls: Readonly<Record<string, number>>;
}

/** One call as the client makes it; gives whether it was admitted. */
type Attempt = () => Promise<boolean>;
/** Makes a call until it is admitted. */
type Insist = (attempt: Attempt) => Promise<void>;

interface Policy {
  readonly timers: Timers;
  readonly random: Random;
}

const POLICIES: Readonly<Record<Baseline, (policy: Policy) => Insist>> = {
  "retry-1s":
    ({ timers }) =>
    async (attempt) => {
      while (!(await attempt())) await timers.sleep(RETRY_MS);
    },
  "full-jitter":
    ({ timers, random }) =>
    async (attempt) => {
      for (let tried = 0; !(await attempt()); tried += 1) {
        const longestMs = Math.min(JITTER.maxMs, JITTER.firstMs * 2 ** tried);
        await timers.sleep(Math.ceil(random() * longestMs));
      }
    },
  "aws-adaptive": () => adaptive(),
};

/** The SDK's own strategy with its own rate limiter, as its middleware drives it: three attempts by default. */
function adaptive(): Insist {
  const strategy = new AdaptiveRetryStrategy(async () => 3);
  return async (attempt) => {
    while (!(await attemptsOf(strategy, attempt)));
  };
}

/** The SDK's types promise less of its tokens than it asks for. */
type Token = Parameters<AdaptiveRetryStrategy["recordSuccess"]>[0];

/** One call of the SDK; false where the SDK would throw, after which the program makes the call again. */
async function attemptsOf(strategy: AdaptiveRetryStrategy, attempt: Attempt): Promise<boolean> {
  let token = (await strategy.acquireInitialRetryToken("")) as Token;
  while (!(await attempt())) {
    try {
      const refused = { errorType: "THROTTLING" } as const;
      token = (await strategy.refreshRetryTokenForRetry(token, refused)) as Token;
    } catch (error) {
      if (!isSpent(error)) throw error;
      return false;
    }
  }
  strategy.recordSuccess(token);
  return true;
}

/** The SDK has made all of its attempts, or its quota of retries is used up. */
function isSpent(error: unknown): boolean {
  return error instanceof Error && error.message === "No retry token available";
}

/** Null where not all servers answered within `limit` times the bound. */
export async function runBaseline(
  name: Baseline,
  cell: Cell,
  seeding: Seeding,
): Promise<BaselineRun> {
  const timers = new Timers(START_MS);
  const random = createRandom(seeding.seed, name);
  const restore = takeTheTimers(timers, random);
  try {
    const insist = POLICIES[name]({ timers, random });
    const client = new Client(cell, timers, insist, latencies(seeding));
    void client.provision();
    const givenUpAt = START_MS + seeding.limit * boundSeconds(cell) * 1_000;
    await timers.run(givenUpAt, () => client.answeringAt !== null);
    const { answeringAt, refusals, calls } = client;
    const makespanSeconds = answeringAt === null ? null : (answeringAt - START_MS) / 1_000;
    return { makespanSeconds, refusals, calls: Object.fromEntries(calls) };
  } finally {
    restore();
  }
}

class Client {
  readonly #cell: Cell;
  readonly #timers: Timers;
  readonly #insist: Insist;
  readonly #latencyMs: () => number;
  readonly #buckets: Buckets;
  readonly #createdAt: number[] = [];
  refusals = 0;
  readonly calls = new Map<string, number>();
  /** The moment from which all servers answer, once the last call is done. */
  answeringAt: number | null = null;

  constructor(cell: Cell, timers: Timers, insist: Insist, latencyMs: () => number) {
    this.#cell = cell;
    this.#timers = timers;
    this.#insist = insist;
    this.#latencyMs = latencyMs;
    this.#buckets = new Buckets(cell, timers.now);
  }

  async provision(): Promise<void> {
    const { servers, namesPerCreate = Number.POSITIVE_INFINITY } = this.#cell;
    const most = Math.min(NAMES_PER_CREATE, namesPerCreate);
    const creates = Array.from({ length: Math.ceil(servers / most) }, (_, index) =>
      Math.min(most, servers - index * most),
    );
    let answeringAt = 0;
    await atOnce(creates, async (names) => {
      const at = await this.#call("create", "CreateInstances");
      answeringAt = Math.max(answeringAt, at + FIRST_ANSWER_MS);
      for (let name = 0; name < names; name += 1) this.#createdAt.push(at);
    });
    await atOnce(this.#createdAt, async (createdAt) => {
      await this.#timers.sleep(createdAt + ADDRESS_MS - this.#timers.now);
      answeringAt = Math.max(answeringAt, await this.#call("ports", "PutInstancePublicPorts"));
    });
    await this.#timers.sleep(answeringAt - this.#timers.now);
    this.answeringAt = answeringAt;
  }

  /** Gives the moment at which AWS admitted the call. */
  async #call(lane: Lane, op: string): Promise<number> {
    let admittedAt = 0;
    await this.#insist(async () => {
      const latencyMs = this.#latencyMs();
      await this.#timers.sleep(latencyMs / 2);
      admittedAt = this.#timers.now;
      const isAdmitted = this.#buckets.of(lane).admit(admittedAt);
      this.calls.set(op, (this.calls.get(op) ?? 0) + 1);
      if (!isAdmitted) this.refusals += 1;
      await this.#timers.sleep(latencyMs / 2);
      return isAdmitted;
    });
    return admittedAt;
  }
}

async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
}

/** The SDK reads the clock, waits and draws by the globals; until they are given back they are virtual. */
function takeTheTimers(timers: Timers, random: Random): () => void {
  const { now } = Date;
  const { setTimeout } = globalThis;
  const { random: drawn } = Math;
  const wait = (run: () => void, delayMs = 0): void => void timers.after(Math.ceil(delayMs), run);
  Date.now = () => Math.floor(timers.now);
  Math.random = random;
  Object.assign(globalThis, { setTimeout: wait });
  return () => {
    Date.now = now;
    Math.random = drawn;
    Object.assign(globalThis, { setTimeout });
  };
}
