/** When people are told. The numbers are those of `rules/alerts.ts`. */
import { describe, expect, it } from "vitest";
import { bulletinsOf } from "../../../durable/rules/alerts.ts";
import type { Bulletin, News, OpenAlert, Trouble } from "../../../durable/rules/bulletins.ts";
import type { State } from "../../../durable/rules/state.ts";
import { redacted } from "../../../durable/rules/redact.ts";
import { aState, idleRows, freshFor, MINUTE_MS, NOW, SECOND_MS } from "./builders.ts";

const TICK_MS = 5 * SECOND_MS;

function aTrouble(overrides: Partial<Trouble> = {}): Trouble {
  return {
    kind: "guard",
    subject: "maxInstances",
    since: NOW,
    toldAfterMs: 30 * SECOND_MS,
    what: "No more servers.",
    doing: "Lightfleet keeps what runs.",
    canDo: "You can raise it.",
    ...overrides,
  };
}

/** The same fleet tick after tick; what each tick finds is given, `told` is what people heard. */
function aWatch(base: Parameters<typeof aState>[0] = {}) {
  let open: OpenAlert[] = [];
  let now = NOW;
  const told: Bulletin[] = [];
  const state = (): State => ({ ...aState(base), now });
  const look = (troubles: readonly Trouble[], news: readonly News[] = []): void => {
    const result = bulletinsOf(state(), open, troubles, news);
    ({ open } = result);
    told.push(...result.bulletins);
    now += TICK_MS;
  };
  return {
    look,
    told,
    lines: () => told.map(({ stage, subject }) => `${stage} ${subject}`),
    open: () => open,
    now: () => now,
    for: (ms: number, troubles: readonly Trouble[]) => {
      for (let passed = 0; passed < ms; passed += TICK_MS) look(troubles);
    },
    /** What a cold start leaves: the ledger keeps those that were told. */
    restart: () => {
      open = open
        .filter(({ severity }) => severity !== null)
        .map((alert) => ({ ...alert, awaySince: null }));
    },
  };
}

