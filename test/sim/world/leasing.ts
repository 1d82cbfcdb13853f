/**
 * A dispatcher that leases: each session gets a slot of the fleet first, and is placed on that server and
 * nowhere else, at any moment of the lease, however old that is. It knows no list. It asks again under the
 * same key where no answer came; it may renew, tell late or never that the lease is used, or change its mind.
 *
 * It counts the time of a lease by its own clock, from before it asked.
 */
import type { LeaseView } from "../../../durable/rules/views.ts";
import { oneOf } from "../../aws/demand/draw.ts";
import { lognormal } from "../../aws/demand/random.ts";
import { Dispatcher, type DispatcherPorts } from "./dispatcher.ts";

const ATTEMPTS_MAX = 3;
const PATIENCE_MS = 4_000;
const LOST_ANSWERS = 0.05;
/** It does nothing in the last moment of a lease. */
const MARGIN_MS = 50;
const TTL_SECONDS = [5, 20, 60, 60, 300] as const;
const ASKED = { actor: "token:dan", isOperator: false };

interface Held {
  readonly lease: LeaseView;
  readonly ttlMs: number;
  readonly until: number;
}

export class LeasingDispatcher extends Dispatcher {
  readonly #ports: DispatcherPorts;
  #asked = 0;

  constructor(ports: DispatcherPorts, perHour: number) {
    super(ports, perHour);
    this.#ports = ports;
  }

  /** Nobody places a session on a server of his own choice here. */
  override place(wanted: string | null): void {
    if (wanted === null) void this.#serve();
  }

  async #serve(): Promise<void> {
    const { random, timers, emit } = this.#ports;
    const held = await this.#take();
    if (held === null) return emit({ kind: "session", what: "blocked", server: null });
    const patience = Math.floor((held.until - timers.now) * random() ** 2);
    const changesItsMind = random() < 0.1;
    const renews = random() < 0.3;
    await timers.sleep(patience);
    const until = renews ? await this.#renew(held) : held.until;
    if (renews) await timers.sleep(Math.floor((until - timers.now) * random() ** 2));
    if (changesItsMind) return this.#release(held.lease.id);
    await this.#place(held.lease, until);
  }

  async #take(): Promise<Held | null> {
    const { fleet, random, timers } = this.#ports;
    const ttlSeconds = oneOf(random, TTL_SECONDS);
    const wish = { count: 1, partial: false, key: `s-${this.#asked++}`, ttlSeconds, zone: null };
    const ttlMs = ttlSeconds * 1000;
    const until = timers.now + ttlMs;
    // Now and then the answer is lost on its way.
    if (random() < LOST_ANSWERS) await answered(fleet().lease(wish, ASKED));
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const answer = await answered(fleet().lease(wish, ASKED));
      if (answer !== null) {
        const [lease] = "leases" in answer ? answer.leases : [];
        return lease === undefined ? null : { lease, ttlMs, until };
      }
      await timers.sleep(1 + Math.floor(random() * PATIENCE_MS));
    }
    return null;
  }

  /** @returns until when it holds: as before where no answer came, for then it may be renewed or not. */
  async #renew({ lease, ttlMs, until }: Held): Promise<number> {
    const { fleet, timers } = this.#ports;
    const askedAt = timers.now;
    if (askedAt >= until - MARGIN_MS) return until;
    const change = { ttlSeconds: null, used: false };
    const renewed = await answered(fleet().renewLease(lease.id, change, ASKED));
    return renewed === null || "refused" in renewed ? until : askedAt + ttlMs;
  }

  #release(id: string): void {
    this.#ports.emit({ kind: "lease", what: "released", id });
    void answered(this.#ports.fleet().releaseLease(id, ASKED));
  }

  async #place({ id, instance }: LeaseView, until: number): Promise<void> {
    const { emit, fleet, meanLengthMs, random, servers, timers } = this.#ports;
    if (timers.now >= until - MARGIN_MS)
      return emit({ kind: "session", what: "blocked", server: null });
    // A person may have taken the machine away, or started it anew.
    if (!servers.accepts(instance)) return this.#release(id);
    emit({ kind: "lease", what: "placed", id });
    servers.place(instance, Math.floor(lognormal(random, meanLengthMs, 1)) + 1_000);
    const tells = random();
    if (tells > 0.85) return;
    if (tells > 0.6) await timers.sleep(Math.floor(random() * PATIENCE_MS));
    await answered(fleet().renewLease(id, { ttlSeconds: null, used: true }, ASKED));
  }
}

/** Null where no answer came: the object died, or its storage failed. */
async function answered<Answer>(call: Promise<Answer>): Promise<Answer | null> {
  try {
    return await call;
  } catch {
    return null;
  }
}
