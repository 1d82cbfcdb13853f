import { describe, expect, test } from "vitest";
import { type Done, Tally } from "./pool.ts";
import * as report from "./report.ts";
import type { Result } from "./result.ts";
import { type Incident, ORDINARY_SITE, type Scenario } from "./scenario.ts";
import type { Shrunk } from "./shrink.ts";

const HOUR_MS = 3_600_000;

const SCENARIO: Scenario = {
  seed: 17,
  startsAt: 0,
  hours: 1,
  spec: {},
  sessionsPerHour: 1,
  meanLengthMs: 1,
  promise: "server",
  bootMs: 1,
  softwareBootMs: 1,
  site: ORDINARY_SITE,
  signed: true,
  incidents: [],
};

const INCIDENTS: readonly Incident[] = [
  { id: 3, when: { at: 750_000 }, fault: "lostAfter", forMs: 30_000, n: 5 },
  { id: 12, when: { point: 212 }, fault: "crash", forMs: 0, n: 0 },
];

function resultOf(given: Partial<Result> = {}): Result {
  return {
    seed: 17,
    hash: "abc",
    simulatedMs: HOUR_MS,
    violations: [],
    faults: {},
    transitions: {},
    points: {},
    pointLabels: [],
    trace: [],
    ...given,
  };
}

function done(id: number, result: Partial<Result> = {}, wallMs = 100): Done {
  const scenario = { ...SCENARIO, seed: id };
  return { job: { id, scenario, options: {}, twice: false }, result: resultOf(result), wallMs };
}

function totalsOf(...runs: readonly Done[]) {
  const tally = new Tally();
  for (const run of runs) tally.add(run);
  return tally.totals();
}

const I6 = { invariant: "I6", at: 1_234_567, detail: "21 creates, the limit is 20\nmedia-17" };

describe("the totals of many runs", () => {
  const runs = [
    done(1, { hash: "a", faults: { crash: 2, html: 1 }, transitions: { "null>planned": 4 } }),
    done(2, { hash: "b", faults: { crash: 3 }, points: { sync: { passed: 5, died: 1 } } }),
    done(3, { hash: "c", violations: [I6], points: { sync: { passed: 2, died: 0 } } }),
  ];

  test("are the sums of all", () => {
    expect(totalsOf(...runs)).toMatchObject({
      runs: 3,
      simulatedMs: 3 * HOUR_MS,
      busyMs: 300,
      violations: 1,
      faults: { crash: 5, html: 1 },
      transitions: { "null>planned": 4 },
      points: { sync: { passed: 7, died: 1 } },
    });
  });

  test("are the same in whatever order the runs end", () => {
    expect(JSON.stringify(totalsOf(...runs.toReversed()))).toBe(JSON.stringify(totalsOf(...runs)));
  });

  test("have another hash when one run was another, or two changed places", () => {
    const { hash } = totalsOf(...runs);

    expect(totalsOf(...runs.slice(1)).hash).not.toBe(hash);
    expect(totalsOf(done(1, { hash: "b" }), done(2, { hash: "a" })).hash).not.toBe(
      totalsOf(done(1, { hash: "a" }), done(2, { hash: "b" })).hash,
    );
  });
});

describe("the line of progress", () => {
  test("says how far, how fast in all and per core, and what was found", () => {
    const progress = {
      done: 1_200,
      of: 5_000,
      unit: "seeds",
      simulatedMs: 1_200 * HOUR_MS,
      wallMs: 10_000,
      busyMs: 20_000,
      violations: 0,
    };

    expect(report.progressLine(progress)).toBe(
      "1,200 of 5,000 seeds | no violation | 1,200 h simulated in 10 s | 120 h/s in all | 60 h/s per core",
    );
    expect(report.progressLine({ ...progress, violations: 2 })).toContain("| 2 violations |");
  });

  test("has a rate of 0 before the first run is over", () => {
    const line = report.progressLine({
      done: 0,
      of: 1,
      unit: "plans",
      simulatedMs: 0,
      wallMs: 0,
      busyMs: 0,
      violations: 0,
    });

    expect(line).toContain("0 h/s in all | 0 h/s per core");
  });
});

