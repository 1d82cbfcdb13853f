/**
 * I5: committed month's spend never exceeds the cap. There is no cap yet: `limits.maxMonthlyUsd` is
 * not built, and all that can be promised is that nobody is made to believe in one. So this checks
 * once that a spec with such a limit is refused, and nothing about money.
 */
import { parseSpec } from "../../../worker/api/spec.ts";
import type { Invariant } from "./invariant.ts";

const CAPPED = {
  region: "ap-northeast-2",
  image: { blueprint: "ubuntu_22_04" },
  bundle: "medium_3_0",
  health: { kind: "http", port: 8080, path: "/health", sessionsPointer: "/sessions" },
  limits: { maxInstances: 10, maxMonthlyUsd: 100 },
};

/** Whether the parser refuses a spec because of its spend cap. */
export function refusesSpendCap(parse: typeof parseSpec): boolean {
  const { maxInstances } = CAPPED.limits;
  const uncapped = { ...CAPPED, limits: { maxInstances } };
  return parse(uncapped).ok && !parse(CAPPED).ok;
}

export const spendCap: Invariant = {
  id: "I5",
  says: "a spend cap is refused as long as none is kept",
  start: () => {
    let isChecked = false;
    return (event) => {
      if (isChecked || event.kind !== "commit") return null;
      isChecked = true;
      return refusesSpendCap(parseSpec) ? null : "a spec with limits.maxMonthlyUsd is taken";
    };
  },
};
