/**
 * The Durable Object of one fleet: a thin shell of alarm and RPC around the engine. The alarm is the
 * metronome, and nothing but the alarm runs a tick.
 */
import { DurableObject } from "cloudflare:workers";
import { checkupOf } from "./checkup.ts";
import { costOfMonth } from "./cost.ts";
import { dryRun } from "./dry-run.ts";
import { Engine } from "./engine.ts";
import { readEvents } from "./ledger/events.ts";
import { instanceByName } from "./ledger/instances.ts";
import { historyOf } from "./history.ts";
import { sqlOf } from "./object-sql.ts";
import * as operate from "./operate.ts";
import { act } from "./operate-instance.ts";
import { lease, leasesOf, releaseLease, renewLease } from "./operate-lease.ts";
import { book, endOverride, endOverrides, judgeTag } from "./operate-target.ts";
import { Post } from "./post.ts";
import { scheduleOf } from "./preview.ts";
import type { Given } from "./refusal.ts";
import { readingsOf } from "./readings.ts";
import { instanceOf, instancesOf, overridesOf } from "./report.ts";
import type { Checkup } from "./rules/checkup-views.ts";
import { type SpecCondition, specTag, UNCONDITIONAL } from "./rules/conditions.ts";
import { hintFor } from "./rules/location.ts";
import type { CostView } from "./rules/cost-views.ts";
import type { HistoryView } from "./rules/history-views.ts";
import type { Pausable } from "./rules/model.ts";
import type { PageWish } from "./rules/pages.ts";
import type { Removal, RemovalWish } from "./rules/removal-views.ts";
import type { Spec } from "./rules/spec.ts";
import type {
  Booking,
  OverrideView,
  ScheduleView,
  TagVerdict,
  TargetView,
} from "./rules/target-views.ts";
import type { DryRun } from "./rules/dry-run-views.ts";
import type {
  Acted,
  Applied,
  Asked,
  EventQuery,
  EventView,
  FleetApi,
  Heartbeat,
  InstanceAction,
  InstanceFilter,
  InstanceView,
  Leased,
  LeaseChange,
  LeaseView,
  LeaseWish,
  NoSpare,
  PauseView,
  Refusal,
  SpecView,
  Status,
} from "./rules/views.ts";
import type { Watch } from "./rules/world.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { Sharing } from "./sharing.ts";
import { tick } from "./tick.ts";
import { ToldStatus } from "./told-status.ts";

/** The directory hears of the fleet again after so many ticks, should it have lost the name. */
const REGISTER_EVERY_TICKS = 60;
/** An alarm so many periods in the past is dead. */
const DEAD_AFTER_TICKS = 2;
const HISTORY_EVENTS_MAX = 200;
/** Decisions that are not worth a line in the log. */
const ROUTINE = /^(nothing to do|waiting)/;

