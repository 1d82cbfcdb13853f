import { expect, test } from "vitest";
import { UsageError } from "../aws/command-line.ts";
import { readDemand } from "./csv.ts";

test("a file of sessions gives each start and its length", () => {
  expect(readDemand("a.csv", "start,duration_s\n8.9,3229\n80.2,586\n")).toEqual({
    kind: "sessions",
    sessions: [
      { start: 8.9, seconds: 3229 },
      { start: 80.2, seconds: 586 },
    ],
  });
});

test("a file of bins may write its moments in any zone, and in UTC without one", () => {
  const text =
    "timestamp,value\r\n2026-11-30 08:00:00,3\r\n2026-11-30T08:30:00Z,0\r\n2026-11-30T18:00+09:00,7\r\n";

  const eight = Date.UTC(2026, 10, 30, 8) / 1000;
  expect(readDemand("a.csv", text)).toEqual({
    kind: "bins",
    bins: [
      { start: eight, count: 3 },
      { start: eight + 1800, count: 0 },
      { start: eight + 3600, count: 7 },
    ],
  });
});

test("a byte order mark and empty lines change nothing", () => {
  const text = "\uFEFFstart,duration_s\n\n1,2\n\n";

  expect(readDemand("a.csv", text)).toEqual(readDemand("a.csv", "start,duration_s\n1,2"));
});

test("two sessions may start in the same moment", () => {
  expect(readDemand("a.csv", "start,duration_s\n1,2\n1,3")).toMatchObject({
    sessions: [{ seconds: 2 }, { seconds: 3 }],
  });
});

test.each([
  [
    "start,length\n1,2",
    'line 1: the header must be start,duration_s or timestamp,value, not "start,length"',
  ],
  ["", "line 1: the header"],
  ["start,duration_s\n", "a.csv has no line after its header"],
  ["start,duration_s\n1,2\n3", "line 3: it has not 2 fields but 1"],
  ["start,duration_s\n1,2,3", "line 2: it has not 2 fields but 3"],
  ["start,duration_s\n1,2\n\nsoon,2", 'line 4: start "soon" is neither seconds nor a moment'],
  ["timestamp,value\n2026-13-01T00:00:00Z,2", "line 2: timestamp"],
  ["start,duration_s\n,2", 'line 2: start "" is neither'],
  ["start,duration_s\n1,", 'line 2: duration_s "" is not a number from 0 on'],
  ["start,duration_s\n1,-2", 'line 2: duration_s "-2" is not a number from 0 on'],
  ["start,duration_s\n1,Infinity", 'line 2: duration_s "Infinity" is not a number'],
  ["timestamp,value\n1,NaN", 'line 2: value "NaN" is not a number'],
  ["start,duration_s\n5,2\n4,2", 'line 3: start "4" is before the line above'],
  ["timestamp,value\n5,2\n5,2", 'line 3: timestamp "5" is there twice'],
])("the file %j is refused with its line and the reason", (text, message) => {
  const read = (): unknown => readDemand("a.csv", text);

  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
});
