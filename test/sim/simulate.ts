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
import { builtFor } from "./world/built.ts";
import { unlikeItsSpec } from "./world/unlike-spec.ts";
import { FLEET, REGION, TAG, World } from "./world/world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** The last boundary comes so long after the faults, so that every object knows of its spec by then. */
const FINAL_BOUNDARY_MS = 240_000;
const FINAL_SPARES = 3;
/** What a person writes into the tag in the end. */
const FINAL_TAG = 2;
const SETTLING_MS = 40_000;
/** The last sessions end within this, or within a tenth of the run where that is less. */
const LAST_SESSIONS_MS = 300_000;
const NEVER_STARTS_MS = 600_000;
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
  /** The last boundary of a fleet with a schedule. */
  #finalBoundary: number | null = null;
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
      const healsAt = this.#scenario.startsAt + this.#scenario.hours * HOUR_MS;
      await timers.run(healsAt, () => this.#isOver);
      if (!this.#isOver) {
        this.#heal();
        host.onTick = () => this.#judgeTick();
        const withinMs = this.#goal?.withinMs ?? 0;
        await timers.run(healsAt + withinMs, () => this.#isOver);
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
    const { tag } = spec["spares"] as { tag?: object };
    world.want({});
    if (tag !== undefined) {
      world.targetTexts.add("3");
      world.cloud.setEc2Tag(REGION, TAG.resource, TAG.key, "3");
    }
    world.startCron();
    this.#striker.putSpec();
    for (const incident of incidents) {
      if (!("at" in incident.when)) continue;
      world.timers.at(this.#scenario.startsAt + incident.when.at, () => {
        if (world.isHealed) return;
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
    world.want({ mode: "active", limits, ...this.#finalSpares() });
    const text = within(world.wanted["spares"] as Bounds, FINAL_TAG);
    if (world.targetTexts.size > 0) world.cloud.setEc2Tag(REGION, TAG.resource, TAG.key, text);
    world.targetTexts.add(text);
    this.#personHelps();
    world.timers.after(NEVER_STARTS_MS, () => {
      this.#personHelps();
      void this.#unprotect();
    });
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
      else
        for (const { port } of builtFor(this.#world.servers.up().get(name)?.userData ?? ""))
          cloud.openPort(REGION, name, { protocol: "tcp", fromPort: port, toPort: port });
    }
    this.#world.changed();
  }

  async #tidyUp(): Promise<void> {
    const { insist } = this.#striker;
    this.#striker.spareTheRest();
    await insist("PUT", PATH, () => this.#world.wanted);
    await insist("POST", `${PATH}/resume`);
    for (const { id } of this.#rows("SELECT id FROM overrides"))
      await insist("DELETE", `${PATH}/overrides/${id}`);
    await this.#unprotect();
    for (const { name } of this.#rows("SELECT name FROM instances WHERE drainReason = 'operator'"))
      await insist("POST", `${PATH}/instances/${name}/undrain`);
  }

  /** A fleet that was removed in the meantime, against a person's word, has no tables: I18 tells. */
  #rows(query: string) {
    return this.#world.spec() === null ? [] : this.#world.sql.rows(query);
  }

  /** Once more in the end: what was just being adopted arrives protected. */
  async #unprotect(): Promise<void> {
    for (const { name } of this.#rows("SELECT name FROM instances WHERE protectedBy IS NOT NULL"))
      await this.#striker.insist("POST", `${PATH}/instances/${name}/unprotect`);
  }

  /**
   * Where there was a schedule the last word is a schedule's too: of two entries the second begins soon, and
   * none again before the run is over. It must rule, and stand in the tag, whatever had been before.
   */
  #finalSpares(): object {
    const spares = this.#world.wanted["spares"] as Bounds;
    const isScheduled = "schedule" in (this.#scenario.spec["spares"] as object);
    if (!isScheduled) return {};
    const at = Math.ceil((this.#world.now + FINAL_BOUNDARY_MS) / MINUTE_MS) * MINUTE_MS;
    this.#finalBoundary = at;
    const schedule = [
      { cron: dailyAt(at - HOUR_MS), timezone: "UTC", spares: "1" },
      { cron: dailyAt(at), timezone: "UTC", spares: within(spares, FINAL_SPARES) },
    ];
    return { spares: { ...spares, schedule, specialDays: [] } };
  }

  #goalOf(): Goal {
    const { wanted } = this.#world;
    const { spares, health, limits, retire } = wanted as {
      spares: { default: string; tag?: object | null; min?: number; max?: number };
      health: { capacity?: number };
      limits: { maxInstances: number };
      retire: { billing?: string };
    };
    const isTagged = spares.tag !== undefined && spares.tag !== null;
    const isScheduled = this.#finalBoundary !== null;
    const text = isScheduled
      ? within(spares, FINAL_SPARES)
      : isTagged
        ? within(spares, FINAL_TAG)
        : spares.default;
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
      tag: isScheduled && isTagged ? within(spares, FINAL_SPARES) : null,
      from: this.#finalBoundary ?? this.#world.now,
      withinMs: 2 * HOUR_MS,
    };
  }

  #see(event: SimEvent): void {
    if (this.#isOver) return;
    const { now } = this.#world;
    this.#record.note(now - this.#scenario.startsAt, event);
    const found = this.#oracle(event, this.#truth);
    if (found !== null) this.#end(this.#violationOf(found.invariant, found.detail));
    if (event.kind === "call" && event.hadEffect && event.before.length > 0) this.#world.changed();
  }

  #point(label: string, life: Life): void {
    if (this.#isOver) return;
    const { all, families } = this.#record.passPoint(label, !this.#world.isHealed);
    this.#striker.passPoint();
    const place = [all, ...families].find((each) => this.#atPoints.has(each));
    const incident = place === undefined ? undefined : this.#atPoints.get(place);
    if (place === undefined || incident === undefined) return;
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
    if (goal === null || world.spec() === null || world.now < goal.from) return false;
    if (goal.tag !== null && world.tagWritten() !== goal.tag) return false;
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
    if (unlikeItsSpec(world) !== null) return false;
    if (world.sql.rows("SELECT id FROM outbox LIMIT 1").length > 0) return false;
    return ours.every(
      ({ name }) => world.servers.accepts(name) && world.servers.sessionsOn(name) === 0,
    );
  }

  #violationOf(invariant: string, detail: string): Violation {
    return { invariant, at: this.#world.now - this.#scenario.startsAt, detail };
  }

  #end(violation: Violation): void {
    this.#violation = violation;
    this.#isOver = true;
  }

  #result(): Result {
    const violations = this.#violation === null ? [] : [this.#violation];
    return {
      seed: this.#scenario.seed,
      simulatedMs: this.#world.now - this.#scenario.startsAt,
      violations,
      faults: this.#striker.counts,
      ...this.#record.sum(),
    };
  }
}

/** Of a section of spares. */
interface Bounds {
  readonly max?: number;
}

/** No spec takes a value above its own bound. */
function within({ max = Number.POSITIVE_INFINITY }: Bounds, spares: number): string {
  return String(Math.min(max, spares));
}

function dailyAt(at: number): string {
  const date = new Date(at);
  return `${date.getUTCMinutes()} ${date.getUTCHours()} * * *`;
}

function describe(error: unknown): string {
  if (error instanceof Died) return "the death of an object went further than its own calls";
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
