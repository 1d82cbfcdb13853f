/** What the doctor found, as people and programs are told it. */

/** `skipped` is what did not apply, or cannot be known without changing something. */
export type CheckStatus = "ok" | "warn" | "fail" | "skipped";

export interface Check {
  /** Of a right, its name in a policy, such as `lightsail:CreateInstances`; else a word such as `image`. */
  readonly name: string;
  readonly status: CheckStatus;
  /** In plain words. */
  readonly what: string;
  /** What to do next; null where nothing is to be done. */
  readonly fix: string | null;
}

export interface DoctorReport {
  readonly fleet: string;
  readonly region: string;
  readonly checkedAt: string;
  readonly durationMs: number;
  /** The worst of the checks; `ok` where nothing is wrong, though something may be skipped. */
  readonly verdict: "ok" | "warn" | "fail";
  /** The verdict in a sentence. */
  readonly summary: string;
  readonly checks: readonly Check[];
}

export function ok(name: string, what: string): Check {
  return { name, status: "ok", what, fix: null };
}

export function warn(name: string, what: string, fix: string | null): Check {
  return { name, status: "warn", what, fix };
}

export function fail(name: string, what: string, fix: string): Check {
  return { name, status: "fail", what, fix };
}

export function skipped(name: string, what: string, fix: string | null = null): Check {
  return { name, status: "skipped", what, fix };
}

export function verdictOf(checks: readonly Check[]): DoctorReport["verdict"] {
  if (checks.some(({ status }) => status === "fail")) return "fail";
  return checks.some(({ status }) => status === "warn") ? "warn" : "ok";
}

export function summaryOf(checks: readonly Check[]): string {
  const names = (wanted: CheckStatus): string =>
    checks
      .filter(({ status }) => status === wanted)
      .map(({ name }) => name)
      .join(", ");
  const [failed, warned, left] = [names("fail"), names("warn"), names("skipped")];
  const parts = [
    failed === "" ? "" : `To be put right: ${failed}.`,
    warned === "" ? "" : `To be looked at: ${warned}.`,
    failed === "" && warned === "" ? "Nothing is wrong." : "",
    left === "" ? "" : `Not checked: ${left}.`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}