export class Fleet extends DurableObject<Env> implements FleetApi {
  readonly #settings: Settings;
  readonly #post: Post;
  readonly #sharing: Sharing;
  readonly #told = new ToldStatus();
  #engine: Engine;
  #ticks = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#settings = settingsOf(env);
    this.#engine = this.#newEngine();
    this.#post = new Post({
      sql: sqlOf(ctx.storage),
      send: async (bulletins) => ctx.exports.Herald.post([...bulletins]),
      now: () => Date.now(),
      wait: async (ms) => scheduler.wait(ms),
    });
    this.#sharing = new Sharing({
      engine: () => this.#engine,
      exchange: async (region, report) =>
        this.env.BUDGET.getByName(region, hintFor(region)).exchange(report),
      now: () => Date.now(),
      wait: async (ms, signal) => scheduler.wait(ms, { signal }),
      log: (entry) => console.log(JSON.stringify(entry)),
    });
  }

  #newEngine(): Engine {
    return new Engine(sqlOf(this.ctx.storage), { tickMs: this.#settings.tickMs });
  }

  override async alarm(): Promise<void> {
    // First and bare: whatever happens below, there is a next tick.
    const beganAt = Date.now();
    void this.ctx.storage.setAlarm(beganAt + this.#settings.tickMs);
    const { Eyes, Hands } = this.ctx.exports;
    try {
      await this.#sharing.ask();
      const alive = await tick({
        engine: this.#engine,
        eyes: { observe: async (watch) => Eyes.observe(watch) },
        hands: { act: async (commands, connections) => Hands.act([...commands], connections) },
        sync: async () => this.ctx.storage.sync(),
        now: () => Date.now(),
      });
      if (!alive) return await this.ctx.storage.deleteAlarm();
      if (this.#engine.isForgotten) return await this.#forget();
      await this.#sharing.reportRefusal();
      await this.#hastenTo(this.#engine.nextTickAt(beganAt, Date.now()));
      this.#log();
      // Slack may be slow or down: no tick waits for it.
      this.ctx.waitUntil(this.#post.deliver());
      if (this.#ticks++ % REGISTER_EVERY_TICKS === 0) await this.#register();
    } catch (error) {
      console.error(JSON.stringify({ event: "tick.failed", error: String(error) }));
    }
  }

  async configure(
    name: string,
    spec: Spec,
    asked: Asked,
    condition: SpecCondition = UNCONDITIONAL,
  ): Promise<Applied> {
    const wanted = { name, deployment: this.#settings.deployment, spec, condition };
    const applied = operate.configure(this.#engine, wanted, asked, given());
    if (!("refused" in applied)) await this.#hasten();
    return applied;
  }

  async status(): Promise<Status | null> {
    return this.#tell()?.status ?? null;
  }

  async statusText(): Promise<string | null> {
    return this.#tell()?.text ?? null;
  }

  #tell() {
    return this.#told.of(this.#engine, this.#post.trouble, Date.now());
  }

  async metrics() {
    const status = await this.status();
    const live = this.#engine.read(Date.now());
    if (status === null || live === null) return null;
    return { status, readings: readingsOf(live.state, this.#engine.meters, this.#sharing.reading) };
  }

  async spec(): Promise<SpecView | null> {
    const live = this.#engine.read(Date.now());
    if (live === null) return null;
    const { record, state } = live;
    return { version: record.specVersion, tag: specTag(record), spec: state.spec };
  }

  async instances(filter: InstanceFilter, page?: PageWish): Promise<InstanceView[] | null> {
    const live = this.#engine.read(Date.now());
    return live === null ? null : instancesOf(live.state, filter, page);
  }

  async instance(name: string): Promise<{ instance: InstanceView; events: EventView[] } | null> {
    const live = this.#engine.read(Date.now());
    const row = live === null ? null : instanceByName(this.#engine.sql, name);
    if (live === null || row === null) return null;
    const everything = { since: null, until: null, kind: null, before: null };
    const query = { ...everything, instance: name, limit: HISTORY_EVENTS_MAX };
    return { instance: instanceOf(live.state, row), events: readEvents(this.#engine.sql, query) };
  }

  async events(query: EventQuery): Promise<EventView[] | null> {
    return this.#engine.read(Date.now()) === null ? null : readEvents(this.#engine.sql, query);
  }

  async history(hours: number): Promise<HistoryView | null> {
    const live = this.#engine.read(Date.now());
    return live === null ? null : historyOf(this.#engine, live.state, hours);
  }

  async checkup(asked: Asked | null = null): Promise<Checkup | null> {
    return checkupOf(this.#engine, Date.now(), asked);
  }

  async cost(at: number, ec2HourlyUsd: number | null): Promise<CostView | Refusal | null> {
    return costOfMonth(this.#engine, at, ec2HourlyUsd, Date.now());
  }

  async dryRun(
    name: string,
    spec: Spec,
    asked: Asked,
    condition: SpecCondition = UNCONDITIONAL,
  ): Promise<DryRun | Refusal> {
    const wanted = { name, deployment: this.#settings.deployment, spec, condition };
    const eyes = { observe: async (watch: Watch) => this.ctx.exports.Eyes.observe(watch) };
    operate.noteLook(this.#engine, { kind: "dryRun", spec }, asked, Date.now());
    return dryRun(this.#engine, wanted, given(), eyes);
  }

  async overrides(): Promise<OverrideView[] | null> {
    const live = this.#engine.read(Date.now());
    return live === null ? null : overridesOf(live.state);
  }

  async book(booking: Booking, asked: Asked) {
    const booked = book(this.#engine, booking, asked, given());
    await this.#hasten();
    return booked;
  }

  async endOverride(id: string, asked: Asked): Promise<TargetView | Refusal> {
    const target = endOverride(this.#engine, id, asked, given());
    await this.#hasten();
    return target;
  }

  async endOverrides(asked: Asked): Promise<TargetView | Refusal> {
    const target = endOverrides(this.#engine, asked, given());
    await this.#hasten();
    return target;
  }

  async judgeTag(verdict: TagVerdict, asked: Asked): Promise<TargetView | Refusal> {
    const judged = judgeTag(this.#engine, verdict, asked, given());
    if (!("refused" in judged)) await this.#hasten();
    return judged;
  }

  async schedule(days: number): Promise<ScheduleView | null> {
    const live = this.#engine.read(Date.now());
    return live === null ? null : scheduleOf(live.state, days);
  }

  async pause(
    what: readonly Pausable[],
    options: { reason: string; expiresInSeconds: number | null },
    asked: Asked,
  ): Promise<PauseView[] | Refusal> {
    const { reason, expiresInSeconds } = options;
    const until = expiresInSeconds === null ? null : Date.now() + expiresInSeconds * 1000;
    return operate.pause(this.#engine, { what, reason, until }, asked, given());
  }

  async resume(what: readonly Pausable[], asked: Asked): Promise<PauseView[] | Refusal> {
    const paused = operate.resume(this.#engine, what, asked, given());
    await this.#hasten();
    return paused;
  }

  async act(name: string, action: InstanceAction, asked: Asked): Promise<Acted> {
    const acted = act(this.#engine, name, action, asked, given());
    if (!("refused" in acted)) await this.#hasten();
    return acted;
  }

  async leases(): Promise<LeaseView[] | null> {
    const live = this.#engine.read(Date.now());
    return live === null ? null : leasesOf(live.state);
  }

  async lease(wish: LeaseWish, asked: Asked): Promise<Leased | NoSpare | Refusal> {
    return lease(this.#engine, wish, asked, given());
  }

  async renewLease(id: string, change: LeaseChange): Promise<LeaseView | Refusal> {
    return renewLease(this.#engine, id, change, given());
  }

  async releaseLease(id: string): Promise<{ released: true } | Refusal> {
    return releaseLease(this.#engine, id, given());
  }

  async reconcile(asked: Asked): Promise<{ scheduled: true } | Refusal> {
    const refused = operate.noteReconcile(this.#engine, asked, Date.now());
    if (refused !== null) return refused;
    await this.#hasten();
    return { scheduled: true };
  }

  async remove(wish: RemovalWish, asked: Asked): Promise<Removal | Refusal> {
    const removal = operate.remove(this.#engine, wish, asked, given());
    if (this.#engine.isForgotten) await this.#forget();
    else await this.#hasten();
    return removal;
  }

  async visit(): Promise<Heartbeat | null> {
    const now = Date.now();
    const live = this.#engine.read(now);
    if (live === null) return null;
    const alarm = await this.ctx.storage.getAlarm();
    const rearmed = alarm === null || alarm < now - DEAD_AFTER_TICKS * this.#settings.tickMs;
    if (rearmed) await this.ctx.storage.setAlarm(now + 1);
    const lastAt = this.#engine.lastTick?.at ?? null;
    const lastTickAgeMs = lastAt === null ? null : now - lastAt;
    return { fleet: live.state.identity.fleet, lastTickAgeMs, rearmed };
  }

  /** Brings the next tick forward. Now + 1, for an alarm set to now stalls the chain (workerd#6866). */
  async #hasten(): Promise<void> {
    if (this.#engine.read(Date.now()) !== null) await this.ctx.storage.setAlarm(Date.now() + 1);
  }

  /** The next tick comes earlier than the metronome's beat where something is known to be due. */
  async #hastenTo(at: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || at < alarm) await this.ctx.storage.setAlarm(at);
  }

  /** Nothing is left: the name, the alarm and the ledger go. */
  async #forget(): Promise<void> {
    // The audit trail goes with the ledger: what people are still to hear goes out first.
    await this.#post.deliver();
    const fleet = this.#engine.read(Date.now())?.state.identity.fleet;
    if (fleet !== undefined) await this.env.DIRECTORY.getByName("directory").forget(fleet);
    const { abandoned } = this.#engine.forgetting;
    console.log(JSON.stringify({ event: "fleet.forgotten", fleet, abandoned }));
    // While the directory was told, a new spec may have called the removal off.
    if (this.#engine.read(Date.now())?.state.removing === null) return await this.#register();
    this.#engine = this.#newEngine();
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()]);
  }

  async #register(): Promise<void> {
    const fleet = this.#engine.read(Date.now())?.state.identity.fleet;
    if (fleet !== undefined) await this.env.DIRECTORY.getByName("directory").register(fleet);
  }

  #log(): void {
    const last = this.#engine.lastTick;
    if (last === null || ROUTINE.test(last.decision)) return;
    const fleet = this.#engine.read(Date.now())?.state.identity.fleet;
    console.log(JSON.stringify({ event: "tick", fleet, ...last }));
  }
}

function given(): Given {
  return { now: Date.now(), word: () => crypto.randomUUID().slice(0, 6) };
}
