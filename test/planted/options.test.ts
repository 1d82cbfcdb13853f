import { expect, test } from "vitest";
import { UsageError } from "../aws/command-line.ts";
import { readOptions } from "./options.ts";

test("without options every planted bug is run", () => {
  expect(readOptions([])).toMatchObject({ only: "", changed: false, short: false, list: false });
});

test("options choose which bugs are run, and how many at a time", () => {
  const args = ["--only", "lease", "--changed", "--short", "--list", "--workers", "3"];

  expect(readOptions(args)).toEqual({
    only: "lease",
    changed: true,
    short: true,
    list: true,
    workers: 3,
  });
});

test("help is asked for by name", () => {
  expect(readOptions(["--help"])).toBeNull();
});

test.each([[["--what"]], [["--workers", "0"]], [["--only"]]])("%s makes no sense", (args) => {
  expect(() => readOptions(args)).toThrow(UsageError);
});
