import { describe, expect, test } from "vitest";
import { UsageError } from "../aws/command-line.ts";
import { readOptions } from "./options.ts";

describe("the command line of npm run mutate", () => {
  test("mutates for five minutes what a change touches if nothing else is asked for", () => {
    expect(readOptions([])).toMatchObject({
      scope: { kind: "changed", base: null },
      minutes: 5,
      sample: null,
      seed: null,
      minScore: null,
      json: false,
    });
  });

  test("takes a commit to compare with, files and folders, or all", () => {
    const scopeOf = (...args: string[]) => readOptions(args)?.scope;

    expect(scopeOf("--changed", "v1.2")).toEqual({ kind: "changed", base: "v1.2" });
    expect(scopeOf("--files", "worker/act.ts", "durable")).toEqual({
      kind: "files",
      paths: ["worker/act.ts", "durable"],
    });
    expect(scopeOf("--all")).toEqual({ kind: "all" });
  });

  test("reads every limit and what is left out", () => {
    const args = "--all --except durable/rules --except worker/api --minutes 0.5 --sample 40";
    const more = "--seed 7 --judges 3 --workers 2 --min-score 90 --json";

    expect(readOptions([...args.split(" "), ...more.split(" ")])).toEqual({
      scope: { kind: "all" },
      except: ["durable/rules", "worker/api"],
      minutes: 0.5,
      sample: 40,
      seed: 7,
      judges: 3,
      workers: 2,
      minScore: 90,
      json: true,
    });
  });

  test("gives nothing to do when help is asked for", () => {
    expect(readOptions(["--all", "--help"])).toBeNull();
  });

  test.each([
    [["--all", "--files", "worker"], "--files and --all exclude each other"],
    [["--files"], "at least one file"],
    [["--all", "worker"], 'takes no "worker"'],
    [["--changed", "a", "b"], 'one commit, not "a b"'],
    [["--minutes", "0"], "--minutes must be a number between 0.1"],
    [["--sample", "1.5"], "--sample must be a whole number"],
    [["--min-score", "101"], "--min-score must be a number between 0 and 100"],
    [["--wokers", "2"], "--wokers"],
  ])("refuses %j and says why", (args, why) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(why);
  });
});
