import { describe, expect, test } from "vitest";
import { type Judged, type Outcome, textOf, type Verdict } from "./report.ts";

function judged(path: string, line: number, verdict: Verdict): Judged {
  const mutant = {
    id: `${path}${line}`,
    path,
    line,
    mutator: "",
    before: "a < b",
    after: "a <= b",
  };
  return { mutant, verdict };
}

const OUTCOME: Outcome = {
  what: "Mutating worker.",
  seed: 7,
  found: 40,
  drawn: 5,
  judged: [
    judged("b.ts", 9, { kind: "survived", tests: 3 }),
    judged("a.ts", 4, { kind: "hung" }),
    judged("b.ts", 2, { kind: "unreached" }),
    judged("a.ts", 3, { kind: "killed", killer: "a test" }),
  ],
  ms: 12_345,
  broken: [],
  slow: [],
  unasked: [],
};

describe("the report", () => {
  test("names each survivor by file, line and change, in their order", () => {
    expect(textOf(OUTCOME)).toContain(
      [
        "b.ts:2  a < b => a <= b  (no test reached it)",
        "b.ts:9  a < b => a <= b  (3 tests passed)",
      ].join("\n"),
    );
  });

  test("has a row for each file and one for all, in which what hangs counts as noticed", () => {
    expect(textOf(OUTCOME).split("\n").slice(0, 4)).toEqual([
      "file  mutants  killed  survived  unreached    score",
      "a.ts        2       2         0          0  100.0 %",
      "b.ts        2       0         1          1    0.0 %",
      "all         4       2         1          1   50.0 %",
    ]);
  });

  test("says how large the sample was, with which seed, and what was not reached in time", () => {
    const text = textOf(OUTCOME);

    expect(text).toContain("1 of 5 mutants were not reached");
    expect(text).toContain(
      "2 of 4 mutants (a sample of 40) were noticed, 50.0 %, in 12 s with seed 7.",
    );
  });

  test("says which tests judged nothing, and why", () => {
    const text = textOf({
      ...OUTCOME,
      broken: ["t.test.ts: x"],
      slow: ["s.test.ts"],
      unasked: ["u.test.ts"],
    });

    expect(text).toContain("Fails without any change, and judged nothing: t.test.ts: x");
    expect(text).toContain("Too slow to judge, and left out: s.test.ts.");
    expect(text).toContain("There was no time for 1 test files");
  });

  test("says so if nothing survived, and gives no score if nothing was judged", () => {
    const killed = judged("a.ts", 3, { kind: "killed", killer: "a test" });

    expect(textOf({ ...OUTCOME, judged: [killed], found: 1, drawn: 1 })).toMatch(
      /No mutant survived\.\n1 of 1 mutants were noticed, 100\.0 %/u,
    );
    expect(textOf({ ...OUTCOME, judged: [], found: 0, drawn: 0 })).toBe(
      "0 of 0 mutants were noticed, in 12 s with seed 7.",
    );
  });
});
