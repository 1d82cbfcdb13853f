import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { UsageError } from "../aws/command-line.ts";
import { type Options, readOptions } from "./options.ts";

function modeOf(...args: string[]): Options["mode"] | undefined {
  return readOptions(args)?.mode;
}

describe("the options of npm run sim", () => {
  test("are a hundred fresh seeds of one hour on every core by default", () => {
    expect(readOptions([])).toEqual({
      mode: {
        kind: "seeds",
        seeds: 100,
        first: null,
        hours: 1,
        servers: null,
        sized: false,
        keep: null,
        cut: null,
        trace: false,
      },
      json: false,
      workers: availableParallelism(),
      twice: false,
    });
  });

  test("are null when help is asked for", () => {
    expect(readOptions(["--help", "--seeds", "3"])).toBeNull();
  });

  test("take seeds, the first of them, and hours", () => {
    const options = readOptions(
      "--seeds 7 --seed 9 --hours 2.5 --sized --workers 3 --json --twice".split(" "),
    );

    expect(options).toMatchObject({ json: true, workers: 3, twice: true });
    expect(options?.mode).toMatchObject({ seeds: 7, first: 9, hours: 2.5, sized: true });
  });

  test("take the command that replays a shrunk run, with its incidents and its end", () => {
    const args = "--seed 5 --seeds 1 --hours 2 --cut 0.4 --keep 3,7 --trace".split(" ");

    expect(modeOf(...args)).toEqual({
      kind: "seeds",
      seeds: 1,
      first: 5,
      hours: 2,
      servers: null,
      sized: false,
      keep: [3, 7],
      cut: 0.4,
      trace: true,
    });
  });

  test("mean one seed where they ask for something of one seed", () => {
    expect(modeOf("--seed", "5", "--trace")).toMatchObject({ seeds: 1 });
    expect(modeOf("--seed", "5")).toMatchObject({ seeds: 100 });
  });

  test("can leave out every incident", () => {
    expect(modeOf("--seed", "5", "--keep", "none")).toMatchObject({ keep: [] });
  });

  test("take single-fault plans, all or every tenth or one", () => {
    expect(modeOf("--single")).toEqual({ kind: "single", plan: null, stride: 1, offset: 0 });
    expect(modeOf("--single", "--stride", "10", "--offset", "3")).toMatchObject({
      stride: 10,
      offset: 3,
    });
    expect(modeOf("--single", "--plan", "17")).toMatchObject({ plan: 17 });
  });

  test("take planted bugs, and leave the hunt to choose what they do not say", () => {
    expect(modeOf("--planted")).toEqual({ kind: "planted", short: false, only: "" });
    expect(
      modeOf(..."--planted --short --only drain --seeds 9 --seed 3 --hours 2".split(" ")),
    ).toEqual({ kind: "planted", seeds: 9, seed: 3, hours: 2, short: true, only: "drain" });
  });

  test.each([
    ["--frob", "Unknown option"],
    ["--seeds 0", "--seeds must be a number between 1 and"],
    ["--seeds 1.5", "--seeds must be a whole number"],
    ["--seed -1", "--seed"],
    ["--seed 4294967295 --seeds 2", "--seed must be a number between 0 and 4294967294"],
    ["--hours 0", "--hours must be a number between"],
    ["--hours soon", "--hours must be a number between"],
    ["--workers 0", "--workers must be a number between 1 and"],
    ["--seed 1 --keep 3,x", "--keep must be numbers of incidents"],
    ["--seed 1 --keep 3,", "--keep must be numbers of incidents"],
    ["--keep 3", "add its --seed"],
    ["--seed 1 --keep 3 --seeds 2", "--keep is for one seed, not 2"],
    ["--seed 1 --trace --seeds 2", "--trace is for one seed, not 2"],
    ["--seed 1 --hours 1 --cut 2", "--cut must be a number between 0.01 and 1"],
    ["--stride 2", "--stride goes with --single"],
    ["--plan 2", "--plan goes with --single"],
    ["--single --seed 3", "--seed says nothing to --single"],
    ["--single --trace", "--trace says nothing to --single"],
    ["--single --plan 3 --stride 2", "leave out --stride and --offset"],
    ["--planted --single", "--single says nothing to --planted"],
    ["--planted --json", "--json says nothing to --planted"],
    ["--planted --seeds 5000", "--seeds must be a number between 1 and 2000"],
    ["--short", "--short goes with --planted"],
    ["--single --only drain", "--only goes with --planted"],
    ["17", "17"],
  ])("are refused when they make no sense: %s", (line, said) => {
    const read = () => readOptions(line.split(" "));

    expect(read).toThrow(UsageError);
    expect(read).toThrow(said);
  });
});
