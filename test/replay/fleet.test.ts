import { expect, test } from "vitest";
import { replay, type Setting } from "./fleet.ts";
import { readOptions } from "./options.ts";
import { sessionsOf } from "./sessions.ts";

const HOUR = 3_600;
const SETTING: Setting = {
  policy: { kind: "fixed", spares: 2 },
  capacity: 1,
  bootSeconds: [60, 60],
  tickSeconds: 30,
  billing: "none",
  from: 0,
  until: 10 * HOUR,
  seed: 1,
};

test("two fixed spares without demand cost two servers for the whole time", () => {
  expect(replay([], SETTING)).toEqual({
    starts: 0,
    refused: 0,
    hours: 20,
    billedHours: 20,
    launches: 2,
  });
});

test("three sessions at once find two of two spares, and the third is refused", () => {
  const sessions = [1, 2, 3].map((each) => ({ start: HOUR + each, seconds: HOUR }));

  expect(replay(sessions, SETTING)).toMatchObject({ starts: 3, refused: 1, launches: 4 });
});

test("a server of capacity 4 takes four sessions", () => {
  const sessions = [1, 2, 3, 4].map((each) => ({ start: HOUR + each, seconds: HOUR }));

  const played = replay(sessions, { ...SETTING, capacity: 4 });

  expect(played).toMatchObject({ starts: 4, refused: 0, launches: 2 });
});

test("a paid hour is kept to its end, so that the next session needs no launch", () => {
  const sessions = [1, 1.5, 1.9].map((at) => ({ start: at * HOUR, seconds: 60 }));
  const launches = (billing: "none" | "hour"): number =>
    replay(sessions, { ...SETTING, policy: { kind: "fixed", spares: 1 }, billing }).launches;

  expect(launches("hour")).toBeLessThan(launches("none"));
});

test("counts become as many sessions, each in its own bin", () => {
  const bins = [10, 0, 5].map((count, index) => ({ start: index * HOUR, count }));

  const { sessions } = sessionsOf({ kind: "bins", bins }, { meanSeconds: 60, seed: 1 });

  const inBin = (bin: number): number =>
    sessions.filter(({ start }) => Math.floor(start / HOUR) === bin).length;
  expect([0, 1, 2].map(inBin)).toEqual([10, 0, 5]);
});

test.each([
  [["--policy", "auto"], "--file names"],
  [["--file", "a.csv"], "--policy names"],
  [["--file", "a.csv", "--policy", "auto:1"], 'needs a share such as 0.1%, not "1"'],
  [["--file", "a.csv", "--policy", "magic:1"], "--policy must be fixed:N or auto:SHARE"],
  [["--file", "a.csv", "--policy", "fixed:1", "--boot", "90,30"], "--boot's MAX must be"],
])("the command line %j is refused with what to change", (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
