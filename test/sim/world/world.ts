/** Everything that there is in one run, wired: AWS, servers, sessions, people, and the fleet itself. */
import type { Sql } from "../../../durable/ledger/sql.ts";
import type { Spec } from "../../../durable/rules/spec.ts";
import { createHands } from "../../../worker/act.ts";
import type { Clock } from "../../../worker/clock.ts";
import { parseConfig } from "../../../worker/env.ts";
import { createEyes } from "../../../worker/observe.ts";
import { visitFleets } from "../../../worker/cron.ts";
import { type Cloud, createCloud } from "../../aws/cloud/cloud.ts";
import { createRandom, type Random } from "../../aws/demand/random.ts";
import { createWire, TEST_CREDENTIAL, type Wire } from "../../aws/wire/wire.ts";
import { sixSockets } from "../../net/six-sockets.ts";
import type { Held, SimEvent } from "../event.ts";
import { seedWords, setSigning } from "../runtime/crypto.ts";
import { setWait } from "../runtime/scheduler.ts";
import { DRAIN_SECRET } from "../spec.ts";
import type { Scenario } from "../scenario.ts";
import { createAccounts } from "./account.ts";
import { Names } from "./directory.ts";
import { Disk } from "./disk.ts";
import { Dispatcher } from "./dispatcher.ts";
import { LeasingDispatcher } from "./leasing.ts";
import { type NetworkPorts, sendOf, transportOf } from "./network.ts";
import { type Life, ObjectHost } from "./object.ts";
import { type Ask, createPeople } from "./people.ts";
import { Servers } from "./servers.ts";
import { shardsOf } from "./shards.ts";
import { Slack } from "./slack.ts";
import { delaysOf, throttleOf } from "./site.ts";
import { textsOf } from "./target-texts.ts";
import { Timers } from "./timers.ts";

export const REGION = "ap-northeast-2";
export const FLEET = "media";
export const OWNER = `default/${FLEET}`;
export const TICK_MS = 5_000;
export const TAG = { resource: "key-0abc1234", key: "여유_서버_목표치" } as const;
const CRON_MS = 60_000;
const HOUR_MS = 3_600_000;
const MEDIUM_USD = 24;
/** Signs the drain calls. */
export const DRAIN_KEY = "drain-key-of-the-simulator";

export interface Hooks {
  readonly emit: (event: SimEvent) => void;
  readonly point: (label: string, life: Life) => void;
  readonly onReceived: () => void;
}

export class World {
  readonly scenario: Scenario;
  readonly timers: Timers;
  readonly cloud: Cloud;
  readonly wire: Wire;
  readonly disk = new Disk();
  readonly names = new Names();
  readonly servers: Servers;
  readonly slack: Slack;
  readonly host: ObjectHost;
  readonly dispatcher: Dispatcher;
  readonly ask: Ask;
  readonly random: Random;
  readonly emit: (event: SimEvent) => void;
  /** What the object's clock is ahead of true time by. */
  skewMs = 0;
  /** The cron comes so many times more at each of its minutes. */
  cronsExtra = 0;
  /** The spec as the operator last wrote it, and wants it. */
  wanted: Record<string, unknown>;
  /** Names that an operator wants gone whatever is on them. */
  readonly forced = new Set<string>();
  /** Names that an operator has asked to be adopted. */
  readonly targetOfAdoption = new Set<string>();
  /** An operator wants the whole fleet gone, whatever is on it. */
  removesByForce = false;
  /** Bodies of answers are spoilt by these while they stand, by operation. */
  readonly spoilers = new Map<string, (body: string) => string>();
  /** What puts the world right when the faults are over. */
  readonly restores = new Set<() => void>();
  readonly targetTexts = new Set<string>();
  isHealed = false;

