/** What the oracle's further checks complain of, each with a legal twin. */
import { expect, test } from "vitest";
import type { SimEvent } from "../event.ts";
import {
  aCall,
  aCommit,
  aDelete,
  aHeld,
  aProbe,
  at,
  judged,
  type Step,
  type TruthOverrides,
  truthOf,
} from "./builders.ts";
import type { Truth } from "./invariant.ts";
import { INVARIANTS } from "./oracle.ts";

const NAME = "media-k3-1";
const PLAIN = truthOf();
const TAG = { resource: "key-1", key: "spares" };

const alarm = (what: "set" | "fired" | "finished" | "deleted"): SimEvent => ({
  kind: "alarm",
  what,
  at: null,
});
const fault = (name: string): SimEvent => ({ kind: "fault", fault: name });
const gone = (from: "deleting" | "planned" | "lost"): SimEvent =>
  aCommit([{ name: NAME, from, to: "gone" }]);
const asked = (method: string, verb: string, body: unknown = null): SimEvent => ({
  kind: "request",
  method,
  path: `/v1/fleets/media/${verb}`,
  role: "operator",
  body,
  status: 200,
  changed: true,
});
const READ = aCall("DescribeTags", [], { hadEffect: false });
const WROTE = aCommit([]);
const LOST = aCommit([{ name: NAME, from: "ready", to: "lost" }]);
const BORN = aCommit([{ name: NAME, from: null, to: "planned" }]);
const HELD = truthOf({ held: [aHeld()] });
const ENDING = truthOf({ held: [aHeld(NAME, { state: "shutting-down" })] });
const LEAVING = truthOf({ rows: [{ phase: "deleting" }] });
const FORGOTTEN: Truth = { ...PLAIN, spec: null };

/** A truth whose ledger was changed by hand. */
function written(overrides: TruthOverrides, ...statements: readonly string[]): Truth {
  const truth = truthOf(overrides);
  for (const statement of statements) truth.sql.rows(statement);
  return truth;
}

const WORK = { what: ["launch"], reason: "work" };
const FAIR = { spares: "3", reason: "fair" };

/** @param lastsMs null for a pause without an end */
function pausedFor(reason: string, lastsMs: number | null = null): Truth {
  const end = lastsMs ?? "NULL";
  return written({}, `INSERT INTO pauses VALUES ('launch', 0, ${end}, '${reason}', 'olga')`);
}

function untilIso(untilMs: number): string {
  return new Date(PLAIN.now + untilMs).toISOString();
}

function overridden(expression: string, untilMs = 60_000): Truth {
  const { now } = PLAIN;
  return written(
    {},
    `INSERT INTO overrides VALUES ('a', '${expression}', ${now - 1}, ${now + untilMs}, 'fair', 'olga')`,
  );
}

/** A fleet whose ledger holds this of the tag, and whose newest launch had this target. */
function launchedFor(target: number, held: string | null, overrides: TruthOverrides = {}): Truth {
  const tagValue = held === null ? "NULL" : `'${held}'`;
  return written(
    {
      spec: { spares: { default: "5", min: 1, max: 8, tag: TAG } },
      targetTexts: ["5", "3", "0"],
      events: [{ kind: "launch", data: { target, names: [NAME], sessions: 0, expected: 0 } }],
      ...overrides,
    },
    `INSERT INTO fleet VALUES (1, 'media', 'default/media', 'k3', 0, '{}', 1, NULL, 1, 2, 1, 0, 0, ${tagValue}, NULL, '[]', 1)`,
  );
}

/** Two servers that were heard once, and are silent since; one row more launches. */
function blind(target: number): Step[] {
  const truth = truthOf({
    rows: [{}, { name: "media-k3-2" }, { name: "media-k3-3", phase: "planned" }],
    events: [{ kind: "launch", data: { target, surge: 0, names: ["media-k3-3"] } }],
  });
  return [[aCommit([{ name: "media-k3-3", from: null, to: "planned" }]), truth]];
}

