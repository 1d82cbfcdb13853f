import { describe, expect, test } from "vitest";
import type { Verdict } from "./judge.ts";
import { jsonOf, progressLine, type Report, tableOf } from "./report.ts";

const PASSED: Verdict = { busyDeletes: [], zombies: [], overMaximum: [], peak: 12 };

function report(given: Partial<Report> = {}): Report {
  return {
    seconds: 1_830,
    ticks: 3_500,
    launches: 90,
    deletes: 80,
    kills: 9,
    calls: { all: 2_000, throttled: 102, lost: 19 },
    sessions: { arrivals: 101, placed: 100, blocked: 1, ended: 95, killed: 0, live: 5 },
    seed: 7,
    speed: 10,
    startMs: 0,
    maxInstances: 24,
    ownEnds: 0,
    settledInSeconds: 21,
    settleWithinSeconds: 240,
    problems: [],
    verdict: PASSED,
    ...given,
  };
}

describe("the table", () => {
  test("shows what happened, and that every gate held", () => {
    const table = tableOf(report());

    expect(table).toMatch(/^duration +30:30 \(5:05:00 of the model\), seed 7$/m);
    expect(table).toMatch(/^settled +00:21 /m);
    expect(table).toMatch(/^most billed at once +12 of 24$/m);
    expect(table).toMatch(/^throttles +102 \(5\.1 % of the calls\)$/m);
    expect(table).toMatch(/^sessions refused +1$/m);
    expect(table.match(/^PASS {2}0 /gm)).toHaveLength(3);
    expect(table).not.toContain("FAIL");
  });

  test("names what broke a gate, by the soak's time and the cloud's", () => {
    const offence = {
      instances: ["media-2"],
      at: 600_000,
      sessions: [4],
      sentence: "media-2 was deleted with 1 session on it (4)",
    };

    const table = tableOf(report({ verdict: { ...PASSED, busyDeletes: [offence] } }));

    expect(table).toContain("FAIL  1 busy servers deleted");
    expect(table).toContain(
      "01:00 (1970-01-01T00:10:00.000Z at the cloud): media-2 was deleted with 1 session on it (4)",
    );
    expect(table).toContain("PASS  0 zombies at the end");
  });

  test("does not hide that it never settled, that the Worker died by itself, and what went wrong", () => {
    const table = tableOf(
      report({
        settledInSeconds: null,
        ownEnds: 2,
        problems: [{ sentence: "the world stands still", times: 3 }],
      }),
    );

    expect(table).toMatch(/^settled +not within 04:00$/m);
    expect(table).toContain("9, and 2 times the Worker ended by itself");
    expect(table).toContain("the world stands still (3 times)");
  });
});

test("JSON says in one word whether it passed", () => {
  expect(JSON.parse(jsonOf(report()))).toMatchObject({ passed: true, seed: 7, ticks: 3_500 });
});

test("the line of progress says how far it is", () => {
  const { sessions, ...rest } = report({ seconds: 61 });

  expect(progressLine({ ...rest, sessions, billed: 11 }, 30)).toMatch(
    /^01:01 of 30:00 .*billed 11 .*kills 9 .*sessions 5 of 101$/,
  );
  expect(progressLine({ ...rest, seconds: 61, sessions, billed: 11 }, 1)).toMatch(
    /^01:01 settling /,
  );
});
