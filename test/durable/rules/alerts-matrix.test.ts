/**
 * How each kind of alert begins, goes on and ends, under each setting of its loudness, when the setting is
 * changed while the alert stands, and when the object dies in between. The kinds and the settings are the code's
 * own closed lists: what is added to them is tested too.
 */
import { describe, expect, it, test } from "vitest";
import {
  oldestBulletins,
  putBulletins,
  readAlerts,
  writeAlerts,
} from "../../../durable/ledger/outbox.ts";
import { migrate } from "../../../durable/ledger/migrations.ts";
import { bulletinsOf } from "../../../durable/rules/alerts.ts";
import { type Bulletin, type OpenAlert, SEVERITIES } from "../../../durable/rules/bulletins.ts";
import { callRoll } from "../../../durable/rules/dead.ts";
import { newsOf } from "../../../durable/rules/news.ts";
import type { AlertKind, AlertsSpec, Severity } from "../../../durable/rules/spec.ts";
import type { EventDraft, State } from "../../../durable/rules/state.ts";
import { troublesOf } from "../../../durable/rules/troubles.ts";
import type { DeadFleet } from "../../../durable/rules/views.ts";
import { messageOf } from "../../../worker/notify/message.ts";
import { nodeSql } from "../../virtual/node-sql.ts";
import { aRow, aSpec, aState, aTarget, freshFor, MINUTE_MS, NOW, SECOND_MS } from "./builders.ts";

const TICK_MS = 20 * SECOND_MS;
/** Ticks are not needed while nothing changes. */
const LATER_MS = 20 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const KINDS = Object.keys(SEVERITIES) as AlertKind[];
/** The fleet's own alarm is told by the cron, and what happened once by its event. */
const NEWS = KINDS.filter((kind) => newsOf(aState(), [eventOf(kind)]).length > 0);
const TROUBLES = KINDS.filter((kind) => kind !== "noTick" && !NEWS.includes(kind));

/** What a spec may say of a kind; undefined where it says nothing. */
type Setting = Severity | "off" | undefined;
const SETTINGS: readonly Setting[] = [undefined, "page", "tell", "off"];
const PAIRS = SETTINGS.flatMap((first) => SETTINGS.map((then) => [first, then] as const));
const TRIPLES = PAIRS.flatMap(([first, then]) =>
  SETTINGS.map((last) => [first, then, last] as const),
);

function eventOf(kind: AlertKind): EventDraft {
  return { kind: kind as EventDraft["kind"], instance: "media-k3-7", message: "it happened" };
}

function loudnessOf(kind: AlertKind, setting: Setting): Severity | "off" {
  return setting ?? SEVERITIES[kind];
}

function kindsOf(kind: AlertKind, setting: Setting): AlertsSpec["kinds"] {
  return setting === undefined ? {} : { [kind]: setting };
}

/** The stage, the loudness, and whether the message mentions the channel. */
function lineOf(bulletin: Bulletin): string {
  const { text, blocks } = messageOf([bulletin], {
    publicUrl: null,
    secrets: [],
    now: bulletin.at,
  });
  const mentions = [text, ...blocks.map((block) => block.text.text)].map((words) =>
    words.includes("<!channel>"),
  );
  if (new Set(mentions.slice(0, 2)).size > 1)
    throw new Error("text and blocks mention differently");
  return `${bulletin.stage} ${bulletin.severity}${mentions[0] === true ? " @channel" : ""}`;
}

function lineFor(stage: Bulletin["stage"], severity: Severity): string {
  return `${stage} ${severity}${severity === "page" && stage !== "ends" ? " @channel" : ""}`;
}

/** A fleet tick after tick, whose alerts and messages go through the ledger. */
function aWatch() {
  const sql = nodeSql();
  migrate(sql, NOW);
  let open: readonly OpenAlert[] = [];
  let now = NOW;
  return {
    now: () => now,
    open: () => open,
    told: () => oldestBulletins(sql, 100).map(({ bulletin }) => bulletin),
    restart: () => {
      open = readAlerts(sql);
    },
    look: (
      forMs: number,
      at: (now: number, open: readonly OpenAlert[]) => Look,
      tickMs = TICK_MS,
    ) => {
      for (const until = now + forMs; now < until; now += tickMs) {
        const { state, troubles } = at(now, open);
        const { open: after, bulletins } = bulletinsOf(state, open, troubles, []);
        writeAlerts(sql, open, after);
        putBulletins(sql, bulletins);
        open = after;
      }
    },
  };
}

