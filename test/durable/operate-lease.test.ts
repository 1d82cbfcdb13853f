/** What dispatchers ask of a fleet, through the engine over real SQL, tick by tick. */
import { describe, expect, it } from "vitest";
import { Engine } from "../../durable/engine.ts";
import { writeInstance } from "../../durable/ledger/instances.ts";
import { migrate } from "../../durable/ledger/migrations.ts";
import { writeFleet } from "../../durable/ledger/records.ts";
import { act } from "../../durable/operate-instance.ts";
import { lease, leasesOf, releaseLease, renewLease } from "../../durable/operate-lease.ts";
import { pause, recordOfNew, remove } from "../../durable/operate.ts";
import { maskedId } from "../../durable/rules/leases.ts";
import type { Instance } from "../../durable/rules/model.ts";
import type { Asked, Claimant, Leased, LeaseView, LeaseWish } from "../../durable/rules/views.ts";
import type { LookUp, Reading } from "../../durable/rules/world.ts";
import { nodeSql } from "../virtual/node-sql.ts";
import {
  aCloudInstance,
  anObservation,
  aSpec,
  complete,
  idleRows,
  NOW,
  type SpecOverrides,
} from "./rules/builders.ts";

const TICK_MS = 5_000;
const DAN = { actor: "token:dan", isOperator: false };
const EVE = { actor: "token:eve", isOperator: false };
const OLGA = { actor: "token:olga", isOperator: true };
const WISH: LeaseWish = { count: 1, partial: false, key: null, ttlSeconds: 60, zone: null };
const SHORT = { idleForSeconds: 10, confirmations: 1, drainSeconds: 5, billing: "none" } as const;

class Fleet {
  readonly sql = nodeSql();
  now = NOW;
  engine: Engine;
  #words = 0;
  /** True sessions, by server; null for one that is silent. */
  readonly sessions = new Map<string, number | null>();

  constructor(rows: readonly Instance[], spec: SpecOverrides = {}) {
    migrate(this.sql, NOW);
    const whole = aSpec({ spares: { default: String(rows.length) }, ...spec });
    const record = recordOfNew({ name: "media", deployment: "default", spec: whole }, "k3", NOW);
    writeFleet(this.sql, null, { ...record, listed: true, nextInstance: 100 });
    for (const row of rows) writeInstance(this.sql, row);
    this.engine = new Engine(this.sql, { tickMs: TICK_MS });
    this.tick();
  }

  given = () => ({ now: this.now, word: () => `w${this.#words++}` });

  /** A tick that looks at everything, and whose deletes are carried out. */
  tick(meanwhile: () => void = () => {}): void {
    this.now += TICK_MS;
    const { engine } = this;
    const watch = engine.begin(this.now);
    if (watch === null) throw new Error("no fleet");
    const readings = watch.probes.map(({ name, revision }): Reading => {
      const about = { name, revision, startedAt: this.now };
      const sessions = this.sessions.get(name) ?? (this.sessions.has(name) ? null : 0);
      if (sessions === null) return { ...about, kind: "hole", detail: "silent" };
      return { ...about, kind: "answer", sessions, draining: false };
    });
    meanwhile();
    const rows = [...this.state().instances.values()].filter(({ phase }) => phase !== "planned");
    const listed = rows.map(({ name, template }) => aCloudInstance({ name, template }));
    const listing = watch.listing ? complete(listed, this.now) : ({ kind: "none" } as const);
    const lookUps = watch.lookUps.map((name): LookUp => {
      const instance = listed.find((each) => each.name === name);
      return instance === undefined
        ? { kind: "absent", name, startedAt: this.now }
        : { kind: "found", name, instance };
    });
    const seen = anObservation({ tick: watch.tick, readings, listing, lookUps });
    const commands = engine.plan(seen, this.now);
    engine.settle(
      commands.map(({ number }) => ({ number, calls: [], kind: "done", requestId: null })),
      this.now,
    );
  }

  ticks(count: number): void {
    for (let each = 0; each < count; each++) this.tick();
  }

  restart(): void {
    this.engine = new Engine(this.sql, { tickMs: TICK_MS });
  }

  state() {
    const live = this.engine.read(this.now);
    if (live === null) throw new Error("no fleet");
    return live.state;
  }

