import { describe, expect, it } from "vitest";
import {
  dollars,
  fromNow,
  lasting,
  many,
  shortName,
} from "../../../worker/dashboard/browser/format.js";

describe("words for numbers", () => {
  it.each([
    [-5, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [49 * 3_600_000, "2 d 1 h"],
  ])("%i ms last %s", (ms, words) => {
    expect(lasting(ms)).toBe(words);
  });

  it("tell what was from what will be", () => {
    expect(fromNow(1_000, 61_000)).toBe("1 min ago");
    expect(fromNow(61_000, 1_000)).toBe("in 1 min");
  });

  it.each([
    [0.421, "$0.42"],
    [1_204.4, "$1,204"],
    [null, "unknown"],
  ])("%s dollars are %s", (usd, words) => {
    expect(dollars(usd)).toBe(words);
  });

  it("count", () => {
    expect([many(1, "server"), many(0, "server")]).toEqual(["1 server", "0 servers"]);
  });

  it("shorten only the names that begin with the fleet's", () => {
    expect(shortName("media-1", "media")).toBe("1");
    expect(shortName("mediation-1", "media")).toBe("mediation-1");
  });
});
