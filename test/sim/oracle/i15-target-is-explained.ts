/**
 * I15: each schedule boundary is applied exactly once, at the right local time, and the target on which
 * the fleet launches is the value of one of its sources, and of nothing else: of the texts that there ever
 * were, within the spec's bounds. A share of the sessions may add anything, and a total takes sessions off.
 * Which boundary, which source, what goes into the tag and what is launched for early is judged apart.
 */
import { parseExpression } from "../../../durable/rules/expression.ts";
import { boundariesAreAppliedInTime, boundariesAreAppliedOnce } from "./i15-boundaries.ts";
import { earlyIsComing } from "./i15-coming.ts";
import { launchesBeginEarly } from "./i15-launches-begin-early.ts";
import { answerTellsTheRuler, rulingSourceRules, tagIsWhatWasRead } from "./i15-ruling-source.ts";
import { sampleTellsTheRuler } from "./i15-samples.ts";
import { tagWritesAreDue } from "./i15-tag-writes.ts";
import type { Check, Invariant, Truth } from "./invariant.ts";
import { newestEventData } from "./rows.ts";
import { several } from "./several.ts";

export const targetIsExplained: Invariant = {
  id: "I15",
  says: "each boundary is applied once, and the target is the value of one of its sources",
  start: several(
    explained,
    rulingSourceRules,
    tagIsWhatWasRead,
    answerTellsTheRuler,
    sampleTellsTheRuler,
    boundariesAreAppliedOnce,
    boundariesAreAppliedInTime,
    tagWritesAreDue,
    earlyIsComing,
    launchesBeginEarly,
  ),
};

function explained(): Check {
  return (event, truth) => {
    if (event.kind !== "commit" || truth.spec === null) return null;
    if (!event.moves.some(({ from, to }) => from === null && to === "planned")) return null;
    const { target } = newestEventData(truth, "launch");
    if (typeof target !== "number") return "a launch has no target in its audit row";
    return isExplained(target, truth) ? null : `no source has the target ${target}`;
  };
}

function isExplained(target: number, { spec, targetTexts }: Truth): boolean {
  if (spec === null) return true;
  const { min, max } = spec.spares;
  const bounded = (spares: number): number => Math.min(max, Math.max(min, spares));
  return [...targetTexts].some((text) => {
    const parsed = parseExpression(text, { total: true });
    if (!parsed.ok) return false;
    if (parsed.expression.kind === "total") return target <= bounded(parsed.expression.total);
    const { spares, percent } = parsed.expression;
    return percent > 0 ? target >= bounded(spares) && target <= max : target === bounded(spares);
  });
}
