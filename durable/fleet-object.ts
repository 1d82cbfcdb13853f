/**
 * What the Durable Object of a fleet is made of, and those of its calls that concern the target and what
 * was. `fleet.ts` has the alarm and the rest.
 */
import { DurableObject } from "cloudflare:workers";
import { checkupOf } from "./checkup.ts";
import { copyAudit } from "./copy-audit.ts";
import { costOfMonth } from "./cost.ts";
import { Engine } from "./engine.ts";
import { historyOf } from "./history.ts";
import { auditPage } from "./ledger/chain.ts";
import { sqlOf } from "./object-sql.ts";
import { book, endOverride, endOverrides, judgeTag } from "./operate-target.ts";
import { scheduleBasisOf } from "./preview.ts";
import type { Given } from "./refusal.ts";
import { overridesOf } from "./report.ts";
import type { AuditPage } from "./rules/audit.ts";
import type { Checkup } from "./rules/checkup-views.ts";
import type { CostView } from "./rules/cost-views.ts";
import type { HistoryView } from "./rules/history-views.ts";
import type {
  Booking,
  OverrideView,
  ScheduleBasis,
  TagVerdict,
  TargetView,
} from "./rules/target-views.ts";
import type { Asked, Refusal } from "./rules/views.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { TickFirst } from "./tick-first.ts";

export class FleetObject extends DurableObject<Env> {
  protected readonly settings: Settings;
  protected engine: Engine;
  protected readonly first: TickFirst;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.settings = settingsOf(env);
    this.engine = this.newEngine();
    this.first = new TickFirst(async (ms) => scheduler.wait(ms));
  }

  /** The fleet for one who reads it, after a tick that is due; null where none was ever configured. */
  protected async reading(): Promise<ReturnType<Engine["read"]>> {
    await this.first.pass(Date.now());
    return this.engine.read(Date.now());
  }

  protected newEngine(): Engine {
    const { tickMs } = this.settings;
    return new Engine(sqlOf(this.ctx.storage), { tickMs, audited: copyAudit });
  }

  async audit(afterId: number): Promise<AuditPage | null> {
    return (await this.reading()) === null ? null : auditPage(this.engine.sql, afterId);
  }

  async history(hours: number): Promise<HistoryView | null> {
    const live = await this.reading();
    return live === null ? null : historyOf(this.engine, live.state, hours);
  }

  async checkup(asked: Asked | null = null): Promise<Checkup | null> {
    await this.reading();
    return checkupOf(this.engine, Date.now(), asked);
  }

  async cost(at: number, ec2HourlyUsd: number | null): Promise<CostView | Refusal | null> {
    await this.reading();
    return costOfMonth(this.engine, at, ec2HourlyUsd, Date.now());
  }

  async overrides(): Promise<OverrideView[] | null> {
    const live = await this.reading();
    return live === null ? null : overridesOf(live.state);
  }

  async book(booking: Booking, asked: Asked) {
    const booked = book(this.engine, booking, asked, given());
    await this.hasten();
    return booked;
  }

  async endOverride(id: string, asked: Asked): Promise<TargetView | Refusal> {
    const target = endOverride(this.engine, id, asked, given());
    await this.hasten();
    return target;
  }

  async endOverrides(asked: Asked): Promise<TargetView | Refusal> {
    const target = endOverrides(this.engine, asked, given());
    await this.hasten();
    return target;
  }

  async judgeTag(verdict: TagVerdict, asked: Asked): Promise<TargetView | Refusal> {
    const judged = judgeTag(this.engine, verdict, asked, given());
    if (!("refused" in judged)) await this.hasten();
    return judged;
  }

  async schedule(): Promise<ScheduleBasis | null> {
    const live = await this.reading();
    return live === null ? null : scheduleBasisOf(live.state);
  }

  /** Brings the next tick forward. Now + 1, for an alarm set to now stalls the chain (workerd#6866). */
  protected async hasten(): Promise<void> {
    if (this.engine.read(Date.now()) !== null) await this.ringAt(Date.now() + 1);
  }

  /** The next tick comes earlier than the metronome's beat where something is known to be due. */
  protected async hastenTo(at: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || at < alarm) await this.ringAt(at);
  }

  protected async ringAt(at: number): Promise<void> {
    this.first.arm(at);
    await this.ctx.storage.setAlarm(at);
  }
}

export function given(): Given {
  return { now: Date.now(), word: () => crypto.randomUUID().slice(0, 6) };
}