  ask(wish: Partial<LeaseWish> = {}, asked: Asked = DAN) {
    return lease(this.engine, { ...WISH, ...wish }, asked, this.given());
  }

  take(wish: Partial<LeaseWish> = {}, asked: Asked = DAN): LeaseView {
    const [first] = given(this.ask(wish, asked)).leases;
    if (first === undefined) throw new Error("nothing was given");
    return first;
  }

  renew(
    id: string,
    change: Partial<{ ttlSeconds: number; used: boolean }> = {},
    asked: Claimant = DAN,
  ) {
    const whole = { ttlSeconds: null, used: false, ...change };
    return renewLease(this.engine, id, whole, asked, this.given());
  }

  release(id: string, asked: Claimant = DAN) {
    return releaseLease(this.engine, id, asked, this.given());
  }

  listed(asked: Claimant = DAN): string[] {
    return leasesOf(this.state(), asked).map(({ id }) => id);
  }

  /** Messages of the audit rows about leases, the oldest first, with who acted. */
  audited(): string[] {
    return this.sql
      .rows("SELECT actor, message FROM events WHERE kind = 'lease' ORDER BY id")
      .map(({ actor, message }) => `${String(actor)}: ${String(message)}`);
  }

  stored(): number {
    return this.sql.rows("SELECT id FROM leases").length;
  }

  phaseOf(name: string): string | undefined {
    return this.state().instances.get(name)?.phase;
  }
}

function given(answer: ReturnType<typeof lease>): Leased {
  if ("leases" in answer) return answer;
  throw new Error(`refused: ${JSON.stringify(answer)}`);
}

/** Why it was not done, in words; empty where it was. */
function detailOf(answer: ReturnType<typeof lease> | ReturnType<typeof act>): string {
  if ("noSpare" in answer) return answer.noSpare.detail;
  return "refused" in answer ? answer.refused.detail : "";
}

