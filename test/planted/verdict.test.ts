/** When a planted bug counts as caught. */
import { expect, test } from "vitest";
import { isAssertion, judgedOf } from "./verdict.ts";

const FILE = "test/a.test.ts";
const passing = { file: FILE, tests: 3, trouble: null, failures: [] };
const broken = { test: "a breaks", isAssertion: false, message: "x is not a function" };
const failed = { test: "a fails", isAssertion: true, message: "expected 1 to be 2" };

test("a bug is caught by a test of which an assertion fails, whatever else breaks", () => {
  expect(judgedOf({ ...passing, failures: [broken, failed] }, passing)).toEqual({
    file: FILE,
    caughtBy: "a fails",
    detail: "expected 1 to be 2",
  });
});

test.each([
  ["every test passes", passing, "its 3 tests pass"],
  ["there is no test", { ...passing, tests: 0 }, "it has no tests"],
  ["a test only breaks", { ...passing, failures: [broken] }, "no assertion of it"],
  [
    "the file does not load",
    { ...passing, trouble: "unexpected token", failures: [failed] },
    "it does not load",
  ],
])("a bug lives where %s", (_, verdict, detail) => {
  const judged = judgedOf(verdict, passing);

  expect(judged.caughtBy).toBeNull();
  expect(judged.detail).toContain(detail);
});

test("a test that fails without the bug, too, has not found it, and another one still may", () => {
  const other = { ...failed, test: "b fails" };

  expect(judgedOf({ ...passing, failures: [failed] }, { ...passing, failures: [failed] })).toEqual({
    file: FILE,
    caughtBy: null,
    detail: "it fails without it, too: a fails",
  });
  const judged = judgedOf(
    { ...passing, failures: [failed, other] },
    { ...passing, failures: [failed] },
  );
  expect(judged.caughtBy).toBe("b fails");
});

test("an assertion is known as one also where a property wraps it, and a mere error is not", () => {
  const assertion = { name: "AssertionError", message: "expected 1 to be 2" };

  expect(isAssertion(assertion)).toBe(true);
  expect(isAssertion({ name: "Error", message: "Property failed", cause: assertion })).toBe(true);
  expect(isAssertion({ name: "TypeError", message: "x is not a function" })).toBe(false);
  expect(isAssertion({ name: "Error", message: "failed", cause: "nothing" })).toBe(false);
});
