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
  truthOf,
} from "./builders.ts";
import type { Truth } from "./invariant.ts";
import { INVARIANTS, startOracle } from "./oracle.ts";

const NAME = "media-k3-1";
const OTHER = "media-k3-2";
const DELETE = aCall("DeleteInstance", [NAME]);
const CORDON = aCommit([{ name: NAME, from: "ready", to: "draining" }]);
const INTENT = aCommit([{ name: NAME, from: "draining", to: "deleting" }]);
const FAILED = aCommit([{ name: NAME, from: "warming", to: "deleting" }]);
const PLANNED = aCommit([{ name: NAME, from: null, to: "planned" }]);
const ALARM = (what: "fired" | "finished"): SimEvent => ({ kind: "alarm", what, at: null });
const TEXT = (text: string): SimEvent => ({ kind: "text", text });
const ASKED = (
  method: string,
  status: number,
  changed = false,
  role: "viewer" | "none" = "none",
): SimEvent => ({
  kind: "request",
  method,
  path: "/v1/fleets",
  role,
  body: null,
  status,
  changed,
});
const HEALED: SimEvent = { kind: "healed" };
const END: SimEvent = { kind: "end" };

const PLAIN = truthOf();
const DRAINED = truthOf({
  rows: [{ phase: "draining", drainReason: "surplus" }],
  events: [{ kind: "delete", instance: NAME }],
});

const TAKES_PART = truthOf({
  spec: { health: { drain: { method: "POST", path: "/{verb}", secretRef: "KEY" } } },
  rows: [{ phase: "draining", drainReason: "surplus", saysDraining: true }],
  events: [{ kind: "delete", instance: NAME }],
});

/** A drain with probes at the given moments, deleted after the last. */
function drain(
  truth: Truth,
  ...probes: readonly (readonly [seconds: number, said: number | null, draining?: boolean])[]
): Step[] {
  const end = at(60, truth);
  const seen = probes.map(([seconds, said, draining = false]): Step => [
    aProbe(seconds, said, NAME, draining),
    at(seconds, truth),
  ]);
  return [[CORDON, truth], ...seen, [INTENT, end], [DELETE, end]];
}

function twoServers(target: number): Truth {
  return truthOf({
    rows: [{ phase: "draining", drainReason: "surplus" }, { name: OTHER }],
    events: [{ kind: "drain", instance: NAME, data: { target } }],
  });
}

function serving(phase: "ready" | "deleting" = "deleting"): Truth {
  const names = [NAME, OTHER, "media-k3-3"];
  const rows = [{ phase }, { name: OTHER }, { name: "media-k3-3" }];
  return truthOf({ rows, held: names.map((name) => aHeld(name)) });
}

function spends(committed: number, seconds = 60): Step[] {
  const truth = truthOf({ spec: { limits: { maxMonthlyUsd: 100 } }, committed });
  return [
    [aCommit([]), truth],
    [aCall("CreateInstances", [NAME]), at(seconds, truth)],
  ];
}

function launched(data: Record<string, unknown>, texts: readonly string[] = []): Truth {
  const spec = { spares: { default: texts[0] ?? "0" } };
  return truthOf({ spec, events: [{ kind: "launch", data }], targetTexts: texts });
}

const GOAL = { spares: 1, instances: 1, tag: null, from: 0, withinMs: 1 };
const LISTED = aCall("GetInstances", [], { hadEffect: false });
const LISTING_FAILED = aCall("GetInstances", [], { hadEffect: false, outcome: "dropped" });
const COMMAND = aCommit([], [aDelete(5)]);

interface Case {
  readonly id: string;
  readonly what: string;
  readonly steps: readonly Step[];
}