describe("the summary", () => {
  const summary = {
    what: "seeds 1 to 2",
    totals: totalsOf(
      done(1, { faults: { crash: 1_234, html: 7 }, transitions: { "null>planned": 3 } }),
      done(2, {
        points: { sync: { passed: 2_000, died: 12 }, "alarm:begin": { passed: 9, died: 0 } },
      }),
    ),
    wallMs: 1_000,
    coverage: null,
    isWhole: true,
  };

  test("aligns its columns, names to the left and numbers to the right", () => {
    const lines = report.summaryText(summary).split("\n");

    expect(lines[0]).toBe(
      "seeds 1 to 2: 2 runs, 2 h simulated in 1 s, 2 h/s in all, 10 h/s per core",
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        "faults that struck   times",
        "  crash              1,234",
        "  html                   7",
        "  null > planned       3",
        "effect points   passed   died at",
        "  alarm:begin        9         0",
        "  sync           2,000        12",
        `hash of all runs   ${summary.totals.hash}`,
        "No invariant was broken.",
      ]),
    );
  });

  test("says when it was stopped, and when something was broken", () => {
    const totals = totalsOf(done(1, { violations: [I6] }));
    const text = report.summaryText({ ...summary, totals, isWhole: false });

    expect(text).toContain("seeds 1 to 2 (stopped before the end): 1 run,");
    expect(text).toContain("1 VIOLATION.");
    expect(text).not.toContain("No invariant was broken");
  });

  test("says which kinds of effect point the object never died at", () => {
    const coverage = {
      stories: 2,
      plans: 1_000,
      run: 100,
      struck: 99,
      points: 3_000,
      pointsDied: 2_999,
      labels: 3,
      labelsDied: ["sync"],
      labelsMissed: ["alarm:end", "probe:before"],
    };
    const text = report.summaryText({ ...summary, coverage });

    expect(text).toContain("1,000 distinct plans of 2 stories: 100 run, in 99 of them the fault");
    expect(text).toContain("2,999 of 3,000 effect points (99.9 %)");
    expect(text).toContain("1 of 3 kinds of them (33.3 %)");
    expect(text).toContain("it never died at: alarm:end, probe:before");
  });

  test("says 100 % of all, and then names nothing missed", () => {
    const coverage = {
      stories: 1,
      plans: 5,
      run: 5,
      struck: 5,
      points: 2,
      pointsDied: 2,
      labels: 1,
      labelsDied: ["sync"],
      labelsMissed: [],
    };
    const text = report.summaryText({ ...summary, coverage });

    expect(text).toContain("2 of 2 effect points (100 %)");
    expect(text).not.toContain("never died at");
  });
});