describe("a trouble", () => {
  it("is told once, when it has lasted (1)", () => {
    const watch = aWatch();

    watch.for(30 * SECOND_MS, [aTrouble()]);
    expect(watch.told).toEqual([]);
    watch.for(10 * MINUTE_MS, [aTrouble()]);

    expect(watch.told).toEqual([
      {
        fleet: "media",
        at: NOW + 30 * SECOND_MS,
        stage: "begins",
        severity: "tell",
        kind: "guard",
        subject: "maxInstances",
        what: "No more servers.",
        doing: "Lightfleet keeps what runs.",
        canDo: "You can raise it.",
      },
    ]);
  });

  it("is shown in the words of now, not in those of five changes ago, and is told once all the same (1)", () => {
    const watch = aWatch();
    const garbled = (said: string): Trouble =>
      aTrouble({
        kind: "tag",
        subject: "",
        toldAfterMs: 0,
        what: `It says ${said}.`,
        canDo: `Mend ${said}.`,
      });

    for (const said of ["a", "b", "c", "d", "e", "f"]) watch.look([garbled(said)]);

    expect(watch.open()).toMatchObject([{ what: "It says f.", canDo: "Mend f." }]);
    expect(watch.told.map(({ what }) => what)).toEqual(["It says a."]);
  });

  it("is told at once where it must be (1)", () => {
    const watch = aWatch();

    watch.look([aTrouble({ kind: "noSpares", subject: "", toldAfterMs: 0 })]);

    expect(watch.told.map(({ severity, stage }) => `${severity} ${stage}`)).toEqual([
      "page begins",
    ]);
  });

  it("that comes for a tick now and then is not told at all (1)", () => {
    const watch = aWatch();

    for (let round = 0; round < 50; round++) {
      watch.look([aTrouble({ since: watch.now() })]);
      watch.look([]);
    }

    expect(watch.told).toEqual([]);
    expect(watch.open()).toEqual([]);
  });

  it("ends when it has stayed away for a minute, and the end is told once (2)", () => {
    const watch = aWatch();
    watch.for(5 * MINUTE_MS, [aTrouble()]);

    watch.for(MINUTE_MS, []);
    expect(watch.lines()).toEqual(["begins maxInstances"]);
    watch.for(5 * MINUTE_MS, []);

    expect(watch.lines()).toEqual(["begins maxInstances", "ends maxInstances"]);
    expect(watch.told[1]?.what).toBe(
      "maxInstances does not hold the fleet back any more. It lasted 5 minutes.",
    );
    expect(watch.open()).toEqual([]);
  });

  it("that flaps is one trouble (2)", () => {
    const watch = aWatch();
    watch.for(MINUTE_MS, [aTrouble()]);

    for (let round = 0; round < 20; round++) {
      watch.for(45 * SECOND_MS, []);
      watch.look([aTrouble()]);
    }

    expect(watch.lines()).toEqual(["begins maxInstances"]);
  });

  it("wakes nobody by its end (2)", () => {
    const watch = aWatch({ rows: idleRows(2), memory: freshFor(...idleRows(2)) });
    watch.look([aTrouble({ kind: "noSpares", subject: "", toldAfterMs: 0 })]);

    watch.for(2 * MINUTE_MS, []);

    expect(watch.told.map(({ severity, stage }) => `${stage} ${severity}`)).toEqual([
      "begins page",
      "ends tell",
    ]);
  });

  it("that was told before a cold start is not told again, and its end still is (1, 2)", () => {
    const watch = aWatch();
    watch.for(MINUTE_MS, [aTrouble()]);

    watch.restart();
    watch.for(MINUTE_MS, [aTrouble()]);
    watch.restart();
    watch.for(2 * MINUTE_MS, []);

    expect(watch.lines()).toEqual(["begins maxInstances", "ends maxInstances"]);
  });

  it("is another one where it is about something else", () => {
    const watch = aWatch();

    watch.for(MINUTE_MS, [aTrouble(), aTrouble({ subject: "quota" })]);

    expect(watch.lines()).toEqual(["begins maxInstances", "begins quota"]);
  });

  it("is as loud as the spec says, and its end is not told where it was off (3, 5)", () => {
    const watch = aWatch({ spec: { alerts: { kinds: { guard: "off", spend: "page" } } } });
    const spend = aTrouble({ kind: "spend", subject: "80 %", toldAfterMs: 0 });
    watch.for(MINUTE_MS, [aTrouble(), spend]);

    expect(watch.told.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(["spend page"]);
    expect(watch.open().map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([
      "guard off",
      "spend page",
    ]);
    watch.for(2 * MINUTE_MS, [spend]);

    expect(watch.told).toHaveLength(1);
  });

  it("of money ends with its last step, and not with each", () => {
    const watch = aWatch({ spec: { limits: { maxMonthlyUsd: 100 } } });
    const step = (subject: string) => aTrouble({ kind: "spend", subject, toldAfterMs: 0 });

    watch.for(2 * MINUTE_MS, [step("50 %")]);
    watch.for(2 * MINUTE_MS, [step("80 %")]);
    watch.for(2 * MINUTE_MS, []);

    expect(watch.lines()).toEqual(["begins 50 %", "begins 80 %", "ends 80 %"]);
  });
});

describe("news", () => {
  const lost: News = { kind: "lost", subject: "media-k3-1", what: "w", doing: "d", canDo: "c" };

  it("is told each time, after the troubles (4)", () => {
    const watch = aWatch();

    watch.look([aTrouble({ toldAfterMs: 0 })], [lost]);
    watch.look([aTrouble({ toldAfterMs: 0 })], [lost]);

    expect(watch.lines()).toEqual(["begins maxInstances", "news media-k3-1", "news media-k3-1"]);
    expect(watch.open()).toHaveLength(1);
  });

  it("is not told where its kind is off (5)", () => {
    const watch = aWatch({ spec: { alerts: { kinds: { lost: "off" } } } });

    watch.look([], [lost]);

    expect(watch.told).toEqual([]);
  });
});

describe("the words of a bulletin", () => {
  it("hold nothing that looks like a key, and are not endless", () => {
    const secrets = [
      "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc",
      "AKIAIOSFODNN7EXAMPLE",
      "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      "Bearer alice-0123456789abcdef",
      "secret=0123456789abcdefgh",
    ];
    const words = `line\nbreak ${secrets.join(" and ")} ${"long ".repeat(500)}`;
    const watch = aWatch();

    watch.look([aTrouble({ what: words, doing: words, canDo: words, toldAfterMs: 0 })]);

    const said = JSON.stringify([watch.told, watch.open()]);
    for (const secret of ["T0AAAAAAA", "AKIA", "wJalr", "0123456789"])
      expect(said).not.toContain(secret);
    expect(watch.told[0]?.what.length).toBeLessThanOrEqual(600);
    expect(watch.told[0]?.what).toMatch(/^line break .*…$/);
  });

  it.each([
    "GET /v1/fleets/production/instances/production-k3-7",
    "POST /v1/fleets/livebroadcastproduction/instances/livebroadcastproduction/unprotect",
    "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/0f8fad5b-d9cb-469f-a165-70867728950e",
    "npx wrangler secret put AWS_SECRET_ACCESS_KEY",
  ])("keep what is no key: %s", (words) => {
    expect(redacted(words, 600)).toBe(words);
  });

  it("are cut between letters", () => {
    expect(redacted("\u{1F600}\u{1F600}\u{1F600}", 2)).toBe("\u{1F600}…");
  });
});
