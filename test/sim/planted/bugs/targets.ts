/** Mistakes in how many spares are wanted. */
import type { PlantedBug } from "../bug.ts";

const TARGET = "durable/rules/target.ts";
const ABSORB = "durable/rules/absorb-tag.ts";

export const TARGETS: readonly PlantedBug[] = [
  {
    name: "override-never-ends",
    what: "an override rules beyond its end",
    incident: null,
    invariants: ["I15", "I18"],
    file: TARGET,
    find: "overrides.filter(({ from, until }) => from <= at && at < until)",
    replace: "overrides.filter(({ from }) => from <= at)",
  },
  {
    name: "first-override-wins",
    what: "of several overrides the oldest rules",
    incident: null,
    invariants: ["I18"],
    file: TARGET,
    find: "(last === null || next.from >= last.from ? next : last)",
    replace: "(last === null || next.from < last.from ? next : last)",
  },
  {
    name: "override-lives-in-memory",
    what: "an override is over as soon as the object starts anew",
    incident: null,
    invariants: ["I13", "I18"],
    file: "durable/ledger/ledger.ts",
    find: "if (before.overrides !== after.overrides) writeOverrides(sql, after.overrides);",
    replace: "",
  },
  {
    name: "garbled-tag-is-no-tag",
    what: "a tag that does not parse gives up the last good value",
    incident: null,
    invariants: ["I11", "I15", "I18"],
    file: ABSORB,
    find: "return told(state, before.value, said,",
    replace: "return told(state, null, said,",
  },
  {
    name: "garbled-tag-is-zero",
    what: "a tag that holds no number means no spares at all",
    incident: "UniSuper 2024: a parameter left blank meant delete",
    invariants: ["I11", "I15", "I18"],
    file: ABSORB,
    find: "const said = reading.value;",
    replace: 'const said = /^\\d/u.test(reading.value.trim()) ? reading.value : "0";',
  },
  {
    name: "unread-tag-is-no-tag",
    what: "a tag that could not be read counts as a tag that is not there",
    incident: null,
    invariants: ["I11", "I15", "I18"],
    file: "worker/observe.ts",
    find: 'if (result.kind !== "done") return { kind: "hole", hole: toHole(result) };\n\n    const { value } = result.value;',
    replace:
      'if (result.kind !== "done") return { kind: "missing", at };\n\n    const { value } = result.value;',
  },
  {
    name: "missing-tag-rules-on",
    what: "a tag that was taken away goes on ruling",
    incident: null,
    invariants: ["I15", "I18"],
    file: ABSORB,
    find: 'return told(state, null, null, "the tag has no value any more; the next source rules");',
    replace: "return NO_MOVES;",
  },
  {
    name: "floor-is-ignored",
    what: "spares.min does not hold",
    incident: "S3 2017: one command removed too much at once",
    invariants: ["I11", "I15", "I18"],
    file: TARGET,
    find: "Math.min(spec.spares.max, Math.max(spec.spares.min, spares))",
    replace: "Math.min(spec.spares.max, spares)",
  },
  {
    name: "ceiling-is-ignored",
    what: "spares.max does not hold",
    incident: null,
    invariants: ["I15", "I18"],
    file: TARGET,
    find: "Math.min(spec.spares.max, Math.max(spec.spares.min, spares))",
    replace: "Math.max(spec.spares.min, spares)",
  },
  {
    name: "removal-is-not-called-off",
    what: "a new spec does not call off the removal of its fleet",
    incident: null,
    invariants: ["I18"],
    file: "durable/operate.ts",
    find: "    removing: null,\n    ...hashesOf(spec, retiredTags),",
    replace: "    ...hashesOf(spec, retiredTags),",
  },
];
