import { expect, test } from "vitest";
import { readTimestamp } from "./timestamp.ts";

test.each([
  ["2014-07-01 00:30:00", Date.UTC(2014, 6, 1, 0, 30), false],
  ["2014-07-01T00:30:00", Date.UTC(2014, 6, 1, 0, 30), false],
  ["2014-07-01T00:30", Date.UTC(2014, 6, 1, 0, 30), false],
  ["2014-07-01", Date.UTC(2014, 6, 1), false],
  ["2016-02-29 00:00:00.25", Date.UTC(2016, 1, 29) + 250, false],
  ["2014-07-01T00:30:00Z", Date.UTC(2014, 6, 1, 0, 30), true],
  ["2014-07-01T09:30:00+09:00", Date.UTC(2014, 6, 1, 0, 30), true],
  ["2014-06-30 19:00:00-0530", Date.UTC(2014, 6, 1, 0, 30), true],
  ["2014-07-01 01:30:00 +01", Date.UTC(2014, 6, 1, 0, 30), true],
])("reads %s", (text, atMs, zoned) => {
  expect(readTimestamp(text)).toEqual({ atMs, zoned });
});

test.each([
  "",
  "soon",
  "2014-02-29 00:00:00",
  "2014-13-01 00:00:00",
  "2014-07-01 24:00:00",
  "2014-07-01 12:60:00",
  "2014-07-01 12:00:60",
  "2014-7-1 12:00:00",
  "2014-07-01T00:30:00+15:00",
  "2014-07-01T00:30:00+09:60",
  "1404172800",
])("does not read %j", (text) => {
  expect(readTimestamp(text)).toBeNull();
});
