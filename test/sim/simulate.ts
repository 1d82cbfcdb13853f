/**
 * One run: the world lives through a scenario while the oracle watches every event; then the faults
 * end, and the fleet must arrive where it belongs. The scenario decides everything.
 */
import { parseExpression, sparesOf } from "../../durable/rules/expression.ts";
import { TEST_CREDENTIAL } from "../aws/wire/wire.ts";
import type { SimEvent } from "./event.ts";
import type { Goal, Truth } from "./oracle/invariant.ts";
import { startOracle } from "./oracle/oracle.ts";
import { Record } from "./record.ts";
import type { Result, RunOptions, Violation } from "./result.ts";
import type { Incident, Scenario } from "./scenario.ts";
import { Striker } from "./strike/striker.ts";
import { truthOf } from "./truth.ts";
import { Died, type Life } from "./world/object.ts";
import { FLEET, REGION, START, TAG, World } from "./world/world.ts";

const HOUR_MS = 3_600_000;
const SETTLING_MS = 40_000;
/** The last sessions end within this, or within a tenth of the run where that is less. */
const LAST_SESSIONS_MS = 300_000;
const NEVER_STARTS_MS = 600_000;
const HEALTH_PORT = { protocol: "tcp", fromPort: 8080, toPort: 8080 } as const;
const PATH = `/v1/fleets/${FLEET}`;

/** Runs a scenario to its end, or to its first violation. */
export async function simulate(scenario: Scenario, options: RunOptions = {}): Promise<Result> {
  const run = new Run(scenario, options);
  return run.live();
}

class Run {
  readonly #scenario: Scenario;
  readonly #record: Record;
  readonly #world: World;
  readonly #striker: Striker;
  readonly #oracle = startOracle();
  readonly #truth: Truth;
  /** By the number of the point, or by its family and its number therein. */
  readonly #atPoints: Map<number | string, Incident>;
  #violation: Violation | null = null;
  #goal: Goal | null = null;
  #goodSince: number | null = null;
  #isOver = false;

