/**
 * I15: each schedule boundary is applied exactly once, at the right local time. Schedules are not built
 * and the parser refuses them. What can be judged today is that the target on which the fleet launches
 * is the value of one of its sources, and of nothing else: of the texts that there ever were, within
 * the spec's bounds. A share of the sessions may add anything.
 */
import { parseExpression } from "../../../durable/rules/expression.ts";
import { answerTellsTheRuler, rulingSourceRules, tagIsWhatWasRead } from "./i15-ruling-source.ts";
import type { Check, Invariant, Truth } from "./invariant.ts";
import { newestEventData } from "./rows.ts";
import { several } from "./several.ts";

export const targetIsExplained: Invariant = {
  id: "I15",
  says: "the target is the value of one of its sources",
  start: several(explained, rulingSourceRules, tagIsWhatWasRead, answerTellsTheRuler),
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
    const parsed = parseExpression(text);
    if (!parsed.ok || parsed.expression.kind === "total") return false;
    const { spares, percent } = parsed.expression;
    return percent > 0 ? target >= bounded(spares) && target <= max : target === bounded(spares);
  });
}
