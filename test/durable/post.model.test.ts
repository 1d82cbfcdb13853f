/**
 * The outbox under anything that Slack and time may do, against a model of what people were promised: each message
 * once and in order, no attempt before its wait is over, and one as soon as it is.
 */
import * as fc from "fast-check";
import { test } from "vitest";
import { migrate } from "../../durable/ledger/migrations.ts";
import { oldestBulletins, putBulletins } from "../../durable/ledger/outbox.ts";
import { Post } from "../../durable/post.ts";
import type { Delivery } from "../../durable/rules/bulletins.ts";
import { nodeSql } from "../virtual/node-sql.ts";
import { aBulletin } from "../worker/notify/bulletins.ts";

const SECOND_MS = 1_000;
const WAITS_S = [5, 10, 20, 40, 80, 160, 320, 600];
const RUNS = 100;

type Answer = Delivery["kind"] | "throws";
type Step =
  | { readonly kind: "put"; readonly count: number }
  | { readonly kind: "pass"; readonly ms: number }
  | {
      readonly kind: "deliver";
      /** As soon as the next attempt is due. */
      readonly isDue: boolean;
      readonly atOnce: number;
      readonly answers: readonly Answer[];
      readonly afterMs: number;
    };

const ANSWER = fc.constantFrom<Answer>("sent", "sent", "later", "refused", "throws");
const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("deliver" as const),
      isDue: fc.boolean(),
      atOnce: fc.integer({ min: 1, max: 2 }),
      answers: fc.array(ANSWER, { minLength: 1, maxLength: 4 }),
      afterMs: fc.constantFrom(0, 0, 30_000),
    }),
  },
);

function deliveryOf(answer: Answer, afterMs: number): Delivery {
  if (answer === "throws") throw new Error("the connection was lost");
  if (answer === "later") return { kind: "later", afterMs, detail: "down" };
  return answer === "refused" ? { kind: "refused", detail: "no_service" } : { kind: answer };
}

class Room {
  readonly sql = nodeSql();
  readonly put: string[] = [];
  readonly read: string[] = [];
  now = 0;
  attempts = 0;
  answers: Answer[] = [];
  afterMs = 0;
  /** When the model allows the next attempt, and how many failed in a row. */
  #nextAt = 0;
  #failures = 0;
  readonly #post: Post;

  constructor() {
    migrate(this.sql, 0);
    this.#post = new Post({
      sql: this.sql,
      now: () => this.now,
      wait: async (ms) => void (this.now += ms),
      send: async (bulletins) => this.#take(bulletins.map(({ what }) => what)),
    });
  }

  #take(whats: readonly string[]): Delivery {
    if (this.now < this.#nextAt) throw new Error(`an attempt at ${this.now}, not ${this.#nextAt}`);
    this.attempts++;
    const answer = this.answers.shift() ?? "sent";
    if (answer === "sent") {
      this.read.push(...whats);
      this.#nextAt = this.now + SECOND_MS;
      this.#failures = 0;
    } else {
      const waitMs = (WAITS_S[this.#failures] ?? WAITS_S.at(-1) ?? 0) * SECOND_MS;
      this.#nextAt = this.now + Math.max(waitMs, answer === "later" ? this.afterMs : 0);
      this.#failures++;
    }
    return deliveryOf(answer, this.afterMs);
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "pass") this.now += step.ms;
    else if (step.kind === "put") {
      const whats = Array.from({ length: step.count }, (_, index) => `${this.put.length + index}`);
      this.put.push(...whats);
      putBulletins(
        this.sql,
        whats.map((what) => aBulletin({ what, subject: what })),
      );
    } else {
      if (step.isDue) this.now = Math.max(this.now, this.#nextAt);
      this.answers = [...step.answers];
      this.afterMs = step.afterMs;
      const isDue = oldestBulletins(this.sql, 1).length > 0 && this.now >= this.#nextAt;
      const before = this.attempts;
      await Promise.all(Array.from({ length: step.atOnce }, () => this.#post.deliver()));
      if (isDue && this.attempts === before) throw new Error(`nothing was tried at ${this.now}`);
    }
    const expected = this.put.slice(0, this.read.length);
    if (this.read.join() !== expected.join())
      throw new Error(`people read ${this.read.join()}, of ${this.put.join()}`);
    const waiting = oldestBulletins(this.sql, 1_000).map(({ bulletin }) => bulletin.what);
    if (waiting.join() !== this.put.slice(this.read.length).join())
      throw new Error(`${waiting.join()} wait, and ${this.read.join()} were read`);
  }
}

test("each message is read once and in order, and each attempt comes when its wait is over", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 30 }), async (steps) => {
      const room = new Room();
      for (const step of steps) await room.take(step);
    }),
    { numRuns: RUNS, seed: 20_261_122 },
  );
});