function rings(count: number, everyMs: number, truth: Truth = PLAIN): Step[] {
  return Array.from({ length: count }, (_, index): readonly Step[] => {
    const then = at((index * everyMs) / 1000, truth);
    return [
      [alarm("fired"), then],
      [alarm("set"), then],
      [alarm("finished"), then],
    ];
  }).flat();
}

/** A server that is old enough, and is not listed from that second on. */
function missed(seconds: number): Step[] {
  const adopted = aCommit([{ name: NAME, from: null, to: "ready" }]);
  return [
    [adopted, at(-900, PLAIN)],
    [aCall("GetInstances", [], { hadEffect: false }), at(seconds, PLAIN)],
  ];
}

function answering(...said: readonly (number | null)[]): Step[] {
  const truth = truthOf({ rows: [{ phase: "lost" }] });
  const probes = said.map((each, index): Step => [aProbe(index * 4, each), at(index * 4, truth)]);
  return [...missed(-70), ...probes, [LOST, at(9, truth)]];
}

/** Deleted, and then so many listings without it. */
function missing(listings: number): Step[] {
  const listed = aCall("GetInstances", [], { hadEffect: false });
  const lacked = Array.from({ length: listings }, (): Step => [listed, PLAIN]);
  const emptied = truthOf({ rows: [{ phase: "deleting" }], forced: [NAME] });
  const deleting = aCommit([{ name: NAME, from: "draining", to: "deleting" }]);
  return [[deleting, emptied], [listed, HELD], ...lacked, [gone("deleting"), PLAIN]];
}

function refused(times: number): Step[] {
  const outcome = "UnrecognizedClientException";
  const listed = aCall("GetInstances", [], { hadEffect: false, outcome });
  const looks = Array.from({ length: times }, (): Step => [listed, PLAIN]);
  return [...looks, [aCommit([], [aDelete(1)]), PLAIN]];
}

function told(expression: string): Step[] {
  const truth = overridden("3");
  return [
    [{ kind: "text", text: JSON.stringify({ expression }) }, truth],
    [asked("PUT", "target", { spares: "3", reason: "fair" }), truth],
  ];
}

interface Case {
  readonly id: string;
  readonly what: string;
  readonly steps: readonly Step[];
}

