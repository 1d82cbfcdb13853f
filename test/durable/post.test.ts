/** The way of the bulletins out of the ledger, to a Slack over real HTTP and to one that a test plays. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../durable/ledger/migrations.ts";
import { oldestBulletins, putBulletins } from "../../durable/ledger/outbox.ts";
import { Post } from "../../durable/post.ts";
import type { Bulletin, Delivery } from "../../durable/rules/bulletins.ts";
import { systemClock } from "../../worker/clock.ts";
import { parseConfig } from "../../worker/env.ts";
import { postToSlack } from "../../worker/notify/slack.ts";
import { type Slack, startSlack } from "../slack/slack.ts";
import { nodeSql } from "../virtual/node-sql.ts";
import { aBulletin } from "../worker/notify/bulletins.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const TICK_MS = 5_000;
const SENT: Delivery = { kind: "sent" };
const DOWN: Delivery = { kind: "later", afterMs: 0, detail: "down" };

type Send = (bulletins: readonly Bulletin[]) => Promise<Delivery>;

/** A ledger, a clock that moves where somebody waits, and messages with the moment at which they went. */
function aRoom(send: Send = async () => SENT) {
  const sql = nodeSql();
  migrate(sql, 0);
  let time = 0;
  let answer = send;
  const sent: { at: number; what: string[] }[] = [];
  const ports = {
    sql,
    now: () => time,
    wait: async (ms: number) => void (time += ms),
    send: async (bulletins: readonly Bulletin[]) => {
      sent.push({ at: time, what: bulletins.map(({ what }) => what) });
      return answer(bulletins);
    },
  };
  const put = (...whats: string[]): void =>
    putBulletins(
      sql,
      whats.map((what) =>
        aBulletin({ what, subject: what, severity: what.startsWith("page") ? "page" : "tell" }),
      ),
    );
  return {
    sql,
    sent,
    put,
    ports,
    post: new Post(ports),
    waiting: () => oldestBulletins(sql, 1_000).map(({ bulletin }) => bulletin.what),
    pass: (ms: number) => void (time += ms),
    at: () => time,
    answers: (next: Send) => void (answer = next),
  };
}

