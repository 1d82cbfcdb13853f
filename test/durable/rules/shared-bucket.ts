/**
 * Fleets of one account on one token bucket of AWS's, without anything else: each asks the account, makes
 * as many of its calls as it may, and comes again when it has a token, after a beat at the latest.
 */
import { type Account, newAccount, type TickCalls } from "../../../durable/rules/account.ts";
import { exchange } from "../../../durable/rules/account-exchange.ts";
import { type Budget, freshBudget, learn, tokenAt, tokens } from "../../../durable/rules/budget.ts";
import { afterReply, type Standing } from "../../../durable/rules/part.ts";
import type { CallReport } from "../../../durable/rules/world.ts";
import { type Bucket, TokenBucket } from "../../bench/virtual/buckets.ts";

export const START = Date.UTC(2026, 10, 22, 0, 0, 0);
const BEAT_MS = 5_000;
const APART_MS = 1_000;

export interface Scene {
  readonly bucket: Bucket;
  readonly costly?: boolean;
  /** How many calls each fleet wants in all. */
  readonly wants: readonly number[];
  readonly seconds: number;
}

export interface Served {
  readonly admitted: number;
  readonly refused: number;
  /** The longest time without an admitted call while it wanted one, in seconds. */
  readonly waitedSeconds: number;
}

class Fleet {
  readonly name: string;
  left: number;
  nextAt: number;
  admitted = 0;
  refused = 0;
  waitedMs = 0;
  #servedAt = START;
  #tick = 0;
  #budget: Budget = freshBudget(START);
  #standing: Standing = "part";
  #calls: TickCalls[] = [];

  constructor(name: string, wants: number, startsAt: number) {
    this.name = name;
    this.left = wants;
    this.nextAt = startsAt;
  }

  tick(account: Account, bucket: TokenBucket, now: number): Account {
    this.#tick++;
    let next = this.#ask(account, now);
    const calls = this.#make(bucket, now);
    this.#budget = learn(this.#budget, calls);
    this.#calls = calls.length === 0 ? [] : [{ tick: this.#tick, calls }];
    if (calls.some(({ throttled }) => throttled)) next = this.#ask(next, now);
    const dueAt = this.left > 0 ? tokenAt(this.#budget, "ports", now) : now + BEAT_MS;
    this.nextAt = Math.min(now + BEAT_MS, Math.max(now + APART_MS, dueAt));
    return next;
  }

  #ask(account: Account, now: number): Account {
    const wants = this.left > 0 ? { ports: this.left } : {};
    const report = { fleet: this.name, sentAt: now, calls: this.#calls, wants, known: null };
    const answered = exchange(account, report, now);
    const next = afterReply(this.#budget, this.#standing, answered.reply, now);
    this.#standing = next.standing;
    this.#budget = next.budget;
    return answered.account;
  }

  #make(bucket: TokenBucket, now: number): CallReport[] {
    const calls: CallReport[] = [];
    const may = Math.min(this.left, tokens(this.#budget, "ports", now), 100);
    for (let index = 0; index < may; index++) {
      const throttled = !bucket.admit(now);
      calls.push({ lane: "ports", startedAt: now, throttled });
      if (throttled) {
        this.refused++;
        break;
      }
      this.admitted++;
      this.left--;
      this.waitedMs = Math.max(this.waitedMs, now - this.#servedAt);
      this.#servedAt = now;
    }
    return calls;
  }

  served(until: number): Served {
    const waits = this.left > 0 ? until - this.#servedAt : 0;
    const waitedSeconds = Math.max(this.waitedMs, waits) / 1_000;
    return { admitted: this.admitted, refused: this.refused, waitedSeconds };
  }
}

/** The calls of each fleet. */
export function share({ bucket, costly = false, wants, seconds }: Scene): readonly Served[] {
  const until = START + seconds * 1_000;
  const real = new TokenBucket(bucket, costly, START);
  // They were deployed together, a little apart.
  const fleets = wants.map((each, index) => new Fleet(`fleet-${index}`, each, START + index * 370));
  let account = newAccount(freshBudget(START));
  for (;;) {
    const next = fleets.reduce((soonest, each) => (each.nextAt < soonest.nextAt ? each : soonest));
    if (next.nextAt > until) break;
    account = next.tick(account, real, next.nextAt);
  }
  return fleets.map((fleet) => fleet.served(until));
}