const VIOLATIONS: readonly Case[] = [
  {
    id: "I1",
    what: "a server with a session is deleted",
    steps: [[DELETE, truthOf({ sessions: { [NAME]: 1 } })]],
  },
  { id: "I2", what: "a delete has no intent", steps: [[DELETE, PLAIN]] },
  {
    id: "I2",
    what: "it was probed before the drain time only",
    steps: drain(DRAINED, [5, 0], [10, 0]),
  },
  {
    id: "I2",
    what: "it said once only that it takes no more sessions",
    steps: drain(TAKES_PART, [35, 0], [40, 0], [45, 0, true]),
  },
  { id: "I2", what: "its last probe gave no answer", steps: drain(DRAINED, [40, 0], [45, null]) },
  {
    id: "I2",
    what: "a boot within its limit is deleted",
    steps: [
      [FAILED, truthOf({ rows: [{ createdAt: PLAIN.now }] })],
      [DELETE, PLAIN],
    ],
  },
  {
    id: "I2",
    what: "a boot that had answered is deleted",
    steps: [
      [FAILED, truthOf({ rows: [{ everRead: true }] })],
      [DELETE, PLAIN],
    ],
  },
  { id: "I3", what: "an instance without a row is changed", steps: [[DELETE, PLAIN]] },
  {
    id: "I3",
    what: "the ARN is another",
    steps: [[DELETE, truthOf({ rows: [{ arn: "arn:other" }] })]],
  },
  {
    id: "I3",
    what: "the owner is another",
    steps: [
      [
        aCall("DeleteInstance", [NAME], { before: [aHeld(NAME, { owner: "x/y" })] }),
        truthOf({ rows: [{}] }),
      ],
    ],
  },
  { id: "I4", what: "a create goes over the maximum", steps: over(1) },
  { id: "I5", what: "a create goes over the cap", steps: spends(101) },
  { id: "I5", what: "the very first create goes over the cap", steps: spends(101, 0) },
  { id: "I6", what: "creates exceed the hour's cap", steps: creates(60) },
  {
    id: "I6",
    what: "a tick plans too many",
    steps: [[PLANNED, truthOf({ spec: { limits: { maxLaunchesPerTick: 0 } } })]],
  },
  { id: "I7", what: "an instance without a row is billed after the faults", steps: zombie(200) },
  {
    id: "I8",
    what: "a name is created twice",
    steps: [
      [aCall("CreateInstances", [NAME]), PLAIN],
      [aCall("CreateInstances", [NAME]), PLAIN],
    ],
  },
  { id: "I9", what: "a silent server is cordoned for surplus", steps: [[CORDON, DRAINED]] },
  {
    id: "I9",
    what: "an old empty reading lets a delete through",
    steps: [
      [aProbe(0, 0), PLAIN],
      [INTENT, at(60, PLAIN)],
    ],
  },
  { id: "I10", what: "a delete is decided while all are silent", steps: [[INTENT, serving()]] },
  {
    id: "I10",
    what: "a delete is decided after a failed listing",
    steps: [
      [LISTING_FAILED, PLAIN],
      [INTENT, PLAIN],
    ],
  },
  { id: "I11", what: "a cordon leaves less than the target", steps: surplus(2) },
  {
    id: "I12",
    what: "a move is not in the table",
    steps: [[aCommit([{ name: NAME, from: "gone", to: "deleting" }]), PLAIN]],
  },
  {
    id: "I12",
    what: "a command number comes twice",
    steps: [
      [COMMAND, PLAIN],
      [COMMAND, PLAIN],
    ],
  },
  {
    id: "I12",
    what: "a command comes late",
    steps: [
      [COMMAND, PLAIN],
      [DELETE, at(31, PLAIN)],
    ],
  },
  { id: "I13", what: "a delete has no command", steps: [[DELETE, PLAIN]] },
  { id: "I13", what: "a deletion is decided without an audit row", steps: [[INTENT, PLAIN]] },
  { id: "I13", what: "a launch is decided without an audit row", steps: [[PLANNED, PLAIN]] },
  {
    id: "I14",
    what: "the alarm is silent for longer than two periods of the cron",
    steps: [
      [ALARM("fired"), PLAIN],
      [ALARM("finished"), PLAIN],
      [TEXT(""), at(161, PLAIN)],
    ],
  },
  {
    id: "I14",
    what: "two chains ring at once",
    steps: [
      [ALARM("fired"), PLAIN],
      [ALARM("fired"), PLAIN],
    ],
  },
  {
    id: "I15",
    what: "no source has that target",
    steps: [[PLANNED, launched({ target: 7 }, ["5", "garbage"])]],
  },
  {
    id: "I16",
    what: "a secret stands in a log line",
    steps: [[TEXT("key=hush"), truthOf({ secrets: ["hush"] })]],
  },
  {
    id: "I17",
    what: "a viewer changes something",
    steps: [[ASKED("PUT", 403, true, "viewer"), PLAIN]],
  },
  {
    id: "I17",
    what: "somebody without a token sees the list",
    steps: [[ASKED("GET", 200), PLAIN]],
  },
  {
    id: "I18",
    what: "a spare is missing at the end",
    steps: [[END, truthOf({ goal: GOAL, held: [aHeld()], rows: [{ phase: "warming" }] })]],
  },
  {
    id: "I18",
    what: "a command is not settled at the end",
    steps: [[END, truthOf({ goal: GOAL, held: [aHeld()], rows: [{}], commands: [aDelete(1)] })]],
  },
];

