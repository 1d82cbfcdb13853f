import { describe, expect, test } from "vitest";
import { UsageError } from "../aws/command-line.ts";
import { readOptions, USAGE } from "./options.ts";

describe("the options of npm run soak", () => {
  test("are half an hour with a kill every three minutes by default", () => {
    expect(readOptions([])).toEqual({ minutes: 30, seed: 1, killEverySeconds: 180, json: false });
  });

  test("take minutes, a seed, the time between kills, and JSON", () => {
    const args = "--minutes 2.5 --seed 9 --kill-every 45 --json".split(" ");

    expect(readOptions(args)).toEqual({ minutes: 2.5, seed: 9, killEverySeconds: 45, json: true });
  });

  test("are null when help is asked for, which names each of them", () => {
    expect(readOptions(["--help", "--minutes", "3"])).toBeNull();
    for (const option of ["--minutes", "--kill-every", "--seed", "--json", "--help"])
      expect(USAGE).toContain(option);
  });

  test.each([
    ["--minuets 3", "--minuets"],
    ["3", "3"],
    ["--minutes", "--minutes"],
    ["--minutes 0", "--minutes"],
    ["--minutes soon", "soon"],
    ["--seed 1.5", "--seed"],
    ["--seed=-1", "--seed"],
    ["--kill-every 1", "--kill-every"],
  ])("refuse %s, and say what is wrong", (line, named) => {
    const read = () => readOptions(line.split(" "));

    expect(read).toThrow(UsageError);
    expect(read).toThrow(named);
  });
});
