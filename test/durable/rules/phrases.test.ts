import { describe, expect, it } from "vitest";
import { dollars, lasted, many, sentence } from "../../../durable/rules/phrases.ts";
import { MINUTE_MS, SECOND_MS } from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;

describe("numbers for people", () => {
  it.each([
    [-5, "0 seconds"],
    [999, "0 seconds"],
    [SECOND_MS, "1 second"],
    [2 * MINUTE_MS - 1, "119 seconds"],
    [2 * MINUTE_MS, "2 minutes"],
    [2 * HOUR_MS - 1, "119 minutes"],
    [2 * HOUR_MS, "2 hours"],
    [48 * HOUR_MS - 1, "47 hours"],
    [48 * HOUR_MS, "2 days"],
  ])("%d ms are %s", (ms, words) => expect(lasted(ms)).toBe(words));

  it.each([
    [0, "$0.00"],
    [9.994, "$9.99"],
    [10, "$10"],
    [999.6, "$1,000"],
    [1_234_567, "$1,234,567"],
  ])("%d is %s", (usd, words) => expect(dollars(usd)).toBe(words));

  it("one is not many", () => {
    expect([many(0, "server"), many(1, "server"), many(2, "server")]).toEqual([
      "0 servers",
      "1 server",
      "2 servers",
    ]);
  });

  it("a sentence has one end", () => {
    expect(["a", "a.", "a…", "a?"].map((text) => sentence(text))).toEqual(["a.", "a.", "a…", "a?"]);
  });
});