interface Look {
  readonly state: State;
  readonly troubles: Parameters<typeof bulletinsOf>[2];
}

function stands(kind: AlertKind, setting: Setting, isThere: boolean): (now: number) => Look {
  const base = aState({ spec: { alerts: { kinds: kindsOf(kind, setting) } } });
  return (now) => {
    const state = { ...base, now };
    const words = { what: "It is so.", doing: "Lightfleet waits.", canDo: "You can wait." };
    const trouble = { kind, subject: "it", since: now, toldAfterMs: MINUTE_MS, ...words };
    return { state, troubles: isThere ? [trouble] : [] };
  };
}

describe.each(TROUBLES)("a trouble of kind %s", (kind) => {
  test.each(PAIRS)(
    "that begins while the spec says %s and ends while it says %s is told as loudly as it said, and its end wakes nobody",
    (first, then) => {
      const [begins, ends] = [loudnessOf(kind, first), loudnessOf(kind, then)];
      const expected = [
        ...(begins === "off" ? [] : [lineFor("begins", begins)]),
        ...(begins === "off" || ends === "off" ? [] : [lineFor("ends", "tell")]),
      ];
      for (const dies of [false, true]) {
        const watch = aWatch();

        watch.look(2 * MINUTE_MS, stands(kind, first, true));
        if (dies) watch.restart();
        watch.look(2 * HOUR_MS, stands(kind, then, true), LATER_MS);
        expect(watch.open().map(({ severity }) => severity)).toEqual([begins]);
        if (dies) watch.restart();
        watch.look(3 * MINUTE_MS, stands(kind, then, false));

        expect(watch.told().map(lineOf), dies ? "the object died" : "in one life").toEqual(
          expected,
        );
        expect(watch.open()).toEqual([]);
      }
    },
  );
});

describe.each(NEWS)("news of kind %s", (kind) => {
  test.each(SETTINGS)("are told once, as loudly as the spec says: %s", (setting) => {
    const severity = loudnessOf(kind, setting);
    const state = aState({ spec: { alerts: { kinds: kindsOf(kind, setting) } } });

    const { bulletins, open } = bulletinsOf(state, [], [], newsOf(state, [eventOf(kind)]));

    expect(bulletins.map(lineOf)).toEqual(severity === "off" ? [] : [lineFor("news", severity)]);
    expect(open).toEqual([]);
  });
});

describe("a fleet that nobody runs", () => {
  const SWITCHED_AT = 31;
  const BACK_AT = 131;

  it.each(TRIPLES)(
    "is told of as the spec says when it begins (%s), again each hour (%s), and when it ends (%s)",
    (first, then, last) => {
      const expected: string[] = [];
      const [begins, again, ends] = [first, then, last].map((each) => loudnessOf("noTick", each));
      if (begins !== undefined && begins !== "off") expected.push(`1 ${lineFor("begins", begins)}`);
      if (again !== undefined && again !== "off") {
        const [one, two] = begins === "off" ? [SWITCHED_AT, 91] : [61, 121];
        expected.push(`${one} ${lineFor(begins === "off" ? "begins" : "again", again)}`);
        expected.push(`${two} ${lineFor("again", again)}`);
      }
      if (expected.length > 0 && ends !== "off") expected.push(`131 ${lineFor("ends", "tell")}`);

      const told: string[] = [];
      let dead: Readonly<Record<string, DeadFleet>> = {};
      for (let minute = 1; minute <= BACK_AT + 2; minute++) {
        const setting = minute < SWITCHED_AT ? first : minute < BACK_AT ? then : last;
        const lastTickAgeMs = minute < BACK_AT ? (minute + 1) * MINUTE_MS : 900;
        const pulse = { fleet: "media", answered: true, lastTickAgeMs };
        const kinds = kindsOf("noTick", setting);
        const roll = callRoll(dead, [{ ...pulse, kinds }], NOW + minute * MINUTE_MS);
        told.push(...roll.bulletins.map((bulletin) => `${minute} ${lineOf(bulletin)}`));
        dead = roll.told;
      }

      expect(told).toEqual(expected);
      expect(dead).toEqual({});
    },
  );
});