const LEGAL: readonly Case[] = [
  {
    id: "I1",
    what: "an operator's force is not automatic",
    steps: [[DELETE, truthOf({ sessions: { [NAME]: 1 }, forced: [NAME] })]],
  },
  {
    id: "I1",
    what: "a person's delete is the world",
    steps: [
      [aCall("DeleteInstance", [NAME], { by: "person" }), truthOf({ sessions: { [NAME]: 1 } })],
    ],
  },
  {
    id: "I2",
    what: "seen empty twice after the drain time",
    steps: drain(DRAINED, [20, 1], [40, 0], [45, 0]),
  },
  {
    id: "I2",
    what: "it said twice that it takes no more sessions",
    steps: drain(TAKES_PART, [35, 0], [40, 0, true], [45, 0, true]),
  },
  {
    id: "I2",
    what: "a silent boot past its limit",
    steps: [
      [FAILED, truthOf({ rows: [{ createdAt: PLAIN.now - 900_000 }] })],
      [DELETE, PLAIN],
    ],
  },
  { id: "I3", what: "tag, row and ARN match", steps: [[DELETE, truthOf({ rows: [{}] })]] },
  {
    id: "I3",
    what: "a person took the tags a moment ago",
    steps: [
      [{ kind: "fault", fault: "tagsRemoved" }, PLAIN],
      [DELETE, PLAIN],
    ],
  },
  { id: "I4", what: "a create up to the maximum", steps: over(2) },
  { id: "I5", what: "a create up to the cap", steps: spends(100) },
  { id: "I6", what: "the same creates over more than an hour", steps: creates(3_600) },
  {
    id: "I6",
    what: "a delete that is asked for again",
    steps: [
      [aCommit([]), truthOf({ spec: { limits: { maxDeletesPerHour: 1 } } })],
      [DELETE, PLAIN],
      [DELETE, PLAIN],
    ],
  },
  { id: "I7", what: "the fleet still has time to adopt it", steps: zombie(100) },
  {
    id: "I8",
    what: "a create without effect uses no name",
    steps: [
      [aCall("CreateInstances", [NAME], { hadEffect: false }), PLAIN],
      [aCall("CreateInstances", [NAME]), PLAIN],
    ],
  },
  {
    id: "I9",
    what: "a server that was just seen empty is cordoned",
    steps: [
      [aProbe(0, 0), DRAINED],
      [CORDON, DRAINED],
    ],
  },
  {
    id: "I10",
    what: "the others answer",
    steps: [
      [aProbe(0, 0, NAME), PLAIN],
      [aProbe(0, 0, OTHER), PLAIN],
      [aProbe(0, 1, "media-k3-3"), PLAIN],
      [LISTED, PLAIN],
      [INTENT, serving()],
    ],
  },
  {
    id: "I10",
    what: "the listing failed, but a later one did not",
    steps: [
      [LISTING_FAILED, PLAIN],
      [LISTED, PLAIN],
      [INTENT, PLAIN],
    ],
  },
  { id: "I11", what: "a cordon leaves the target", steps: surplus(1) },
  {
    id: "I12",
    what: "a command within its time",
    steps: [
      [COMMAND, PLAIN],
      [DELETE, at(29, PLAIN)],
    ],
  },
  {
    id: "I12",
    what: "numbers begin anew with the ledger",
    steps: [
      [COMMAND, PLAIN],
      [{ kind: "stateLost" }, PLAIN],
      [COMMAND, PLAIN],
    ],
  },
  {
    id: "I13",
    what: "a delete with command and audit row",
    steps: [
      [INTENT, DRAINED],
      [COMMAND, PLAIN],
      [DELETE, PLAIN],
    ],
  },
  {
    id: "I13",
    what: "a launch with its audit row",
    steps: [[PLANNED, launched({ names: [NAME] })]],
  },
  {
    id: "I14",
    what: "a fault holds the clockwork",
    steps: [
      [ALARM("fired"), PLAIN],
      [TEXT(""), at(100, truthOf({ clockworkWorks: false }))],
      [TEXT(""), at(300, PLAIN)],
    ],
  },
  {
    id: "I14",
    what: "the alarm rings again after a crash",
    steps: [
      [ALARM("fired"), PLAIN],
      [{ kind: "crash", life: 1 }, PLAIN],
      [ALARM("fired"), PLAIN],
    ],
  },
  {
    id: "I15",
    what: "a source with a share of the sessions",
    steps: [[PLANNED, launched({ target: 7 }, ["5+20%"])]],
  },
  {
    id: "I16",
    what: "a text without a secret",
    steps: [[TEXT("nothing"), truthOf({ secrets: ["hush"] })]],
  },
  {
    id: "I17",
    what: "they are refused",
    steps: [
      [ASKED("PUT", 403, false, "viewer"), PLAIN],
      [ASKED("GET", 401), PLAIN],
    ],
  },
  {
    id: "I18",
    what: "all is as it should be",
    steps: [[END, truthOf({ goal: GOAL, held: [aHeld()], rows: [{}] })]],
  },
];

