/** The oracle: all invariants, told every event, each asked what is wrong. */
import type { SimEvent } from "../event.ts";
import { noLiveDelete } from "./i01-no-live-delete.ts";
import { deleteIsJustified } from "./i02-delete-is-justified.ts";
import { oursOnly } from "./i03-ours-only.ts";
import { maximum } from "./i04-maximum.ts";
import { spendCap } from "./i05-spend-cap.ts";
import { rates } from "./i06-rates.ts";
import { noZombie } from "./i07-no-zombie.ts";
import { namesOnce } from "./i08-names-once.ts";
import { doubtProtects } from "./i09-doubt-protects.ts";
import { blindEyes } from "./i10-blind-eyes.ts";
import { floor } from "./i11-floor.ts";
import { order } from "./i12-order.ts";
import { intentFirst } from "./i13-intent-first.ts";
import { alarm } from "./i14-alarm.ts";
import { targetIsExplained } from "./i15-target-is-explained.ts";
import { noSecret } from "./i16-no-secret.ts";
import { noRightNoChange } from "./i17-no-right-no-change.ts";
import { converges } from "./i18-converges.ts";
import { ownWaiting } from "./i19-own-waiting.ts";
import { readInTurn } from "./i20-read-in-turn.ts";
import { refusals } from "./i21-refusals.ts";
import { arrives } from "./i22-arrives.ts";
import { ownAddress } from "./i24-own-address.ts";
import { memory } from "./i23-memory.ts";
import type { Invariant, Truth } from "./invariant.ts";

export const INVARIANTS: readonly Invariant[] = [
  noLiveDelete,
  deleteIsJustified,
  oursOnly,
  maximum,
  spendCap,
  rates,
  noZombie,
  namesOnce,
  doubtProtects,
  blindEyes,
  floor,
  order,
  intentFirst,
  alarm,
  targetIsExplained,
  noSecret,
  noRightNoChange,
  converges,
  ownWaiting,
  readInTurn,
  refusals,
  arrives,
  memory,
  ownAddress,
];

export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

/** A fresh oracle for one run. It tells the first violation of an event, but every check sees every event. */
export function startOracle(): (event: SimEvent, truth: Truth) => Violation | null {
  const checks = INVARIANTS.map(({ id, start }) => ({ id, check: start() }));
  return (event, truth) => {
    let found: Violation | null = null;
    for (const { id, check } of checks) {
      const detail = check(event, truth);
      if (detail !== null) found ??= { invariant: id, detail };
    }
    return found;
  };
}