describe("a lease", () => {
  it("is given with all that its holder needs, and is in the ledger with an audit row", () => {
    const fleet = new Fleet(idleRows(1));

    const taken = fleet.take({ key: "room-42" });

    expect(taken).toEqual({
      id: "w0w1",
      key: "room-42",
      instance: "media-k3-1",
      zone: "ap-northeast-2a",
      addresses: { public: "203.0.113.7", private: null, ipv6: null },
      phase: "ready",
      state: "held",
      actor: "token:dan",
      givenAt: new Date(fleet.now).toISOString(),
      usedAt: null,
      expiresAt: new Date(fleet.now + 60_000).toISOString(),
    });
    expect(fleet.stored()).toBe(1);
    expect(fleet.sql.rows("SELECT kind, instance, actor FROM events WHERE kind = 'lease'")).toEqual(
      [{ kind: "lease", instance: "media-k3-1", actor: "token:dan" }],
    );
  });

  it("is not given twice for one slot, not even to an object that was born again", () => {
    const fleet = new Fleet(idleRows(2));

    const taken = [fleet.take(), fleet.take()].map(({ instance }) => instance);
    fleet.restart();
    fleet.ticks(2);

    expect(taken.toSorted()).toEqual(["media-k3-1", "media-k3-2"]);
    expect(fleet.ask()).toHaveProperty("noSpare");
    expect(fleet.listed()).toHaveLength(2);
  });

  it("is not given by an object that was just born, before it has heard of a server", () => {
    const fleet = new Fleet(idleRows(1));
    fleet.restart();

    expect(detailOf(fleet.ask())).toContain("1 have not answered lately");
    fleet.tick();
    expect(fleet.take().instance).toBe("media-k3-1");
  });

  it("is the same for the same key of the same caller, and for no other", () => {
    const fleet = new Fleet(idleRows(3));
    const first = fleet.take({ key: "room-42" });
    fleet.restart();

    const again = given(fleet.ask({ key: "room-42" }));
    fleet.tick();

    expect(again).toMatchObject({ leases: [{ id: first.id }], repeated: true });
    expect(fleet.take({ key: "room-42" }, EVE).id).not.toBe(first.id);
    expect(fleet.take({ key: "room-43" }).id).not.toBe(first.id);
  });

  it("is another one for a key whose lease is over", () => {
    const fleet = new Fleet(idleRows(1));
    const first = fleet.take({ key: "room-42", ttlSeconds: 5 });
    fleet.ticks(2);

    expect(fleet.take({ key: "room-42" }).id).not.toBe(first.id);
  });

  it("comes with as many as were wanted, or with none of them", () => {
    const fleet = new Fleet(idleRows(3));

    expect(fleet.ask({ count: 4 })).toMatchObject({ noSpare: { spares: 3 } });
    expect(fleet.stored()).toBe(0);
    expect(given(fleet.ask({ count: 3 })).leases).toHaveLength(3);
  });

  it("is given for every slot of every server, and for none besides", () => {
    const fleet = new Fleet(idleRows(4), { health: { capacity: 3 } });

    expect(given(fleet.ask({ count: 50, partial: true })).leases).toHaveLength(12);
    expect(fleet.ask({ partial: true })).toHaveProperty("noSpare");
    expect(fleet.state().leases.size).toBe(4);
  });

  it("comes with as many as there are where that is wished, and not with none", () => {
    const fleet = new Fleet(idleRows(3));

    expect(given(fleet.ask({ count: 4, partial: true })).leases).toHaveLength(3);
    expect(fleet.ask({ count: 4, partial: true })).toHaveProperty("noSpare");
  });

  it("that is not to be had says what is starting, and when it is expected", () => {
    const fleet = new Fleet(idleRows(1));
    fleet.take();
    fleet.tick();

    const answer = fleet.ask();

    // The launch was decided in the tick just now, and the last one took ten minutes.
    const expectedAt = new Date(fleet.now + 600_000).toISOString();
    expect(answer).toMatchObject({ noSpare: { spares: 0, starting: 1, expectedAt } });
  });

  it("is given in observe mode and while the fleet is paused, for it changes nothing at AWS", () => {
    const fleet = new Fleet(idleRows(2), { mode: "observe" });
    pause(
      fleet.engine,
      { what: ["launch", "retire", "schedule", "rollout"], reason: "", until: null },
      DAN,
      fleet.given(),
    );

    expect(given(fleet.ask({ count: 2 })).leases).toHaveLength(2);
  });

  it("is not given while the fleet is being removed", () => {
    const fleet = new Fleet(idleRows(1));
    remove(fleet.engine, { force: false }, DAN, fleet.given());

    expect(detailOf(fleet.ask())).toContain("being removed");
  });

  it("is not known where there is no fleet", () => {
    const engine = new Engine(nodeSql(), { tickMs: TICK_MS });
    const none = { refused: { status: 404, title: "No such fleet" } };
    const now = { now: NOW, word: () => "w" };

    expect(lease(engine, WISH, DAN, now)).toMatchObject(none);
    expect(renewLease(engine, "w", { ttlSeconds: null, used: false }, OLGA, now)).toMatchObject(
      none,
    );
    expect(releaseLease(engine, "w", OLGA, now)).toMatchObject(none);
  });
});

describe("a lease that is held", () => {
  it("is renewed for as long as it was asked for, or as is said", () => {
    const fleet = new Fleet(idleRows(1));
    const { id } = fleet.take({ ttlSeconds: 10 });
    fleet.tick();

    expect(fleet.renew(id)).toMatchObject({
      expiresAt: new Date(fleet.now + 10_000).toISOString(),
    });
    expect(fleet.renew(id, { ttlSeconds: 300 })).toMatchObject({
      expiresAt: new Date(fleet.now + 300_000).toISOString(),
    });
  });

  it("keeps its server from being retired for as long as it is renewed, and not longer", () => {
    const fleet = new Fleet(idleRows(1), { spares: { default: "0" }, retire: SHORT });
    // The first tick has only begun the surplus.
    const { id, instance } = fleet.take({ ttlSeconds: 10 });
    for (let each = 0; each < 20; each++) {
      fleet.tick();
      fleet.renew(id);
    }
    expect(fleet.phaseOf(instance)).toBe("ready");

    fleet.ticks(10);

    expect(["deleting", undefined]).toContain(fleet.phaseOf(instance));
  });

  it("keeps its slot after it has expired, until a reading has shown what became of it", () => {
    const fleet = new Fleet(idleRows(1));
    const { id, instance } = fleet.take({ ttlSeconds: 5 });
    fleet.sessions.set(instance, null);

    fleet.ticks(1);

    expect(fleet.renew(id)).toMatchObject({ refused: { status: 404 } });
    expect(fleet.listed()).toEqual([]);
    expect(fleet.ask()).toHaveProperty("noSpare");
    fleet.sessions.set(instance, 0);
    fleet.tick();
    expect(fleet.stored()).toBe(0);
    expect(fleet.take().instance).toBe(instance);
  });

  it("gives its slot back as soon as it is released, and cannot be used any more", () => {
    const fleet = new Fleet(idleRows(1));
    const { id } = fleet.take();

    expect(fleet.release(id)).toEqual({ released: true });

    expect(fleet.release(id)).toMatchObject({ refused: { status: 404 } });
    expect(fleet.renew(id)).toMatchObject({ refused: { status: 404 } });
    expect(fleet.take().id).not.toBe(id);
  });
});

