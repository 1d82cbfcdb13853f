/** What the tests of one file say of a planted bug. */
import type { TestModule } from "vitest/node";

export interface FileVerdict {
  /** From the root of the project. */
  readonly file: string;
  readonly tests: number;
  /** Why it could not be loaded, or null. */
  readonly trouble: string | null;
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly test: string;
  /** An assertion failed: the test found the mistake, and did not merely break. */
  readonly isAssertion: boolean;
  readonly message: string;
}

/** As much of an error as a worker hands over. */
interface Thrown {
  readonly name?: string;
  readonly message: string;
  readonly cause?: unknown;
}

/** What became of one bug at one file that holds it. */
export interface Judged {
  readonly file: string;
  /** The test that failed by an assertion; null where the bug lives. */
  readonly caughtBy: string | null;
  readonly detail: string;
}

export function verdictOf(module: TestModule): FileVerdict {
  const tests = [...module.children.allTests()];
  return {
    file: module.relativeModuleId,
    tests: tests.length,
    trouble: module.errors()[0]?.message ?? null,
    failures: tests.flatMap((test) =>
      (test.result().errors ?? []).map((error) => ({
        test: test.fullName,
        isAssertion: isAssertion(error),
        message: error.message,
      })),
    ),
  };
}

/**
 * A file that does not load, or a test that only breaks, has not found anything. Nor has a test of which an
 * assertion fails without the bug, too; one that is merely late without it has still found the bug.
 */
export function judgedOf(planted: FileVerdict, without: FileVerdict | null): Judged {
  const { file, tests, trouble, failures } = planted;
  const lives = (detail: string): Judged => ({ file, caughtBy: null, detail });
  if (trouble !== null) return lives(`it does not load: ${trouble}`);
  if (tests === 0) return lives("it has no tests");
  if (failures.length === 0) return lives(`its ${tests} tests pass`);
  const asserted = failures.filter(isOfAssertion);
  if (asserted.length === 0)
    return lives(`it fails, and no assertion of it: ${failures[0]?.message ?? ""}`);
  const broken = new Set(without?.failures.filter(isOfAssertion).map(({ test }) => test));
  const found = asserted.find(({ test }) => !broken.has(test));
  if (found === undefined || (without?.trouble ?? null) !== null)
    return lives(`it fails without it, too: ${asserted[0]?.test ?? ""}`);
  return { file, caughtBy: found.test, detail: found.message };
}

function isOfAssertion({ isAssertion }: Failure): boolean {
  return isAssertion;
}

/** Also where another error wraps it, as that of a property does. */
export function isAssertion({ name, cause }: Thrown): boolean {
  return name === "AssertionError" || (isThrown(cause) && isAssertion(cause));
}

function isThrown(value: unknown): value is Thrown {
  return typeof value === "object" && value !== null && "message" in value;
}