describe("the post", () => {
  it("sends nothing where nothing waits, nor where no fleet was ever born", async () => {
    const room = aRoom();
    const unborn = new Post({ ...room.ports, sql: nodeSql() });

    await room.post.deliver();
    await unborn.deliver();

    expect(room.sent).toEqual([]);
    expect([room.post.trouble, unborn.trouble]).toEqual([null, null]);
  });

  it("sends few one by one, in their order, a second apart, and forgets what was sent", async () => {
    const room = aRoom();
    room.put("a", "b", "c");

    await room.post.deliver();

    expect(room.sent).toEqual([
      { at: 0, what: ["a"] },
      { at: 1_000, what: ["b"] },
      { at: 2_000, what: ["c"] },
    ]);
    expect(room.waiting()).toEqual([]);
  });

  it("is not faster over several ticks", async () => {
    const room = aRoom();
    room.put("a");
    await room.post.deliver();
    room.pass(200);
    room.put("b");
    await room.post.deliver();

    expect(room.sent.map(({ at }) => at)).toEqual([0, 1_000]);
  });

  it("sends many together, the worst first, and each in its order", async () => {
    const room = aRoom();
    room.put("a", "b", "page c", "d", "page e");

    await room.post.deliver();

    expect(room.sent).toEqual([{ at: 0, what: ["page c", "page e", "a", "b", "d"] }]);
  });

  it("does not tell the end of a trouble after its next beginning", async () => {
    const room = aRoom();
    const about = (what: string, changes: Partial<Bulletin>) =>
      aBulletin({ what, subject: "x", ...changes });
    putBulletins(room.sql, [
      about("a", { subject: "a" }),
      about("b", { subject: "b" }),
      about("over", { stage: "ends" }),
      about("again", { severity: "page" }),
    ]);

    await room.post.deliver();

    expect(room.sent[0]?.what).toEqual(["over", "again", "a", "b"]);
  });

  it("sends no more than a few messages after one tick, and the rest after the next", async () => {
    const room = aRoom();
    room.put(...Array.from({ length: 110 }, (_, index) => `t${index}`));

    await room.post.deliver();
    const first = room.sent.length;
    await room.post.deliver();

    expect(first).toBe(5);
    expect(room.sent.flatMap(({ what }) => what)).toHaveLength(110);
    expect(room.waiting()).toEqual([]);
  });

  it("waits as long as Slack says, and goes on in order", async () => {
    const room = aRoom(async () => ({ kind: "later", afterMs: 30_000, detail: "429" }));
    room.put("a", "b");
    await room.post.deliver();
    room.answers(async () => SENT);

    for (let ms = 0; ms < 28_000; ms += TICK_MS) {
      await room.post.deliver();
      room.pass(TICK_MS);
    }
    expect(room.sent.map(({ what }) => what[0])).toEqual(["a"]);
    await room.post.deliver();

    expect(room.sent.map(({ at, what }) => [at, what[0]])).toEqual([
      [0, "a"],
      [30_000, "a"],
      [31_000, "b"],
    ]);
  });

  it("asks more and more seldom while Slack is down for an hour, and then loses nothing", async () => {
    const room = aRoom(async () => DOWN);
    room.put("a", "b");
    for (; room.at() < HOUR_MS; room.pass(TICK_MS)) await room.post.deliver();
    const tries = room.sent.length;
    const trouble = room.post.trouble;

    room.answers(async () => SENT);
    room.pass(10 * MINUTE_MS);
    await room.post.deliver();

    expect(tries).toBeLessThan(15);
    expect(trouble).toBe("down");
    expect(room.sent.slice(tries).map(({ what }) => what)).toEqual([["a"], ["b"]]);
    expect(room.post.trouble).toBeNull();
  });

  it("waits after a success no longer for the next failure than for the first", async () => {
    const room = aRoom(async () => DOWN);
    room.put("a");
    /** How long it is until the next try, which comes within the hour. */
    const waited = async (): Promise<number> => {
      const [from, tries] = [room.at(), room.sent.length];
      while (room.sent.length === tries && room.at() < from + HOUR_MS) {
        room.pass(SECOND_MS);
        await room.post.deliver();
      }
      return room.at() - from;
    };
    await room.post.deliver();
    const first = await waited();
    for (let failure = 0; failure < 8; failure++) await waited();
    room.answers(async () => SENT);
    await waited();
    room.answers(async () => DOWN);
    room.put("b");
    room.pass(SECOND_MS);
    await room.post.deliver();

    expect(await waited()).toBe(first);
    expect(room.sent.at(-1)?.what).toEqual(["b"]);
  });

  it("keeps what is refused, and says why, without anything that looks like a key", async () => {
    const detail = "404 no_service https://hooks.slack.com/services/T0/B0/cccc";
    const room = aRoom(async () => ({ kind: "refused", detail }));
    room.put("a");

    await room.post.deliver();

    expect(room.waiting()).toEqual(["a"]);
    expect(room.post.trouble).toBe("404 no_service (hidden)");
  });

  it("drops what nobody wants", async () => {
    const room = aRoom(async () => ({ kind: "off" }));
    room.put("a", "b", "c");

    await room.post.deliver();

    expect(room.waiting()).toEqual([]);
    expect(room.at()).toBe(0);
    expect(room.post.trouble).toBeNull();
  });

  it("never throws, and tries again", async () => {
    const room = aRoom(() => Promise.reject(new Error("the entrypoint is gone")));
    room.put("a");

    await room.post.deliver();
    room.answers(async () => SENT);
    room.pass(TICK_MS);
    await room.post.deliver();

    expect(room.sent).toHaveLength(2);
    expect(room.waiting()).toEqual([]);
  });

  it("does not deliver twice at once", async () => {
    let release: (delivery: Delivery) => void = () => undefined;
    const room = aRoom(() => new Promise((resolve) => (release = resolve)));
    room.put("a");

    const first = room.post.deliver();
    room.pass(TICK_MS);
    // Not waited for: one that sends once more would never end.
    let isOver = false;
    void room.post.deliver().then(() => (isOver = true));
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();

    expect(room.sent).toHaveLength(1);
    expect(isOver).toBe(true);
    release(SENT);
    await first;
    expect(room.sent).toHaveLength(1);
  });

  it("gives up a delivery that never ends, and goes on", async () => {
    const room = aRoom(() => new Promise(() => undefined));
    room.put("a");
    void room.post.deliver();
    room.answers(async () => SENT);

    room.pass(MINUTE_MS + SECOND_MS);
    await room.post.deliver();

    expect(room.waiting()).toEqual([]);
  });

  it("tells twice rather than never where the object dies between the sending and the forgetting", async () => {
    const room = aRoom();
    room.put("a");
    const dying = new Post({
      ...room.ports,
      sql: {
        ...room.sql,
        transaction: () => {
          throw new Error("the object died");
        },
      },
    });
    await dying.deliver();
    expect(room.waiting()).toEqual(["a"]);

    await new Post(room.ports).deliver();

    expect(room.sent.map(({ what }) => what[0])).toEqual(["a", "a"]);
    expect(room.waiting()).toEqual([]);
  });
});

describe("the post to Slack over HTTP", () => {
  let slack: Slack;
  beforeEach(async () => {
    slack = await startSlack();
  });
  afterEach(() => slack.close());

  function toSlack(bulletins: readonly Bulletin[]): Promise<Delivery> {
    const config = parseConfig({ SLACK_WEBHOOK_URL: slack.url });
    const clock = { ...systemClock, now: () => aBulletin().at };
    return postToSlack({ config, fetch: (request) => fetch(request), clock }, bulletins);
  }

  it("honours Retry-After, keeps the order through failures, and delivers everything", async () => {
    const room = aRoom(toSlack);
    room.put("a", "b", "c", "d");
    slack.feel({ kind: "throttling", retryAfter: "20" });
    await room.post.deliver();
    slack.feel({ kind: "broken" });
    room.pass(20 * SECOND_MS);
    await room.post.deliver();
    slack.feel({ kind: "well" });
    room.pass(19 * SECOND_MS);
    room.put("e");
    await room.post.deliver();

    expect(room.sent.map(({ at }) => at)).toEqual([0, 20_000, 39_000]);
    expect(slack.messages.map(({ text }) => text)).toEqual([
      "media: a\nmedia: b\nmedia: c\nmedia: d\nmedia: e",
    ]);
    expect(room.waiting()).toEqual([]);
  });

  it("says what a person must do where the webhook was taken away, and heals with a new one", async () => {
    const room = aRoom(toSlack);
    room.put("a");
    slack.feel({ kind: "refusing", status: 404, word: "no_service" });
    await room.post.deliver();
    const trouble = room.post.trouble;
    slack.feel({ kind: "well" });
    room.pass(TICK_MS);
    await room.post.deliver();

    expect(trouble).toBe(
      "Slack answered 404 no_service: make a new incoming webhook in Slack, and set it with `npx wrangler secret put SLACK_WEBHOOK_URL`",
    );
    expect(slack.messages).toHaveLength(1);
    expect(room.post.trouble).toBeNull();
  });
});