test.each(VIOLATIONS)("$id is violated when $what", ({ id, steps }) => {
  expect(judgedBy(id, steps)).toEqual(expect.any(String));
});

test.each(LEGAL)("$id does not complain: $what", ({ id, steps }) => {
  expect(judgedBy(id, steps)).toBeNull();
});

test("the oracle names the invariant, and starts anew for each run", () => {
  const truth = truthOf({ sessions: { [NAME]: 2 } });

  expect(startOracle()(DELETE, truth)?.invariant).toBe("I1");
  expect(startOracle()(DELETE, PLAIN)?.invariant).toBe("I2");
  expect(INVARIANTS.map(({ id }) => id)).toEqual(Array.from({ length: 24 }, (_, n) => `I${n + 1}`));
});

function judgedBy(id: string, steps: readonly Step[]): string | null {
  const invariant = INVARIANTS.find((each) => each.id === id);
  if (invariant === undefined) throw new Error(`there is no ${id}`);
  return judged(invariant, ...steps);
}

function over(maxInstances: number): Step[] {
  const truth = truthOf({ spec: { limits: { maxInstances } }, held: [aHeld(), aHeld(OTHER)] });
  return [
    [aCommit([]), truth],
    [aCall("CreateInstances", [OTHER]), truth],
  ];
}

function creates(apartSeconds: number): Step[] {
  const truth = truthOf({ spec: { limits: { maxLaunchesPerHour: 1 } } });
  return [
    [aCommit([]), truth],
    [aCall("CreateInstances", [NAME]), truth],
    [aCall("CreateInstances", [OTHER]), at(apartSeconds, truth)],
  ];
}

function zombie(afterSeconds: number): Step[] {
  const truth = truthOf({ held: [aHeld()] });
  return [
    [HEALED, truth],
    [END, at(afterSeconds, truth)],
  ];
}

function surplus(target: number): Step[] {
  const truth = twoServers(target);
  return [
    [aProbe(0, 0), truth],
    [aProbe(0, 0, OTHER), truth],
    [CORDON, truth],
  ];
}
