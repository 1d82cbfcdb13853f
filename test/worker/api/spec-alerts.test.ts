import { describe, expect, it } from "vitest";
import { parseSpec } from "../../../worker/api/spec.ts";
import { LEAST } from "./fakes.ts";

function problemsOf(alerts: unknown): string[] {
  const parsed = parseSpec({ ...LEAST, alerts });
  return parsed.ok ? [] : parsed.errors.map(({ field, message }) => `${field}: ${message}`);
}

function alertsOf(alerts: unknown) {
  const parsed = parseSpec({ ...LEAST, alerts });
  return parsed.ok ? parsed.value.alerts : null;
}

describe("alerts", () => {
  it("keep only the kinds that were named, in one order however they were written", () => {
    const one = alertsOf({ kinds: { tag: "page", noTick: "tell", spend: "off" } });
    const other = alertsOf({ kinds: { spend: "off", noTick: "tell", tag: "page" } });

    expect(one?.kinds).toEqual({ noTick: "tell", spend: "off", tag: "page" });
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });

  it("refuse a kind that there is not by name, and say which there are", () => {
    expect(problemsOf({ kinds: { noSpare: "page" } })).toEqual([
      expect.stringMatching(/^alerts\.kinds\.noSpare: is not a known key; known here: noSpares, /u),
    ]);
    expect(problemsOf(JSON.parse('{"kinds": {"__proto__": "page"}}'))).toEqual([
      expect.stringMatching(/^alerts\.kinds\.__proto__: is not a known key/u),
    ]);
  });

  it.each([
    ["alerts: must be a JSON object", null],
    ["alerts.kinds: must be a JSON object", { kinds: ["noSpares"] }],
    ["alerts.kinds.lost: must be one of page, tell, off", { kinds: { lost: "wake" } }],
    ["alerts.kinds.lost: must be one of page, tell, off", { kinds: { lost: null } }],
    ["alerts.busyForHours: must be a number from 0.01 to 720", { busyForHours: 0 }],
    ["alerts.busyForHours: must be a number from 0.01 to 720", { busyForHours: 720.1 }],
    ["alerts.unknownForMinutes: must be a number from 1 to 10080", { unknownForMinutes: 0.5 }],
    ["alerts.unknownForMinutes: must be a number from 1 to 10080", { unknownForMinutes: 10_081 }],
    ["alerts.drainingForHours: must be a number from 0.01 to 720", { drainingForHours: "soon" }],
    ["alerts.protectedForHours: must be a number from 0.01 to 720", { protectedForHours: -1 }],
    ["alerts.pausedForHours: must be a number from 0.01 to 720", { pausedForHours: null }],
  ])("are refused: %s", (problem, alerts) => {
    expect(problemsOf(alerts)).toEqual([problem]);
  });

  it("tell all of their problems at once", () => {
    expect(problemsOf({ kinds: { lost: 1, tag: 2 }, busyForHours: 0, colour: "red" })).toHaveLength(
      4,
    );
  });

  it("take both ends of every time, also as strings", () => {
    const shortest = {
      kinds: {},
      busyForHours: "0.01",
      unknownForMinutes: 1,
      drainingForHours: 0.01,
      protectedForHours: 0.01,
      pausedForHours: 0.01,
    };
    const longest = {
      kinds: {},
      busyForHours: 720,
      unknownForMinutes: "10080",
      drainingForHours: 720,
      protectedForHours: 720,
      pausedForHours: 720,
    };

    expect(alertsOf(shortest)).toEqual({ ...shortest, busyForHours: 0.01 });
    expect(alertsOf(longest)).toEqual({ ...longest, unknownForMinutes: 10_080 });
  });
});