const VIOLATIONS: readonly Case[] = [
  {
    id: "I7",
    what: "a planned row is given up, and AWS made it",
    steps: [[gone("planned"), HELD]],
  },
  {
    id: "I7",
    what: "a deleted one is gone while AWS ends it",
    steps: [[gone("deleting"), ENDING]],
  },
  {
    id: "I7",
    what: "the fleet is forgotten while it deletes",
    steps: [
      [alarm("deleted"), LEAVING],
      [alarm("finished"), FORGOTTEN],
    ],
  },
  { id: "I9", what: "a server that answers is called lost", steps: answering(0, 1, 0) },
  {
    id: "I9",
    what: "a young row is called lost",
    steps: [
      [BORN, truthOf({ events: [{ kind: "launch", data: { names: [NAME], target: 1 } }] })],
      [LOST, at(119, PLAIN)],
    ],
  },
  {
    id: "I9",
    what: "what was lost is given up at once",
    steps: [...missed(-70), [LOST, PLAIN], [gone("lost"), at(599, PLAIN)]],
  },
  { id: "I9", what: "one listing is enough to be gone", steps: missing(1) },
  { id: "I10", what: "silent servers are replaced while blind", steps: blind(2) },
  {
    id: "I10",
    what: "what launches already is not counted",
    steps: [
      [
        BORN,
        truthOf({
          rows: [{ phase: "planned" }, { name: "media-k3-2", phase: "starting" }],
          events: [{ kind: "launch", data: { target: 1, surge: 0, names: [NAME] } }],
        }),
      ],
    ],
  },
  { id: "I10", what: "a command is given with a refused key", steps: refused(2) },
  {
    id: "I12",
    what: "a newer ledger is written to",
    steps: [
      [fault("newerSchema"), PLAIN],
      [WROTE, written({}, "INSERT INTO schema_versions VALUES (99, 0)")],
    ],
  },
  {
    id: "I13",
    what: "a pause of so many seconds lasts as many milliseconds",
    steps: [[asked("POST", "pause", { ...WORK, expiresInSeconds: 600 }), pausedFor("work", 600)]],
  },
  {
    id: "I13",
    what: "a pause without an end has one",
    steps: [[asked("POST", "pause", WORK), pausedFor("work", 600_000)]],
  },
  {
    id: "I13",
    what: "an override ends at another moment than was asked for",
    steps: [[asked("PUT", "target", { ...FAIR, until: untilIso(60_001) }), overridden("3")]],
  },
  { id: "I13", what: "a pause is not in the ledger", steps: [[asked("POST", "pause"), PLAIN]] },
  {
    id: "I13",
    what: "an override is not in the ledger",
    steps: [[asked("PUT", "target", { spares: "3", reason: "fair" }), PLAIN]],
  },
  {
    id: "I13",
    what: "an override rules on",
    steps: [[asked("DELETE", "target"), overridden("3")]],
  },
  {
    id: "I13",
    what: "a pause holds on",
    steps: [[asked("POST", "resume"), pausedFor("work")]],
  },
  {
    id: "I14",
    what: "a tick writes before the next alarm is set",
    steps: [
      [alarm("fired"), PLAIN],
      [WROTE, PLAIN],
    ],
  },
  {
    id: "I14",
    what: "a ring ends without an alarm",
    steps: [
      [alarm("fired"), PLAIN],
      [alarm("finished"), { ...PLAIN, alarmAt: null }],
    ],
  },
  { id: "I14", what: "it rings on without a fleet", steps: rings(7, 5_000, FORGOTTEN) },
  { id: "I14", what: "it rings twice a second", steps: rings(30, 500) },
  {
    id: "I15",
    what: "the tag is not what rules",
    steps: [[BORN, launchedFor(5, "3")]],
  },
  { id: "I15", what: "an answer tells of another override", steps: told("2") },
  { id: "I15", what: "the floor does not hold", steps: [[BORN, launchedFor(0, "0")]] },
  {
    id: "I15",
    what: "the ledger holds of the tag what AWS never said",
    steps: [
      [READ, launchedFor(3, "3", { tag: "ten" })],
      [WROTE, launchedFor(3, "3", { tag: "ten" })],
    ],
  },
  {
    id: "I16",
    what: "a secret stands in an audit row",
    steps: [
      [
        WROTE,
        truthOf({ secrets: ["hush"], events: [{ kind: "launch", data: { detail: "hush" } }] }),
      ],
    ],
  },
];