describe("a lease that is used", () => {
  it("ends with the reading that has its session, and its slot is not given meanwhile", () => {
    const fleet = new Fleet(idleRows(1), { health: { capacity: 2 } });
    const { id, instance } = fleet.take();
    fleet.sessions.set(instance, 1);

    expect(fleet.renew(id, { used: true })).toMatchObject({ state: "used" });
    expect(fleet.stored()).toBe(1);
    fleet.tick();

    expect(fleet.stored()).toBe(0);
    expect(fleet.state().instances.get(instance)?.sessions).toBe(1);
    expect(given(fleet.ask({ count: 2, partial: true })).leases).toHaveLength(1);
  });

  it("does not end with a reading that was asked for before it was marked", () => {
    const fleet = new Fleet(idleRows(1));
    const { id, instance } = fleet.take();
    fleet.sessions.set(instance, 1);

    // Other than the dispatcher's session may be what this reading shows.
    fleet.tick(() => fleet.renew(id, { used: true }));

    expect(fleet.stored()).toBe(1);
    fleet.tick();
    expect(fleet.stored()).toBe(0);
  });

  it("stays marked when it is renewed", () => {
    const fleet = new Fleet(idleRows(1));
    const { id } = fleet.take();
    fleet.renew(id, { used: true });

    expect(fleet.renew(id)).toMatchObject({ state: "used" });
  });
});

describe("a drain and a lease", () => {
  it("do not both win: on a server that an operator drains no lease is given", () => {
    const fleet = new Fleet(idleRows(1));
    const drain = { kind: "drain", then: "delete", reason: "INC-7" } as const;
    act(fleet.engine, "media-k3-1", drain, DAN, fleet.given());

    expect(fleet.ask()).toHaveProperty("noSpare");
  });

  it("wait for each other: a lease that was given before holds, and the drain goes on after it", () => {
    const fleet = new Fleet(idleRows(1), { retire: SHORT });
    const { id, instance } = fleet.take({ ttlSeconds: 10 });
    const drain = { kind: "drain", then: "delete", reason: "INC-7" } as const;
    act(fleet.engine, instance, drain, DAN, fleet.given());
    for (let each = 0; each < 20; each++) {
      fleet.tick();
      expect(fleet.renew(id)).toMatchObject({ phase: "draining" });
    }
    expect(fleet.phaseOf(instance)).toBe("draining");

    fleet.release(id);
    // What was read before the release does not count: its session may have come after that.
    fleet.tick();
    expect(fleet.phaseOf(instance)).toBe("draining");
    fleet.ticks(4);

    expect(["deleting", undefined]).toContain(fleet.phaseOf(instance));
  });

  it("are overruled by an operator's force, which is written down with the leases that it breaks", () => {
    const fleet = new Fleet(idleRows(1));
    const { id, instance } = fleet.take();
    const remove = { kind: "delete", force: false, reason: "it hangs" } as const;

    const asked = act(fleet.engine, instance, remove, OLGA, fleet.given());
    expect(asked).toMatchObject({
      refused: { status: 409 },
    });
    expect(detailOf(asked)).toContain("which breaks 1 leases");
    act(fleet.engine, instance, { ...remove, force: true }, OLGA, fleet.given());

    expect(fleet.phaseOf(instance)).toBe("deleting");
    const [event] = fleet.sql.rows("SELECT actor, message, data FROM events WHERE kind = 'forced'");
    expect(event?.["message"]).toContain("which breaks 1 leases");
    expect(JSON.parse(String(event?.["data"]))).toMatchObject({ leases: [maskedId(id)] });
    expect(fleet.renew(id)).toMatchObject({
      refused: { status: 409, title: "The server of the lease is gone" },
    });
  });
});

