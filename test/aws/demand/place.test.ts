import { expect, test } from "vitest";
import type { Candidate } from "./place.ts";
import { place } from "./place.ts";

const candidates: Candidate[] = [
  { name: "young", readyAtMs: 30, sessions: 2 },
  { name: "old", readyAtMs: 10, sessions: 2 },
  { name: "empty", readyAtMs: 20, sessions: 0 },
];

test("fullest takes the server with the most sessions, and of those the oldest", () => {
  expect(place("fullest", candidates, () => 0.9)?.name).toBe("old");
});

test("emptiest takes the server with the fewest", () => {
  expect(place("emptiest", candidates, () => 0.9)?.name).toBe("empty");
});

test("random takes any, by the number drawn", () => {
  const names = [0, 0.5, 0.99].map((draw) => place("random", candidates, () => draw)?.name);

  expect(names).toEqual(["old", "empty", "young"]);
});

test("the order of the list does not matter", () => {
  const reversed = candidates.toReversed();

  for (const placement of ["fullest", "emptiest", "random"] as const) {
    expect(place(placement, reversed, () => 0.4)).toEqual(place(placement, candidates, () => 0.4));
  }
});

test("of nothing it takes nothing, and still draws one number", () => {
  let drawn = 0;

  for (const placement of ["fullest", "emptiest", "random"] as const) {
    const chosen = place(placement, [], () => {
      drawn += 1;
      return 0;
    });
    expect(chosen).toBeNull();
  }

  expect(drawn).toBe(3);
});
