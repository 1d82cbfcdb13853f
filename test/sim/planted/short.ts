/** The bugs of a quick check: found within a few seeds, and of many kinds. */
export const SHORT: ReadonlySet<string> = new Set([
  "created-without-our-tags",
  "deleted-as-asked",
  "deletes-without-audit",
  "drain-time-ignored",
  "intent-is-written-with-the-outcome",
  "no-answer-is-zero",
  "no-cap-on-launches-per-tick",
  "only-creates-are-written-down",
  "orphans-are-left-alone",
  "ours-by-the-name",
  "ports-step-is-missing",
  "protected-is-surplus",
  "spend-forgets-the-launching",
  "surplus-counts-launching",
  "tick-numbers-go-back",
]);
