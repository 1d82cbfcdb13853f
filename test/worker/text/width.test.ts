import { describe, expect, it } from "vitest";
import { clip, cleaned, fit, widthOf, wrap } from "../../../worker/text/width.ts";

describe("the width of a text", () => {
  it.each([
    ["media", 5],
    ["여유", 4],
    ["여유".normalize("NFD"), 4],
    ["日本語", 6],
    ["ｆｕｌｌ", 8],
    ["é", 1],
    ["e\u0301", 1],
    ["🎉", 2],
    ["", 0],
  ])("of %s is %i columns", (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });
});

describe("a text that is too wide", () => {
  it("is cut so that it fits, and says so", () => {
    expect(fit("media-ab12-15", 10)).toBe("media-a...");
    expect(fit("여유_서버_목표치", 10)).toBe("여유_서...");
    expect(widthOf(fit("여유_서버_목표치", 10))).toBeLessThanOrEqual(10);
  });

  it("is not cut where it just fits", () => {
    expect(fit("media-ab12", 10)).toBe("media-ab12");
  });

  it("is wrapped between words, and only a word that is too wide is broken", () => {
    expect(wrap("raise limits.maxInstances now", 12)).toEqual([
      "raise",
      "limits.maxIn",
      "stances now",
    ]);
    expect(wrap("one two", 7)).toEqual(["one two"]);
    expect(wrap("", 7)).toEqual([]);
  });

  it("keeps so many lines, and says at the end of the last that there are more", () => {
    expect(clip(["one", "two", "three"], 2, 7)).toEqual(["one", "two ..."]);
    expect(clip(["one", "twotwo7", "three"], 2, 7)).toEqual(["one", "twot..."]);
    expect(clip(["one", "two"], 2, 7)).toEqual(["one", "two"]);
    expect(clip(["one"], 0, 7)).toEqual([]);
  });
});

describe("what is cleaned", () => {
  it("is one line without signs that steer a terminal", () => {
    expect(cleaned("a\r\nb\tc\u001b[31md\u0000")).toBe("a b c [31md");
    expect(cleaned("\u202eabc\u200b")).toBe("abc");
    expect(cleaned("  a   b  ")).toBe("a b");
  });

  it("keeps letters of every script", () => {
    expect(cleaned("여유_서버_목표치 é 日本")).toBe("여유_서버_목표치 é 日本");
  });
});
