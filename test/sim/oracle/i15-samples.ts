/**
 * I15: the target that the history holds of a moment is that of the source which ruled then. Unlike a
 * launch, a sample tells of a target that moves nothing. Where what rules counts sessions, it is not judged.
 */
import { isRemoved } from "./expected.ts";
import type { Check } from "./invariant.ts";
import { rulingTexts, sparesBy } from "./ruling.ts";

const PLAIN = /^\d+$/u;

export function sampleTellsTheRuler(): Check {
  return (event, truth) => {
    if (event.kind !== "commit" || event.stage !== "plan" || truth.spec === null) return null;
    const [sample] = truth.sql.rows("SELECT target FROM samples WHERE at = ?", truth.objectNow);
    if (sample === undefined) return null;
    const texts = rulingTexts(truth);
    if (!texts.every((text) => PLAIN.test(text))) return null;
    const expected = isRemoved(truth) ? [0] : texts.map((text) => sparesBy(text, 0, truth));
    return expected.includes(Number(sample["target"]))
      ? null
      : `the target in the history is ${String(sample["target"])}, and what rules says ${texts.join(" or ")}`;
  };
}