/** How long something has lasted that is told of after a time, and by which time. */
type Threshold = Exclude<keyof AlertsSpec, "kinds">;
const NAME = "media-k3-7";
const LASTED_HOURS = 200;
const SINCE = NOW - LASTED_HOURS * HOUR_MS;
const LASTING: Readonly<Record<Threshold, Parameters<typeof aState>[0]>> = {
  busyForHours: { rows: [aRow({ name: NAME, occupancy: "busy", sessions: 1, busySince: SINCE })] },
  unknownForMinutes: { rows: [aRow({ name: NAME })] },
  drainingForHours: { rows: [aRow({ name: NAME, phase: "draining", cordonedAt: SINCE })] },
  protectedForHours: {
    rows: [aRow({ name: NAME, protectedBy: "alice", protectedSince: SINCE })],
  },
  pausedForHours: {
    pauses: [{ what: "launch", since: SINCE, until: null, reason: "incident", actor: "bob" }],
  },
};
const THRESHOLDS = (Object.keys(aSpec().alerts) as (keyof AlertsSpec)[]).filter(
  (key) => key !== "kinds",
);

const NEVER = 100_000;

/** In the unit of the threshold. */
function lastedIn(threshold: Threshold): number {
  return threshold.endsWith("Minutes") ? LASTED_HOURS * 60 : LASTED_HOURS;
}

/** The same server or pause for as long as anybody looks, with the thresholds of a spec. */
function lasts(threshold: Threshold, alerts: Partial<AlertsSpec>) {
  return (now: number, open: readonly OpenAlert[]): Look => {
    const overrides = LASTING[threshold];
    const rows = overrides?.rows ?? [];
    const freshness = new Map(
      [...freshFor(...rows).freshness].map(([name, fresh]) => {
        const isSilent = threshold === "unknownForMinutes";
        return [name, { ...fresh, askedAt: now, readAt: isSilent ? SINCE : now }] as const;
      }),
    );
    const state = aState({ ...overrides, now, memory: { freshness }, spec: { alerts } });
    return { state, troubles: troublesOf(state, aTarget(0), [], open) };
  };
}

function kindOf(threshold: Threshold): AlertKind {
  return threshold.replace(/(?:Hours|Minutes)$/u, "Long") as AlertKind;
}

it.each(THRESHOLDS)("%s alone says when its alert begins, in its own unit", (threshold) => {
  const others = Object.fromEntries(THRESHOLDS.map((each) => [each, NEVER]));
  const begun = (alerts: Partial<AlertsSpec>): string[] => {
    const watch = aWatch();
    watch.look(TICK_MS, lasts(threshold, alerts));
    return watch.told().map(({ kind }) => kind);
  };

  const lasted = lastedIn(threshold);
  expect(begun({ ...others, [threshold]: lasted - 0.5 })).toEqual([kindOf(threshold)]);
  expect(begun({ [threshold]: lasted + 0.5 })).not.toContain(kindOf(threshold));
});

describe.each(THRESHOLDS)("when %s is raised while an alert stands", (threshold) => {
  const kind = kindOf(threshold);

  it("nobody hears that it is over, for it is not; when it is lowered again, the alert stands", () => {
    const watch = aWatch();
    watch.look(MINUTE_MS, lasts(threshold, { [threshold]: 1 }));
    expect(watch.told().map(({ kind: each, stage }) => `${stage} ${each}`)).toEqual([
      `begins ${kind}`,
    ]);

    watch.look(3 * MINUTE_MS, lasts(threshold, { [threshold]: NEVER }));
    for (const { what } of watch.told().slice(1)) expect(what).toContain(" still ");
    watch.look(MINUTE_MS, lasts(threshold, { [threshold]: 1 }));

    expect(watch.open().map(({ kind: each, severity }) => `${each} ${severity}`)).toEqual([
      `${kind} tell`,
    ]);
    const begins = watch.told().filter(({ stage }) => stage === "begins").length;
    const ends = watch.told().filter(({ stage }) => stage === "ends").length;
    expect(begins - ends).toBe(1);
  });
});
