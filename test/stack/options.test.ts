import { describe, expect, test } from "vitest";
import { UsageError } from "../aws/command-line.ts";
import { readOptions } from "./options.ts";

const read = (line: string) => readOptions(line.split(" ").filter(Boolean));

describe("the command line of npm start", () => {
  test("asks for ten spares and a generous AWS if it says nothing", () => {
    expect(read("")).toMatchObject({ target: 10, capacity: 1, throttle: null, speed: 10 });
  });

  test.each([
    ["--target 300 --speed 1", { target: 300, speed: 1, throttle: null }],
    ["--target 0", { target: 0 }],
    ["--target 800", { target: 800 }],
    ["--target 1600 --capacity 2", { target: 1_600, capacity: 2 }],
    [
      "--target 60 --throttle 5,0.5",
      { target: 60, throttle: { capacity: 5, refillPerSecond: 0.5, refusedCost: 0 } },
    ],
  ])("takes `%s`", (line, options) => {
    expect(read(line)).toMatchObject(options);
  });

  test.each([
    ["--target 801", "--target must be a number between 0 and 800"],
    ["--target 1601 --capacity 2", "--target must be a number between 0 and 1600"],
    ["--target 2.5", "--target must be a whole number"],
    ["--target many", '--target must be a number between 0 and 800, not "many"'],
    ["--throttle 5", "--throttle must be BURST,RATE"],
    ["--throttle 5,0", "--throttle's rate must be a number between 0.01"],
    ["--throttle ,1", "--throttle's burst must be a number between 1"],
  ])("says of `%s` what must change", (line, problem) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(problem);
  });
});