describe("what is told of a failing run", () => {
  test("is its name, the invariant, the moment and the whole detail", () => {
    const text = report.failureText({ title: "seed 17", result: resultOf({ violations: [I6] }) });

    expect(text).toBe(
      [
        "VIOLATION of I6 by seed 17, 0:20:34.567 after its start",
        "  21 creates, the limit is 20",
        "  media-17",
      ].join("\n"),
    );
  });

  test("calls a crash and a run with two outcomes by their names", () => {
    const said = (invariant: string) =>
      report.failureText({
        title: "plan 4",
        result: resultOf({ violations: [{ ...I6, invariant }] }),
      });

    expect(said("crash")).toMatch(/^CRASH in plan 4,/);
    expect(said("twice")).toMatch(/^TWO OUTCOMES of plan 4,/);
  });

  test("has one line for each incident, in plain words", () => {
    expect(report.incidentLines(INCIDENTS)).toEqual([
      "  #3   at 0:12:30.000       lostAfter  AWS does what was asked, and its reply is lost  (for 30 s, n 5)",
      "  #12  at effect point 212  crash      the object dies                                 (n 0)",
    ]);
  });

  test("says that no incident is needed where none is left", () => {
    expect(report.incidentLines([])).toEqual(["  none: this is fair weather"]);
  });

  test("says how far it was shrunk, and what that is worth", () => {
    const shrunk = (end: Shrunk["end"]): Shrunk => ({
      scenario: { ...SCENARIO, hours: 0.4, incidents: INCIDENTS },
      result: resultOf({ violations: [I6] }),
      runs: 42,
      ms: 3_210,
      end,
    });
    const whole = { hours: 1, incidents: Array.from({ length: 48 }, () => INCIDENTS).flat() };

    expect(report.shrunkText(shrunk("minimal"), whole)).toMatch(
      /^Shrunk from 96 incidents and 1 h to 2 and 0.4 h, in 42 runs \(3.2 s\): each .* needed\.\n {2}#3 /,
    );
    expect(report.shrunkText(shrunk("limit"), whole)).toContain("some may not be needed");
    expect(report.shrunkText(shrunk("notAgain"), whole)).toMatch(/^Not shrunk/);
  });

  test("ends with the last lines of its trace", () => {
    const trace = ["a", "b", "c"];

    expect(report.traceText(trace, 2)).toBe("The last 2 lines of what happened:\n  b\n  c");
    expect(report.traceText(trace, 40)).toBe("What happened:\n  a\n  b\n  c");
    expect(report.traceText([], 40)).toBe("It left no trace.");
  });

  test("makes the events of its trace readable", () => {
    const trace = [
      '750000 {"kind":"call","by":"fleet","life":1,"op":"GetInstances","names":[],"hadEffect":true}',
      '750001 {"kind":"probe","name":"media-1","said":null}',
      "750002 {broken",
    ];

    expect(report.traceText(trace, 40).split("\n").slice(1)).toEqual([
      "  0:12:30.000  call     by=fleet life=1 op=GetInstances hadEffect=true",
      "  0:12:30.001  probe    name=media-1 said=null",
      "  750002 {broken",
    ]);
  });

  test("names the other runs that failed", () => {
    const failures = [{ title: "seed 57", result: resultOf({ violations: [I6] }) }];

    expect(report.othersText(failures)).toBe(
      "Also:\n  seed 57   I6 at 0:20:34.567: 21 creates, the limit is 20",
    );
  });
});

describe("the command that replays a run", () => {
  test.each([
    {
      replay: { seed: 17, hours: 1, sized: false, cut: null, keep: null },
      command: "npm run sim -- --seed 17 --seeds 1 --hours 1 --trace",
    },
    {
      replay: { seed: 17, hours: 2.5, sized: true, cut: 0.4, keep: [3, 7] },
      command:
        "npm run sim -- --seed 17 --seeds 1 --hours 2.5 --sized --cut 0.4 --keep 3,7 --trace",
    },
    {
      replay: { seed: 17, hours: 1, sized: false, cut: null, keep: [] },
      command: "npm run sim -- --seed 17 --seeds 1 --hours 1 --keep none --trace",
    },
  ])("is $command", ({ replay, command }) => {
    expect(report.replayCommand(replay)).toBe(command);
  });
});

describe("the name of a plan", () => {
  test("says where it strikes, or that it does not", () => {
    const strike = { fault: "crash", point: 9, label: "sync" } as const;

    expect(report.planTitle(4, { id: 4, story: 1, strike })).toBe(
      "plan 4 (story 1, crash at effect point 9, sync)",
    );
    expect(report.planTitle(0, { id: 0, story: 1, strike: null })).toBe(
      "plan 0 (story 1, no fault)",
    );
    expect(report.planTitle(8, undefined)).toBe("plan 8");
  });
});