describe("a lease of another token", () => {
  it("is neither shortened, marked nor released by a dispatcher that knows its id", () => {
    const fleet = new Fleet(idleRows(1));
    const taken = fleet.take({ ttlSeconds: 300 });

    const attacks = [
      fleet.renew(taken.id, { ttlSeconds: 5 }, EVE),
      fleet.renew(taken.id, { used: true }, EVE),
      fleet.release(taken.id, EVE),
    ];

    for (const answer of attacks)
      expect(answer).toMatchObject({
        refused: {
          status: 403,
          detail: expect.stringContaining("Take a lease of your own") as string,
        },
      });
    expect(leasesOf(fleet.state(), DAN)).toEqual([taken]);
    fleet.restart();
    expect(leasesOf(fleet.state(), DAN)).toEqual([taken]);
  });

  it("is changed by an operator, and each change has its own row that names the owner", () => {
    const fleet = new Fleet(idleRows(1));
    const { id } = fleet.take({ ttlSeconds: 300 });
    const end = (seconds: number) => new Date(fleet.now + seconds * 1000).toISOString();

    fleet.renew(id, { ttlSeconds: 100 }, OLGA);
    fleet.renew(id, { ttlSeconds: 50, used: true }, OLGA);
    fleet.renew(id, { ttlSeconds: 70 }, OLGA);
    fleet.release(id, OLGA);

    const lease = `token:olga: the lease ${maskedId(id)} of token:dan on media-k3-1 was`;
    expect(fleet.audited().slice(1)).toEqual([
      `${lease} renewed: it ends at ${end(100)}`,
      `${lease} marked as used: it ends at ${end(50)}`,
      `${lease} renewed: it ends at ${end(70)}`,
      `${lease} released`,
    ]);
  });

  it("is listed by half of its id, also in the audit trail, and whole to its owner and operators", () => {
    const fleet = new Fleet(idleRows(2));
    const { id } = fleet.take();
    const { id: other } = fleet.take({}, EVE);
    fleet.renew(id, { used: true });
    fleet.release(other, EVE);
    fleet.take({ ttlSeconds: 5 }, EVE);
    fleet.ticks(2);

    expect(fleet.listed(EVE)).toEqual([maskedId(id)]);
    expect(fleet.listed(DAN)).toEqual([id]);
    expect(fleet.listed(OLGA)).toEqual([id]);
    const rows = JSON.stringify(fleet.sql.rows("SELECT message, data FROM events"));
    expect(rows).toContain("has expired unused");
    for (const whole of [id, other]) expect(rows).not.toContain(whole);
  });
});

describe("the audit trail of a lease", () => {
  it("has its marking, its release, and its renewals once a minute, however many there are", () => {
    const fleet = new Fleet(idleRows(1));
    const { id } = fleet.take({ ttlSeconds: 300 });
    for (let each = 0; each < 26; each++) {
      fleet.tick();
      for (let again = 0; again < 3; again++) fleet.renew(id);
      fleet.restart();
    }
    fleet.renew(id, { used: true });
    fleet.renew(id, { used: true });
    fleet.release(id);

    const rows = fleet.audited().map((row) => /leased|renewed|marked|released/u.exec(row)?.[0]);
    // Of 78 renewals in 130 seconds there are two.
    expect(rows).toEqual(["leased", "renewed", "renewed", "marked", "released"]);
  });

  it("has the expiry of one that was marked too, where no probe showed its session", () => {
    const fleet = new Fleet(idleRows(1));
    const { id } = fleet.take({ ttlSeconds: 5 });
    fleet.renew(id, { used: true });
    fleet.ticks(3);

    expect(fleet.stored()).toBe(0);
    expect(fleet.audited().at(-1)).toBe(
      `lightfleet: the lease ${maskedId(id)} of token:dan on media-k3-1 has expired before a probe showed its session`,
    );
  });

  it("has no expiry of one that ended with its session", () => {
    const fleet = new Fleet(idleRows(1));
    const { id, instance } = fleet.take();
    fleet.renew(id, { used: true });
    fleet.sessions.set(instance, 1);
    fleet.tick();

    expect(fleet.stored()).toBe(0);
    expect(fleet.audited()).toHaveLength(2);
  });
});
