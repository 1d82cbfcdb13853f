/**
 * The soak itself: the whole of Lightfleet under demand, faults and kills; then neither demand nor
 * faults, until it has settled or the time is over; then the verdict.
 */
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../stack/ports.ts";
import { FLEET, mediaSpec, REGION, TARGET_TAG } from "../stack/spec.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { every } from "../stack/every.ts";
import type { Wire } from "../aws/wire/wire.ts";
import { type Bursts, burstsOf, turnsOfTarget } from "./demand.ts";
import { judge, type Verdict, type WitnessedDelete } from "./judge.ts";
import type { Options } from "./options.ts";
import type { Progress, Report } from "./report.ts";
import { Ticks } from "./ticks.ts";
import { callsOf, standingIn, witnessDeletes } from "./witness.ts";

/** Boots take seconds then, and sessions minutes; two cores still keep up with the ticks. */
const SPEED = 10;
const TICK_MS = 5_000 / SPEED;
const CAPACITY = 1;
const TARGET = 5;
/** What a person turns the tag to, back and forth: more launches and deletes than demand alone makes. */
const TURNED = { min: 1, max: 10 } as const;
/** Bursts on top of the highest target want more than that. */
const MAX_INSTANCES = 24;
/** Longer than the dispatcher may take to hear of a cordon: its period, and the limit of its call. */
const DRAIN_SECONDS = 8;
const FAILED_BOOTS = { count: 3, openSeconds: 60 } as const;
/** The fleet paces itself in real time after a throttle: servers wait longer for their calls than for their boots. */
const TIMEOUTS = { startSeconds: 60, readySeconds: 180 } as const;

const THROTTLED_SHARE = 0.05;
const LOST_SHARE = 0.01;

/** All below is real time. */
const LOOK_EVERY_MS = 500;
const PROGRESS_EVERY_MS = 1_000;
const TURN_EVERY_MS = 40_000;
const SETTLE_WITHIN_MS = 240_000;
/** Whatever was under way when the faults ended shows itself by then. */
const SETTLE_AT_LEAST_MS = 15_000;
const QUIET_FOR_MS = 3_000;
const STARTS_MAX = 3;
const PROBLEMS_KEPT = 10;

export interface Watcher {
  /** Gives the soak up. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Runs it from the first process to the last; null if it was given up. Nothing is left running. */
export async function soak(options: Options, watcher: Watcher): Promise<Report | null> {
  const problems = new Map<string, number>();
  const state = { isAway: true };
  const onProblem = (sentence: string): void => {
    // While the Worker is dead nobody can ask it anything; that is the point, and no trouble.
    if (!state.isAway) problems.set(sentence, (problems.get(sentence) ?? 0) + 1);
  };
  const bursts = burstsOf(options.seed);
  const stack = await startStack({
    speed: SPEED,
    target: TARGET,
    capacity: CAPACITY,
    awsPort: 0,
    port: await freePort(),
    seed: options.seed,
    rateFrom: bursts.rateFrom,
    prepare: (wire) => addFaults(wire, options.seed),
    signal: watcher.signal,
    onProblem,
  });
  try {
    await stack.client.putSpec(FLEET, soakSpec());
    return await new Soak({ stack, bursts, options, watcher, problems, state }).run();
  } finally {
    await stack.close();
  }
}

function addFaults({ faults, cloud }: Wire, seed: number): void {
  const always = { op: "*", times: null } as const;
  faults.add(
    { ...always, share: THROTTLED_SHARE, seed, effect: { kind: "throttled" } },
    cloud.now(),
  );
  const lost = { kind: "lost", when: "after" } as const;
  faults.add({ ...always, share: LOST_SHARE, seed: seed + 1, effect: lost }, cloud.now());
}

function soakSpec() {
  const { retire, limits, ...rest } = mediaSpec({
    speed: SPEED,
    target: TARGET,
    capacity: CAPACITY,
  });
  return {
    ...rest,
    retire: { ...retire, drainSeconds: DRAIN_SECONDS },
    limits: { ...limits, maxInstances: MAX_INSTANCES, failedBoots: FAILED_BOOTS },
    timeouts: TIMEOUTS,
  };
}

/** How it stands when it has settled, or when the time for it is over. */
type End = Pick<Report, "settledInSeconds" | "verdict">;

interface Parts {
  readonly stack: Stack;
  readonly bursts: Bursts;
  readonly options: Options;
  readonly watcher: Watcher;
  readonly problems: Map<string, number>;
  readonly state: { isAway: boolean };
}

class Soak {
  readonly #parts: Parts;
  readonly #deletes: readonly WitnessedDelete[];
  readonly #ticks = new Ticks(TICK_MS, performance.now());
  readonly #startedAt = performance.now();
  #kills = 0;
  #ownEnds = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#deletes = witnessDeletes(parts.stack);
    parts.state.isAway = false;
  }