  constructor(scenario: Scenario, hooks: Hooks) {
    const { seed } = scenario;
    this.scenario = scenario;
    this.timers = new Timers(scenario.startsAt);
    this.wanted = { ...scenario.spec };
    this.emit = hooks.emit;
    this.random = createRandom(seed, "world");
    const now = (): number => this.timers.now;
    const timing = { bootMs: scenario.bootMs, bootJitterMs: Math.floor(scenario.bootMs / 4) };
    const { site } = scenario;
    this.cloud = createCloud({ now, seed, timing, vcpuQuota: site.vcpuQuota, pending: PENDING });
    const throttle = throttleOf(site.throttling);
    const skipsSignatures = !scenario.signed;
    setSigning(scenario.signed);
    this.wire = createWire(this.cloud, { throttle, signingNow: now, seed, skipsSignatures });
    this.servers = new Servers(this.timers, this.cloud, scenario.softwareBootMs, this.emit);
    const words = createRandom(seed, "words");
    seedWords(() =>
      Math.floor(words() * 36 ** 6)
        .toString(36)
        .padStart(6, "0"),
    );
    const random = createRandom(seed, "slack");
    const { emit, point } = hooks;
    this.slack = new Slack({ timers: this.timers, random, emit, point });
    setWait(async (ms) => this.timers.sleep(ms));
    this.host = this.#createHost(hooks);
    this.ask = createPeople({
      fleet: () => this.host.stub(),
      names: this.names,
      requestCommits: () => this.host.requestCommits,
      objectNow: () => this.objectNow,
      emit: this.emit,
    });
    this.dispatcher = this.#createDispatcher(seed);
  }

  /** The operator wants other sections of the spec, and what they say of the target may rule from now on. */
  want(changes: object): void {
    this.wanted = { ...this.wanted, ...changes };
    for (const text of textsOf(this.wanted["spares"])) this.targetTexts.add(text);
  }

  get now(): number {
    return this.timers.now;
  }

  get objectNow(): number {
    return this.timers.now + this.skewMs;
  }

  get sql(): Sql {
    return this.disk.sql;
  }

  /** The spec as it is committed, or null where there is no fleet. */
  spec(): Spec | null {
    const { version } = this.disk;
    if (version !== this.#parsed?.version) {
      const [row] = this.fleetRow("spec");
      const text = row === undefined ? null : String(row["spec"]);
      const known = text === this.#parsed?.text ? this.#parsed.spec : parsed(text);
      this.#parsed = { version, text, spec: known };
    }
    return this.#parsed.spec;
  }

