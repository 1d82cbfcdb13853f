/**
 * The Durable Object of one fleet: a thin shell of alarm and RPC around the engine. The alarm is the
 * metronome, and nothing but the alarm runs a tick.
 */
import { dryRun } from "./dry-run.ts";
import { FleetObject, given } from "./fleet-object.ts";
import { readEvents } from "./ledger/events.ts";
import { instanceByName } from "./ledger/instances.ts";
import { sqlOf } from "./object-sql.ts";
import * as operate from "./operate.ts";
import { act } from "./operate-instance.ts";
import { lease, leasesOf, releaseLease, renewLease } from "./operate-lease.ts";
import { Post } from "./post.ts";
import { readingsOf } from "./readings.ts";
import { instanceOf, instancesOf } from "./report.ts";
import { type SpecCondition, specTag, UNCONDITIONAL } from "./rules/conditions.ts";
import { hintFor } from "./rules/location.ts";
import type { Pausable } from "./rules/model.ts";
import type { PageWish } from "./rules/pages.ts";
import type { Removal, RemovalWish } from "./rules/removal-views.ts";
import type { Spec } from "./rules/spec.ts";
import type { DryRunBasis } from "./rules/dry-run-views.ts";
import type {
  Acted,
  Applied,
  Asked,
  Claimant,
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

export class Fleet extends FleetObject implements FleetApi {
  readonly #post: Post;
  readonly #sharing: Sharing;
  readonly #told = new ToldStatus();
  #ticks = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#post = new Post({
      sql: sqlOf(ctx.storage),
      send: async (bulletins) => ctx.exports.Herald.post([...bulletins]),
      now: () => Date.now(),
      wait: async (ms) => scheduler.wait(ms),
    });
    this.#sharing = new Sharing({
      engine: () => this.engine,
      exchange: async (region, report) =>
        this.env.BUDGET.getByName(region, hintFor(region)).exchange(report),
      now: () => Date.now(),
      wait: async (ms, signal) => scheduler.wait(ms, { signal }),
      log: (entry) => console.log(JSON.stringify(entry)),
    });
  }

  override async alarm(): Promise<void> {
    // First and bare: whatever happens below, there is a next tick.
    const beganAt = Date.now();
    void this.ctx.storage.setAlarm(beganAt + this.settings.tickMs);
    this.first.began();
    this.first.arm(beganAt + this.settings.tickMs);
    const { Eyes, Hands } = this.ctx.exports;
    try {
      await this.#sharing.ask();
      const alive = await tick({
        engine: this.engine,
        eyes: { observe: async (watch) => Eyes.observe(watch) },
        hands: { act: async (commands, connections) => Hands.act([...commands], connections) },
        sync: async () => this.ctx.storage.sync(),
        now: () => Date.now(),
      });
      if (!alive) return await this.ctx.storage.deleteAlarm();
      if (this.engine.isForgotten) return await this.#forget();
      await this.#sharing.reportRefusal();
      await this.hastenTo(this.engine.nextTickAt(beganAt, Date.now()));
      this.#log();
      // Slack may be slow or down: no tick waits for it.
      this.ctx.waitUntil(this.#post.deliver());
      if (this.#ticks++ % REGISTER_EVERY_TICKS === 0) await this.#register();
    } catch (error) {
      console.error(JSON.stringify({ event: "tick.failed", error: String(error) }));
    } finally {
      this.first.ended();
    }
  }

  async configure(
    name: string,
    spec: Spec,
    asked: Asked,
    condition: SpecCondition = UNCONDITIONAL,
  ): Promise<Applied> {
    const wanted = { name, deployment: this.settings.deployment, spec, condition };
    const applied = operate.configure(this.engine, wanted, asked, given());
    if (!("refused" in applied)) await this.hasten();
    return applied;
  }

  async status(): Promise<Status | null> {
    await this.reading();
    return this.#tell()?.status ?? null;
  }

  async statusText(): Promise<string | null> {
    await this.reading();
    return this.#tell()?.text ?? null;
  }

  #tell() {
    return this.#told.of(this.engine, this.#post.trouble, Date.now());
  }

  async metrics() {
    const status = await this.status();
    const live = this.engine.read(Date.now());
    if (status === null || live === null) return null;
    return { status, readings: readingsOf(live.state, this.engine.meters, this.#sharing.reading) };
  }

  async spec(): Promise<SpecView | null> {
    const live = await this.reading();
    if (live === null) return null;
    const { record, state } = live;
    return { version: record.specVersion, tag: specTag(record), spec: state.spec };
  }

  async instances(filter: InstanceFilter, page?: PageWish): Promise<InstanceView[] | null> {
    const live = await this.reading();
    return live === null ? null : instancesOf(live.state, filter, page);
  }

  async instance(name: string): Promise<{ instance: InstanceView; events: EventView[] } | null> {
    const live = await this.reading();
    const row = live === null ? null : instanceByName(this.engine.sql, name);
    if (live === null || row === null) return null;
    const everything = { since: null, until: null, kind: null, before: null };
    const query = { ...everything, instance: name, limit: HISTORY_EVENTS_MAX };
    return { instance: instanceOf(live.state, row), events: readEvents(this.engine.sql, query) };
  }

  async events(query: EventQuery): Promise<EventView[] | null> {
    return (await this.reading()) === null ? null : readEvents(this.engine.sql, query);
  }

  async dryRun(
    name: string,
    spec: Spec,
    asked: Asked,
    condition: SpecCondition = UNCONDITIONAL,
  ): Promise<DryRunBasis | Refusal> {
    const wanted = { name, deployment: this.settings.deployment, spec, condition };
    const eyes = { observe: async (watch: Watch) => this.ctx.exports.Eyes.observe(watch) };
    operate.noteLook(this.engine, { kind: "dryRun", spec }, asked, Date.now());
    return dryRun(this.engine, wanted, given(), eyes);
  }

  async pause(
    what: readonly Pausable[],
    options: { reason: string; expiresInSeconds: number | null },
    asked: Asked,
  ): Promise<PauseView[] | Refusal> {
    const { reason, expiresInSeconds } = options;
    const until = expiresInSeconds === null ? null : Date.now() + expiresInSeconds * 1000;
    return operate.pause(this.engine, { what, reason, until }, asked, given());
  }

  async resume(what: readonly Pausable[], asked: Asked): Promise<PauseView[] | Refusal> {
    const paused = operate.resume(this.engine, what, asked, given());
    await this.hasten();
    return paused;
  }

  async act(name: string, action: InstanceAction, asked: Asked): Promise<Acted> {
    const acted = act(this.engine, name, action, asked, given());
    if (!("refused" in acted)) await this.hasten();
    return acted;
  }

  async leases(asked: Claimant): Promise<LeaseView[] | null> {
    const live = await this.reading();
    return live === null ? null : leasesOf(live.state, asked);
  }

  async lease(wish: LeaseWish, asked: Asked): Promise<Leased | NoSpare | Refusal> {
    return lease(this.engine, wish, asked, given());
  }

  async renewLease(id: string, change: LeaseChange, asked: Claimant): Promise<LeaseView | Refusal> {
    return renewLease(this.engine, id, change, asked, given());
  }

  async releaseLease(id: string, asked: Claimant): Promise<{ released: true } | Refusal> {
    return releaseLease(this.engine, id, asked, given());
  }

  async reconcile(asked: Asked): Promise<{ scheduled: true } | Refusal> {
    const refused = operate.noteReconcile(this.engine, asked, Date.now());
    if (refused !== null) return refused;
    await this.hasten();
    return { scheduled: true };
  }

  async remove(wish: RemovalWish, asked: Asked): Promise<Removal | Refusal> {
    const removal = operate.remove(this.engine, wish, asked, given());
    if (this.engine.isForgotten) await this.#forget();
    else await this.hasten();
    return removal;
  }

  async visit(): Promise<Heartbeat | null> {
    const now = Date.now();
    const live = this.engine.read(now);
    if (live === null) return null;
    const alarm = await this.ctx.storage.getAlarm();
    const rearmed = alarm === null || alarm < now - DEAD_AFTER_TICKS * this.settings.tickMs;
    if (rearmed) await this.ringAt(now + 1);
    const lastAt = this.engine.lastTick?.at ?? null;
    const lastTickAgeMs = lastAt === null ? null : now - lastAt;
    return { fleet: live.state.identity.fleet, lastTickAgeMs, rearmed };
  }

  /** Nothing is left: the name, the alarm and the ledger go. */
  async #forget(): Promise<void> {
    // The audit trail goes with the ledger: what people are still to hear goes out first.
    await this.#post.deliver();
    const fleet = this.engine.read(Date.now())?.state.identity.fleet;
    if (fleet !== undefined) await this.env.DIRECTORY.getByName("directory").forget(fleet);
    const { abandoned } = this.engine.forgetting;
    console.log(JSON.stringify({ event: "fleet.forgotten", fleet, abandoned }));
    // While the directory was told, a new spec may have called the removal off.
    if (this.engine.read(Date.now())?.state.removing === null) return await this.#register();
    this.engine = this.newEngine();
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()]);
  }

  async #register(): Promise<void> {
    const fleet = this.engine.read(Date.now())?.state.identity.fleet;
    if (fleet !== undefined) await this.env.DIRECTORY.getByName("directory").register(fleet);
  }

  #log(): void {
    const last = this.engine.lastTick;
    if (last === null || ROUTINE.test(last.decision)) return;
    const fleet = this.engine.read(Date.now())?.state.identity.fleet;
    console.log(JSON.stringify({ event: "tick", fleet, ...last }));
  }
}