  async run(): Promise<Report | null> {
    const { stack, bursts, watcher } = this.#parts;
    // A status that does not come is no news: the Worker may be dead.
    const progress = every(
      PROGRESS_EVERY_MS,
      async () => await this.#lookAtTicks(),
      () => undefined,
    );
    const shown = setInterval(() => watcher.onProgress(this.#progress()), PROGRESS_EVERY_MS);
    try {
      await this.#undergo();
      const faultsEndedAt = stack.cloud.now();
      bursts.stopAt(faultsEndedAt);
      stack.wire.faults.clear();
      this.#turnTarget(TARGET);
      const end = await this.#settle(faultsEndedAt);
      return watcher.signal.aborted ? null : this.#report(end);
    } finally {
      clearInterval(shown);
      await progress.stop();
    }
  }

  /** Demand and faults come by themselves; here the target is turned, and the Worker killed. */
  async #undergo(): Promise<void> {
    const { options, watcher } = this.#parts;
    const endsAt = this.#startedAt + options.minutes * 60_000;
    const targets = turnsOfTarget(options.seed, TURNED);
    let turnAt = this.#startedAt + TURN_EVERY_MS;
    let killAt = this.#startedAt + options.killEverySeconds * 1_000;
    while (performance.now() < endsAt && !watcher.signal.aborted) {
      await this.#pauseWithWorker();
      if (performance.now() >= turnAt) {
        this.#turnTarget(targets.next().value);
        turnAt += TURN_EVERY_MS;
      }
      if (performance.now() >= killAt) {
        this.#kills += 1;
        await this.#killAndStartAgain();
        killAt += options.killEverySeconds * 1_000;
      }
    }
  }

  /** Waits until nothing is half-made or half-deleted any more, or the time is over. */
  async #settle(faultsEndedAt: number): Promise<End> {
    const beganAt = performance.now();
    let quietSince: number | null = null;
    for (;;) {
      await this.#pauseWithWorker();
      const isThere = await this.#isThere();
      const verdict = await this.#verdict(faultsEndedAt);
      const now = performance.now();
      quietSince = isThere && verdict.zombies.length === 0 ? (quietSince ?? now) : null;
      const isQuiet = quietSince !== null && now - quietSince >= QUIET_FOR_MS;
      if (isQuiet && now - beganAt >= SETTLE_AT_LEAST_MS)
        return { settledInSeconds: (now - beganAt) / 1_000, verdict };
      if (now - beganAt > SETTLE_WITHIN_MS || this.#parts.watcher.signal.aborted)
        return { settledInSeconds: null, verdict };
    }
  }

  /**
   * Whether the fleet says that it is where it should be. Drains may go on: as the last sessions end
   * one by one, their servers become too many one by one.
   */
  async #isThere(): Promise<boolean> {
    const { client } = this.#parts.stack;
    try {
      const { counts, converged, blockers } = await client.status(FLEET);
      // Sessions that go on may hold the fleet at its maximum: then its target is out of reach.
      const isHeld = blockers.some(({ guard }) => guard === "maxInstances");
      const isUnderWay = counts.launching + counts.deleting > 0;
      return converged || (isHeld && !isUnderWay);
    } catch (error) {
      if (error instanceof Error) return false;
      throw error;
    }
  }

  async #verdict(faultsEndedAt: number): Promise<Verdict> {
    const { stack } = this.#parts;
    const rows = await rowsOf(stack);
    return judge({
      maxInstances: MAX_INSTANCES,
      created: stack.cloud.everCreated(),
      deletes: this.#deletes,
      losses: stack.demand.kills(),
      standing: standingIn(stack),
      rows,
      faultsEndedAt,
    });
  }

  /** A little while; a Worker that ends in it without having been killed is started again. */
  async #pauseWithWorker(): Promise<void> {
    const { stack, watcher, problems } = this.#parts;
    const pause = wait(LOOK_EVERY_MS, null, { signal: watcher.signal }).catch(() => null);
    const end = await Promise.race([stack.worker().ended, pause]);
    if (end === null || watcher.signal.aborted) return;
    this.#ownEnds += 1;
    problems.set(`${end} ${stack.worker().lastLines()}`, 1);
    await this.#killAndStartAgain();
  }

  /** Kills what there is of the Worker, and starts it again on the same storage. */
  async #killAndStartAgain(): Promise<void> {
    const { stack, state } = this.#parts;
    state.isAway = true;
    await stack.worker().kill();
    await this.#startAgain();
    this.#ticks.startedAgain(performance.now());
    state.isAway = false;
  }

  /** A busy machine may need more than one attempt. */
  async #startAgain(): Promise<void> {
    const { stack, watcher } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      try {
        await stack.startAgain();
        return;
      } catch (error) {
        if (watcher.signal.aborted) return;
        if (attempt === STARTS_MAX) throw error;
      }
    }
  }

  #turnTarget(spares: number): void {
    const { resource, key } = TARGET_TAG;
    this.#parts.stack.cloud.setEc2Tag(REGION, resource, key, String(spares));
  }

  async #lookAtTicks(): Promise<void> {
    const { lastTick } = await this.#parts.stack.client.status(FLEET);
    if (lastTick !== null) this.#ticks.saw(lastTick.number, performance.now());
  }

  #progress(): Progress {
    const { cloud, wire, demand } = this.#parts.stack;
    const created = cloud.everCreated();
    return {
      seconds: (performance.now() - this.#startedAt) / 1_000,
      ticks: this.#ticks.count,
      launches: created.length,
      deletes: cloud.deletions().length,
      kills: this.#kills,
      calls: callsOf(wire.calls.counts()),
      sessions: demand.counts(),
      billed: created.filter(({ endedAt }) => endedAt === null).length,
    };
  }

  #report({ settledInSeconds, verdict }: End): Report {
    const { stack, options, problems } = this.#parts;
    return {
      ...this.#progress(),
      seed: options.seed,
      speed: SPEED,
      startMs: stack.startMs,
      maxInstances: MAX_INSTANCES,
      ownEnds: this.#ownEnds,
      settledInSeconds,
      settleWithinSeconds: SETTLE_WITHIN_MS / 1_000,
      problems: [...problems]
        .map(([sentence, times]) => ({ sentence, times }))
        .slice(0, PROBLEMS_KEPT),
      verdict,
    };
  }
}

async function rowsOf({ client }: Stack) {
  try {
    return await client.instances(FLEET);
  } catch (error) {
    // Then nobody manages what is billed, and the verdict says so.
    if (error instanceof Error) return null;
    throw error;
  }
}