const LEGAL: readonly Case[] = [
  { id: "I7", what: "AWS does not hold it", steps: [[gone("planned"), PLAIN]] },
  { id: "I7", what: "a lost one is on its way out", steps: [[gone("lost"), ENDING]] },
  {
    id: "I7",
    what: "listings were empty a moment ago",
    steps: [
      [fault("emptyListing"), HELD],
      [gone("deleting"), HELD],
    ],
  },
  {
    id: "I7",
    what: "the fleet is forgotten when all is gone",
    steps: [
      [alarm("deleted"), truthOf({ rows: [{ phase: "gone" }] })],
      [alarm("finished"), FORGOTTEN],
    ],
  },
  { id: "I9", what: "one of its answers did not come", steps: answering(0, null, 0) },
  {
    id: "I9",
    what: "it died in between, and nothing was heard since",
    steps: [
      ...answering(0, 0, 0).slice(2, 5),
      [{ kind: "crash", life: 1 }, at(9, PLAIN)],
      ...missed(10),
      [LOST, at(71, PLAIN)],
    ],
  },
  {
    id: "I9",
    what: "what was lost for ten minutes is given up",
    steps: [...missed(-70), [LOST, PLAIN], [gone("lost"), at(600, PLAIN)]],
  },
  { id: "I9", what: "two listings lack what was deleted", steps: missing(2) },
  { id: "I10", what: "the first refusal may not have been heard", steps: refused(1) },
  { id: "I10", what: "the target leaves room for the silent ones", steps: blind(3) },
  {
    id: "I12",
    what: "the newer code was taken back",
    steps: [
      [fault("newerSchema"), PLAIN],
      [WROTE, PLAIN],
    ],
  },
  {
    id: "I13",
    what: "the pause is in the ledger",
    steps: [[asked("POST", "pause", { what: ["launch"], reason: "work" }), pausedFor("work")]],
  },
  {
    id: "I13",
    what: "the override is in the ledger",
    steps: [[asked("PUT", "target", { ...FAIR, until: untilIso(60_000) }), overridden("3")]],
  },
  {
    id: "I13",
    what: "a pause lasts as many seconds as were asked for",
    steps: [
      [asked("POST", "pause", { ...WORK, expiresInSeconds: 600 }), pausedFor("work", 600_000)],
    ],
  },
  {
    id: "I13",
    what: "an override that is over may stay",
    steps: [[asked("DELETE", "target"), overridden("3", -1)]],
  },
  {
    id: "I14",
    what: "an operator writes while it rings",
    steps: [
      [alarm("fired"), PLAIN],
      [{ kind: "commit", stage: "request", tick: 0, moves: [], commands: [] }, PLAIN],
    ],
  },
  {
    id: "I14",
    what: "a fault took the alarm",
    steps: [
      [alarm("fired"), PLAIN],
      [alarm("set"), PLAIN],
      [fault("alarmLost"), PLAIN],
      [alarm("finished"), { ...PLAIN, alarmAt: null }],
    ],
  },
  {
    id: "I14",
    what: "it rings once, and sees that there is no fleet",
    steps: rings(1, 0, FORGOTTEN),
  },
  { id: "I14", what: "it rings every five seconds", steps: rings(30, 5_000) },
  {
    id: "I15",
    what: "the floor holds",
    steps: [
      [READ, launchedFor(1, "0", { tag: "0" })],
      [BORN, launchedFor(1, "0", { tag: "0" })],
    ],
  },
  { id: "I15", what: "an answer tells of the override that rules", steps: told("3") },
  {
    id: "I15",
    what: "a garbled tag keeps the last good value",
    steps: [
      [READ, launchedFor(3, "3", { tag: "3" })],
      [READ, launchedFor(3, "3", { tag: "ten" })],
      [WROTE, at(600, launchedFor(3, "3", { tag: "ten" }))],
    ],
  },
  {
    id: "I15",
    what: "the answer between two of the tag was lost, and the last is garbled for long",
    steps: [
      [READ, launchedFor(3, "3", { tag: "3" })],
      [READ, launchedFor(3, "3", { tag: "5" })],
      [READ, launchedFor(3, "3", { tag: "ten" })],
      [WROTE, at(600, launchedFor(3, "3", { tag: "ten" }))],
    ],
  },
];

test.each(VIOLATIONS)("$id is violated when $what", ({ id, steps }) => {
  expect(judgedBy(id, steps)).toEqual(expect.any(String));
});

test.each(LEGAL)("$id does not complain: $what", ({ id, steps }) => {
  expect(judgedBy(id, steps)).toBeNull();
});

function judgedBy(id: string, steps: readonly Step[]): string | null {
  const invariant = INVARIANTS.find((each) => each.id === id);
  if (invariant === undefined) throw new Error(`there is no ${id}`);
  return judged(invariant, ...steps);
}
