/** Mistakes in what a listing says, and in whose the listed instances are. */
import type { PlantedBug } from "../bug.ts";

const LISTING = "durable/rules/absorb-listing.ts";
const LIMITS = "durable/rules/limits.ts";
const OBSERVE = "worker/observe.ts";

export const LISTINGS: readonly PlantedBug[] = [
  {
    name: "partial-listing-is-complete",
    what: "a listing whose next page failed counts as complete",
    incident: "Google Diskerase: the empty set meant all",
    invariants: ["I7", "I9", "I10"],
    file: OBSERVE,
    find: 'if (result.kind !== "done") return partial(toHole(result), token);',
    replace: 'if (result.kind !== "done") return { kind: "complete", ...seen() };',
  },
  {
    name: "first-page-only",
    what: "the token of the next page is ignored",
    incident: null,
    invariants: ["I4", "I7", "I9", "I10", "I18"],
    file: OBSERVE,
    find: "if (nextPageToken === null) return",
    replace: "if (nextPageToken === null || pages === 1) return",
  },
  {
    name: "empty-means-all-gone",
    what: "an empty listing takes every server out of the fleet at once",
    incident: "Google Diskerase: the empty set meant all",
    invariants: ["I4", "I7", "I9", "I10"],
    file: LISTING,
    find: "if (there.size > 0) return false;",
    replace: "if (there.size >= 0) return false;",
    more: [
      {
        file: LISTING,
        find: 'if (occupancyOf(state, row) !== "unknown") return null;',
        replace: "",
      },
      {
        file: LISTING,
        find: "if (startedAt - since < apartMs) return [null, null];",
        replace: "if (startedAt - since < 0) return [null, null];",
      },
    ],
  },
  {
    name: "absent-once-is-gone",
    what: "one listing that lacks an instance is enough to call it gone or lost",
    incident: null,
    invariants: ["I4", "I7", "I9", "I10", "I12"],
    file: LISTING,
    find: "if (startedAt <= since) return [null, null];",
    replace: "",
    more: [
      {
        file: LISTING,
        find: "if (startedAt - since < apartMs) return [null, null];",
        replace: "if (startedAt - since < 0) return [null, null];",
      },
    ],
  },
  {
    name: "young-rows-are-missed",
    what: "listings lag, and a server that was just made is called lost",
    incident: null,
    invariants: ["I4", "I7", "I9", "I10"],
    file: LIMITS,
    find: "export const ABSENT_MIN_AGE_MS = 120_000;",
    replace: "export const ABSENT_MIN_AGE_MS = 0;",
  },
  {
    name: "lost-is-forgotten-at-once",
    what: "a lost instance leaves the ledger at once, though it may come back and be billed",
    incident: null,
    invariants: ["I4", "I7", "I9"],
    file: LIMITS,
    find: "export const LOST_FOR_MS = 600_000;",
    replace: "export const LOST_FOR_MS = 0;",
  },
  {
    name: "lost-stays-lost",
    what: "a lost instance that is listed again is not taken back",
    incident: "karpenter-hetzner 53: died between create and record, billed for ever",
    invariants: ["I7", "I18"],
    file: LISTING,
    find: 'if (row === undefined || row.phase === "lost") told.push(adopt(state, instance, row));',
    replace: "if (row === undefined) told.push(adopt(state, instance, row));",
  },
  {
    name: "orphans-are-left-alone",
    what: "an instance with our tags and without a row is nobody's business",
    incident: "karpenter-hetzner 53: died between create and record, billed for ever",
    invariants: ["I4", "I7", "I18"],
    file: LISTING,
    find: 'if (row === undefined || row.phase === "lost") told.push(adopt(state, instance, row));',
    replace:
      'if (row === undefined) continue;\n    if (row.phase === "lost") told.push(adopt(state, instance, row));',
  },
  {
    name: "orphans-are-deleted",
    what: "an instance with our tags and without a row is deleted, whatever is on it",
    incident: "github-runner 3802: what had no match was taken for an orphan, and killed",
    invariants: ["I1", "I2", "I6", "I9"],
    file: "durable/rules/adopt.ts",
    find: '    phase: "ready",\n',
    replace: '    phase: "deleting",\n    step: "delete",\n',
  },
  {
    name: "ours-by-the-name",
    what: "whatever has the fleet's name in front is the fleet's",
    incident: "Karpenter 2734: a reused name led to the wrong server",
    invariants: ["I2", "I3"],
    file: OBSERVE,
    find: "filter((instance) => instance.owner === watch.owner);",
    replace: "filter((instance) => instance.name.startsWith(`${watch.fleet}-`));",
  },
  {
    name: "a-strangers-server-is-ours",
    what: "somebody else's instance under a name that we chose is taken over",
    incident: "Karpenter 2734: a reused name led to the wrong server",
    invariants: ["I3", "I2", "I8"],
    file: "durable/rules/absorb.ts",
    find: 'if (lookUp.kind === "found" && lookUp.instance.owner === state.identity.owner)',
    replace: 'if (lookUp.kind === "found")',
  },
  {
    name: "a-strangers-name-is-waited-for",
    what: "a name that belongs to somebody else is not given up",
    incident: null,
    invariants: ["I18"],
    file: "durable/rules/absorb.ts",
    find: 'rows: [transition(row, "gone", state.now, { goneAt: state.now })],',
    replace: "rows: [],",
  },
];
