/**
 * The way of the bulletins out of the ledger: one delivery at a time, in order, at most one message a
 * second. A bulletin leaves the outbox after it was delivered, so that a crash in between tells it
 * twice rather than never. A tick calls `deliver` and does not wait for it.
 */
import { isBorn } from "./ledger/migrations.ts";
import { markSent, oldestBulletins, type Waiting } from "./ledger/outbox.ts";
import type { Sql } from "./ledger/sql.ts";
import type { Bulletin, Delivery } from "./rules/bulletins.ts";
import { backoffMs } from "./rules/limits.ts";
import { redacted } from "./rules/redact.ts";

export interface PostPorts {
  readonly sql: Sql;
  readonly send: (bulletins: readonly Bulletin[]) => Promise<Delivery>;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** Slack takes one message a second of a webhook. */
const APART_MS = 1_000;
/** Fewer go one by one; more go together, so that the last does not wait for all the others. */
const ONE_BY_ONE_MAX = 3;
const GROUP_MAX = 20;
/** The rest goes after the next tick. */
const MESSAGES_PER_DELIVERY_MAX = 5;
/** A delivery that has not ended by then is given up, and may be told twice. */
const DELIVERY_LIMIT_MS = 60_000;
const TROUBLE_MAX = 300;

export class Post {
  readonly #ports: PostPorts;
  #turn = 0;
  #busyUntil = 0;
  #nextAt = 0;
  #failures = 0;
  #trouble: string | null = null;

  constructor(ports: PostPorts) {
    this.#ports = ports;
  }

  /** Why the last message did not get through; null where it did. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Delivers what waits, as far as it may just now. It never throws. */
  async deliver(): Promise<void> {
    const { now } = this.#ports;
    if (now() < this.#busyUntil) return;
    const turn = ++this.#turn;
    try {
      for (let sent = 0; sent < MESSAGES_PER_DELIVERY_MAX; sent++) {
        this.#busyUntil = now() + DELIVERY_LIMIT_MS;
        const goesOn = await this.#deliverNext();
        if (!goesOn || turn !== this.#turn) break;
      }
    } catch (error) {
      this.#failed(0, `the message was not handed over: ${String(error)}`);
    }
    if (turn === this.#turn) this.#busyUntil = 0;
  }

  /** @returns whether another may follow at once. */
  async #deliverNext(): Promise<boolean> {
    const { sql, send, now, wait } = this.#ports;
    const early = this.#nextAt - now();
    if (early > APART_MS || !isBorn(sql)) return false;
    if (oldestBulletins(sql, 1).length === 0) return false;
    if (early > 0) await wait(early);

    const waiting = nextOf(oldestBulletins(sql, GROUP_MAX));
    const delivery = await send(waiting.map(({ bulletin }) => bulletin));
    switch (delivery.kind) {
      case "sent":
      case "off":
        markSent(sql, waiting);
        this.#nextAt = now() + (delivery.kind === "sent" ? APART_MS : 0);
        this.#failures = 0;
        this.#trouble = null;
        return true;
      case "later":
        this.#failed(delivery.afterMs, delivery.detail);
        return false;
      case "refused":
        this.#failed(0, delivery.detail);
        return false;
    }
  }

  #failed(afterMs: number, detail: string): void {
    this.#nextAt = this.#ports.now() + Math.max(afterMs, backoffMs(this.#failures));
    this.#failures++;
    this.#trouble = redacted(detail, TROUBLE_MAX);
  }
}

/** One, or of many a group: the worst first, and what belongs together in its order. */
function nextOf(waiting: readonly Waiting[]): readonly Waiting[] {
  if (waiting.length <= ONE_BY_ONE_MAX) return waiting.slice(0, 1);
  const pages = new Set(
    waiting
      .filter(({ bulletin }) => bulletin.severity === "page")
      .map(({ bulletin }) => matterOf(bulletin)),
  );
  const rank = ({ bulletin }: Waiting): number => (pages.has(matterOf(bulletin)) ? 0 : 1);
  return waiting.toSorted((a, b) => rank(a) - rank(b));
}

function matterOf({ kind, subject }: Bulletin): string {
  return `${kind} ${subject}`;
}