  #parsed: {
    readonly version: number;
    readonly text: string | null;
    readonly spec: Spec | null;
  } | null = null;

  /** Columns of the fleet's own row, where there is one. */
  fleetRow(columns: string) {
    const born = this.sql.rows("SELECT name FROM sqlite_master WHERE name = 'fleet'");
    return born.length === 0 ? [] : this.sql.rows(`SELECT ${columns} FROM fleet`);
  }

  phaseOf(name: string): string | null {
    if (this.fleetRow("name").length === 0) return null;
    const [row] = this.sql.rows("SELECT phase FROM instances WHERE name = ?", name);
    return row === undefined ? null : String(row["phase"]);
  }

  /**
   * Whether the ledger has ever seen a complete listing. Before that it knows of no server, and a listing
   * that lies would make it launch beside those that there are; the simulator spares it that.
   */
  hasListed(): boolean {
    return this.fleetRow("listed")[0]?.["listed"] === 1;
  }

  /** Names that the ledger calls adopted. */
  adopted(): ReadonlySet<string> {
    if (this.fleetRow("name").length === 0) return new Set();
    const rows = this.sql.rows("SELECT name FROM instances WHERE adopted = 1");
    return new Set(rows.map(({ name }) => String(name)));
  }

  /** An operator wants it gone, or the whole fleet, whatever is on it. */
  isForced(name: string): boolean {
    return this.removesByForce || this.forced.has(name);
  }

  /** Everything of the region that costs money now. */
  held(): Held[] {
    return this.cloud
      .list(REGION)
      .filter(({ instance }) => instance.deletedAt === null)
      .map(({ instance, state, tags }) => ({
        name: instance.name,
        arn: instance.arn,
        state,
        owner: tags.find(({ key }) => key === "lightfleet:owner")?.value ?? null,
        createdAt: instance.createdAt,
      }));
  }

  /** Ours, by the tag, in the order of their creation. */
  ours(): Held[] {
    return this.held().filter(({ owner }) => owner === OWNER);
  }

  /** The target's tag as it was written last. */
  tagWritten(): string | null {
    return this.cloud.ec2Tags.of(REGION, TAG.resource, this.now).get(TAG.key) ?? null;
  }

  /** The target's tag as EC2 tells it now, lag and all. */
  tag(): string | null {
    const asOf = this.now - this.cloud.timing.ec2TagLagMs;
    return this.cloud.ec2Tags.of(REGION, TAG.resource, asOf).get(TAG.key) ?? null;
  }

  /**
   * US dollars of the month by what AWS holds, should all of ours that runs now run to the month's end: of
   * what is billed now and was ours, and of what was deleted since `since`.
   */
  committed(billing: "hour" | "none", since: number): number {
    const date = new Date(this.now);
    const starts = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    const ends = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    const ours = new Set(this.ours().map(({ arn }) => arn));
    let usd = 0;
    for (const { arn, createdAt, endedAt } of this.cloud.everCreated()) {
      if (endedAt === null ? !ours.has(arn) : !this.wasOurs.has(arn) || endedAt < since) continue;
      const hours = (at: number): number => Math.max(0, at - createdAt) / HOUR_MS;
      const whole = (at: number): number => (billing === "hour" ? Math.ceil(hours(at)) : hours(at));
      const billed = whole(Math.min(ends, endedAt ?? ends)) - whole(starts);
      usd += Math.min(MEDIUM_USD, (billed * MEDIUM_USD) / 744);
      if (endedAt === null) this.wasOurs.add(arn);
    }
    return usd;
  }

  readonly wasOurs = new Set<string>();

  capacity(): number {
    return this.spec()?.health.capacity ?? 1;
  }

  /** A server that lives on a machine that is not there any more is lost. */
  changed(): void {
    this.servers.revision++;
    this.servers.loseWithTheirServers();
  }

  /** The cron, minute by minute. */
  startCron(): void {
    this.timers.after(CRON_MS, () => {
      for (let visit = 0; visit <= this.cronsExtra; visit++) void this.#cron();
      this.startCron();
    });
  }

  async #cron(): Promise<void> {
    await visitFleets({
      fleet: () => this.host.stub(),
      directory: () => this.names,
      log: (entry) => this.emit({ kind: "text", text: JSON.stringify(entry) }),
    });
  }

  #createDispatcher(seed: number): Dispatcher {
    const { promise, meanLengthMs, sessionsPerHour } = this.scenario;
    const ports = {
      timers: this.timers,
      servers: this.servers,
      random: createRandom(seed, "demand"),
      fleet: () => this.host.stub(),
      emit: this.emit,
      promise,
      meanLengthMs,
      drainMs: () => (this.spec()?.retire.drainSeconds ?? 0) * 1000,
      capacity: () => this.capacity(),
    };
    return promise === "lease"
      ? new LeasingDispatcher(ports, sessionsPerHour)
      : new Dispatcher(ports, sessionsPerHour);
  }

  #createHost({ emit, point, onReceived }: Hooks): ObjectHost {
    const config = parseConfig({
      AWS_ACCESS_KEY_ID: TEST_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: TEST_CREDENTIAL.secretAccessKey,
      AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
      [DRAIN_SECRET]: DRAIN_KEY,
    });
    const clock: Clock = {
      now: () => this.objectNow,
      after: (delayMs, run) => this.timers.after(delayMs, run),
    };
    const { seed, site } = this.scenario;
    const random = createRandom(seed, "network");
    const network: NetworkPorts = {
      timers: this.timers,
      wire: this.wire,
      servers: this.servers,
      random,
      delays: delaysOf(site.network, random),
      emit,
      point,
      onReceived,
      heldOf: (names) => this.held().filter(({ name }) => names.includes(name)),
      spoil: (op, body) => this.spoilers.get(op)?.(body) ?? body,
    };
    return new ObjectHost({
      timers: this.timers,
      disk: this.disk,
      objectNow: () => this.objectNow,
      emit,
      point,
      directory: this.names,
      accounts: createAccounts(),
      env: { DEPLOYMENT: "default" },
      eyesOf: (life) => {
        const ports = { fetch: sendOf(network, life), transport: transportOf(network, life) };
        const shards = shardsOf({ timers: this.timers, config, clock, ports });
        return {
          observe: async (watch) =>
            createEyes({ config, clock, shards, ...sixSockets(ports) }).observe(watch),
        };
      },
      heraldOf: (life) => this.slack.heraldOf(life),
      handsOf: (life) => {
        const ports = { fetch: sendOf(network, life), transport: transportOf(network, life) };
        return {
          act: async (commands, connections) =>
            createHands({ config, clock, ...sixSockets(ports) }).act(commands, connections),
        };
      },
    });
  }
}

function parsed(text: string | null): Spec | null {
  return text === null ? null : (JSON.parse(text) as Spec);
}

/** AWS does not say what a pending instance refuses; that it may be deleted is the kinder of the two. */
const PENDING = {
  DeleteInstance: "accept",
  PutInstancePublicPorts: "OperationFailureException",
} as const;