  constructor(scenario: Scenario, options: RunOptions) {
    this.#scenario = scenario;
    this.#record = new Record(options);
    this.#atPoints = new Map(
      scenario.incidents.flatMap((each) => {
        if (!("point" in each.when)) return [];
        const { point, of } = each.when;
        return [[of === undefined ? point : `${of} ${point}`, each]];
      }),
    );
    this.#world = new World(scenario, {
      emit: (event) => this.#see(event),
      point: (label, life) => this.#point(label, life),
      onReceived: () => this.#striker.onReceived(),
    });
    this.#truth = truthOf(this.#world, () => this.#goal);
    this.#striker = new Striker(this.#world);
  }

  async live(): Promise<Result> {
    const { timers, host } = this.#world;
    const realNow = Date.now;
    const realLog = { log: console.log, error: console.error };
    Date.now = () => this.#world.objectNow;
    console.log = console.error = (...parts: unknown[]) =>
      this.#see({ kind: "text", text: parts.join(" ") });
    try {
      this.#begin();
      const faultsMs = this.#scenario.hours * HOUR_MS;
      await timers.run(START + faultsMs, () => this.#isOver);
      if (!this.#isOver) {
        this.#heal();
        host.onTick = () => this.#judgeTick();
        const withinMs = this.#goal?.withinMs ?? 0;
        await timers.run(START + faultsMs + withinMs, () => this.#isOver);
        if (this.#violation === null) this.#see({ kind: "end" });
      }
    } catch (error) {
      this.#violation ??= this.#violationOf("crash", describe(error));
    } finally {
      Date.now = realNow;
      Object.assign(console, realLog);
    }
    return this.#result();
  }

  #begin(): void {
    const { spec, incidents } = this.#scenario;
    const world = this.#world;
    const { default: text, tag } = spec["spares"] as { default: string; tag?: object };
    world.targetTexts.add(text);
    if (tag !== undefined) {
      world.targetTexts.add("3");
      world.cloud.setEc2Tag(REGION, TAG.resource, TAG.key, "3");
    }
    world.startCron();
    this.#striker.putSpec();
    for (const incident of incidents) {
      if (!("at" in incident.when)) continue;
      world.timers.at(START + incident.when.at, () => {
        this.#striker.op = null;
        this.#striker.strike(incident);
      });
    }
  }

  /** Faults end, people undo what they did, the last sessions end: from here on the fleet must arrive. */
  #heal(): void {
    const world = this.#world;
    world.isHealed = true;
    this.#atPoints.clear();
    this.#striker.callOff();
    for (const restore of world.restores) restore();
    world.wire.faults.clear();
    world.spoilers.clear();
    world.wire.setCredentials([TEST_CREDENTIAL]);
    world.servers.heal();
    world.slack.downUntil = 0;
    world.dispatcher.setRate(0);
    world.servers.endSoon(Math.min(LAST_SESSIONS_MS, (this.#scenario.hours * HOUR_MS) / 10));
    world.host.storageFails = false;
    const limits = { ...(world.wanted["limits"] as object), maxMonthlyUsd: null, maxVcpus: null };
    world.wanted = { ...world.wanted, mode: "active", limits };
    if (world.targetTexts.size > 0) world.cloud.setEc2Tag(REGION, TAG.resource, TAG.key, "2");
    world.targetTexts.add("2");
    this.#personHelps();
    world.timers.after(NEVER_STARTS_MS, () => this.#personHelps());
    void this.#tidyUp();
    this.#goal = this.#goalOf();
    this.#see({ kind: "healed" });
  }

  /**
   * What the runbook leaves to a person. An adopted server is never taken away because of a time limit,
   * and its ports are left alone unless the spec says so: somebody starts it again, opens its health port, or deletes it
   * where AWS never started it.
   */
  #personHelps(): void {
    const { cloud, now } = this.#world;
    const adopted = this.#world.adopted();
    for (const { name, state, createdAt } of this.#world.ours()) {
      if (!adopted.has(name)) continue;
      if (state === "pending" && now - createdAt >= NEVER_STARTS_MS)
        cloud.deleteInstance(REGION, name);
      else if (state === "stopped") cloud.startInstance(REGION, name);
      else cloud.openPort(REGION, name, HEALTH_PORT);
    }
    this.#world.changed();
  }

  async #tidyUp(): Promise<void> {
    const { insist } = this.#striker;
    this.#striker.spareTheRest();
    await insist("PUT", PATH, () => this.#world.wanted);
    await insist("POST", `${PATH}/resume`);
    await insist("DELETE", `${PATH}/target`);
    const { sql } = this.#world;
    for (const { name } of sql.rows("SELECT name FROM instances WHERE protectedBy IS NOT NULL"))
      await insist("POST", `${PATH}/instances/${name}/unprotect`);
    for (const { name } of sql.rows("SELECT name FROM instances WHERE drainReason = 'operator'"))
      await insist("POST", `${PATH}/instances/${name}/undrain`);
  }

  #goalOf(): Goal {
    const { wanted } = this.#world;
    const { spares, health, limits, retire } = wanted as {
      spares: { default: string; tag?: object; min?: number; max?: number };
      health: { capacity?: number };
      limits: { maxInstances: number };
      retire: { billing?: string };
    };
    const text = spares.tag === undefined ? spares.default : "2";
    const parsed = parseExpression(text);
    const { min = 0, max = Number.POSITIVE_INFINITY } = spares;
    const wish = parsed.ok ? sparesOf(parsed.expression, 0) : 0;
    const target = Math.min(max, Math.max(min, wish));
    const { capacity = 1 } = health;
    const needed = Math.ceil(target / capacity);
    const instances = Math.min(needed, limits.maxInstances);
    // Paid hours keep more; and so does a maximum that was lowered, for spares are not taken below the target.
    const isSettled = retire.billing === "none" && needed <= limits.maxInstances;
    return {
      spares: Math.min(target, instances * capacity),
      instances: isSettled ? instances : null,
      withinMs: 2 * HOUR_MS,
    };
  }

  #see(event: SimEvent): void {
    if (this.#isOver) return;
    const { now } = this.#world;
    this.#record.note(now - START, event);
    const found = this.#oracle(event, this.#truth);
    if (found !== null) this.#end(this.#violationOf(found.invariant, found.detail));
    if (event.kind === "call" && event.hadEffect && event.before.length > 0) this.#world.changed();
  }

  #point(label: string, life: Life): void {
    if (this.#isOver) return;
    const { all, family } = this.#record.passPoint(label, !this.#world.isHealed);
    this.#striker.passPoint();
    const place = this.#atPoints.has(all) ? all : family;
    const incident = this.#atPoints.get(place);
    if (incident === undefined) return;
    this.#atPoints.delete(place);
    this.#striker.op = /^call:(\w+):/u.exec(label)?.[1] ?? null;
    const wasAlive = !life.objectIsDead;
    this.#striker.strike(incident);
    if (wasAlive && life.objectIsDead) this.#record.diedAt(label);
  }

  /** After the faults: has the fleet been where it belongs for a while? */
  #judgeTick(): void {
    const { now } = this.#world;
    if (!this.#isThere()) this.#goodSince = null;
    else if (now - (this.#goodSince ??= now) >= SETTLING_MS) {
      this.#see({ kind: "end" });
      this.#isOver = true;
    }
  }

  #isThere(): boolean {
    const world = this.#world;
    const goal = this.#goal;
    if (goal === null || world.spec() === null) return false;
    const rows = world.sql.rows("SELECT name, phase FROM instances WHERE phase <> 'gone'");
    if (rows.some(({ phase }) => phase !== "ready")) return false;
    const ours = world.ours();
    const held = new Set(ours.map(({ name }) => name));
    if (rows.some(({ name }) => !held.has(String(name))) || held.size !== rows.length) return false;
    if (
      goal.instances === null
        ? ours.length * world.capacity() < goal.spares
        : ours.length !== goal.instances
    )
      return false;
    if (world.unlikeItsSpec() !== null) return false;
    if (world.sql.rows("SELECT id FROM outbox LIMIT 1").length > 0) return false;
    return ours.every(
      ({ name }) => world.servers.accepts(name) && world.servers.sessionsOn(name) === 0,
    );
  }

  #violationOf(invariant: string, detail: string): Violation {
    return { invariant, at: this.#world.now - START, detail };
  }

  #end(violation: Violation): void {
    this.#violation = violation;
    this.#isOver = true;
  }

  #result(): Result {
    const violations = this.#violation === null ? [] : [this.#violation];
    return {
      seed: this.#scenario.seed,
      simulatedMs: this.#world.now - START,
      violations,
      faults: this.#striker.counts,
      ...this.#record.sum(),
    };
  }
}

function describe(error: unknown): string {
  if (error instanceof Died) return "the death of an object went further than its own calls";
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
