import { expect, it } from "vitest";
import { visible } from "../../../worker/dashboard/browser/dom.js";

it.each([
  [
    "a mark that turns the direction of writing",
    "pay \u202Eesrever\u202C",
    "pay \\u202Eesrever\\u202C",
  ],
  ["isolates and joiners", "a\u2066b\u2069\u200Dc\u200B", "a\\u2066b\\u2069\\u200Dc\\u200B"],
  ["controls", "a\u0007b\u001B[2J", "a\\u0007b\\u001B[2J"],
  ["letters of a tag that nobody sees", "x\u{E0041}", "x\\uE0041"],
])("%s is shown as an escape", (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
});

it("letters of all kinds, spaces and line breaks are shown as they are", () => {
  const text = "여유_서버 ünïcode – 12\u00A0%\tof\n*all*";

  expect(visible(text)).toBe(text);
});
