import { describe, expect, it } from "vitest";
import { Memo } from "../../durable/memo.ts";

const NOW = Date.UTC(2026, 10, 22, 10);

/** Counts how often it was made. */
function counting() {
  const memo = new Memo<number>(1_000);
  let made = 0;
  return (of: readonly unknown[], now: number) => memo.get(of, now, () => (made += 1));
}

describe("what is remembered", () => {
  it("is not made again within its time", () => {
    const get = counting();

    expect([get([1], NOW), get([1], NOW), get([1], NOW + 999)]).toEqual([1, 1, 1]);
  });

  it("is made again when its time is over", () => {
    const get = counting();

    expect([get([1], NOW), get([1], NOW + 1_000), get([1], NOW + 1_999)]).toEqual([1, 2, 2]);
  });

  it("is made again when one of the things is another, though it looks the same", () => {
    const get = counting();
    const live = { spares: 3 };

    expect([get([live, 1], NOW), get([{ ...live }, 1], NOW), get([live], NOW)]).toEqual([1, 2, 3]);
  });

  it("is made again after the clock was set back", () => {
    const get = counting();

    expect([get([1], NOW), get([1], NOW - 1)]).toEqual([1, 2]);
  });
});
