/** What the oracle says of protection, of operators' drains, of the quota and of rollouts. */
import { expect, test } from "vitest";
import { templateHash } from "../../../durable/rules/hash.ts";
import type { SimEvent, Stage } from "../event.ts";
import {
  aCall,
  aCommit,
  aHeld,
  at,
  judged,
  type Step,
  type TruthOverrides,
  truthOf,
} from "./builders.ts";
import type { Truth } from "./invariant.ts";
import { INVARIANTS } from "./oracle.ts";

const NAME = "media-k3-1";
const OTHER = "media-k3-2";
const NEW = "media-k3-3";
const BY_HAND = "by-hand-1";

interface Case {
  readonly id: string;
  readonly what: string;
  readonly steps: readonly Step[];
}

const moved = (from: "ready" | "warming" | "draining", to: "ready" | "draining" | "deleting") =>
  aCommit([{ name: NAME, from, to }]);
const answering = (stage: Stage): SimEvent => ({
  kind: "commit",
  stage,
  tick: 0,
  moves: [{ name: NAME, from: "draining", to: "ready" }],
  commands: [],
});
const asked = (verb: string, body: unknown = null): SimEvent => ({
  kind: "request",
  method: "POST",
  path: `/v1/fleets/media/instances/${NAME}/${verb}`,
  role: "operator",
  body,
  status: 200,
  changed: true,
});
/** As it is sent: an object with a `then` must never be waited for. */
const HELD_BODY: unknown = JSON.parse('{ "then": "hold" }');
const WROTE = aCommit([]);
const GUARDED = truthOf({ rows: [{ protectedBy: "olga" }] });
const BARE = truthOf({ rows: [{}] });

function deletedAs(row: NonNullable<TruthOverrides["rows"]>[number], forced = false): Step[] {
  const truth = truthOf({
    rows: [{ phase: "deleting", ...row }],
    events: [{ kind: "delete", instance: NAME }],
    ...(forced ? { forced: [NAME] } : {}),
  });
  return [[moved("draining", "deleting"), truth]];
}

/** An instance of nobody's becomes a row, at an operator's word or because it carries our tags. */
function adopted(protectedBy: string | null, isWanted: boolean): Step[] {
  const truth = truthOf({ rows: [{ name: BY_HAND, protectedBy }], toBeAdopted: [BY_HAND] });
  if (isWanted) truth.sql.rows(`INSERT INTO adoptions VALUES ('${BY_HAND}', 0, 'olga')`);
  return [[aCommit([{ name: BY_HAND, from: null, to: "ready" }]), truth]];
}

function drainedFor(drainReason: "surplus" | "operator"): Truth {
  return truthOf({ rows: [{ phase: "draining", drainReason }] });
}

/** A server that takes part in draining goes as empty. */
function emptied(row: NonNullable<TruthOverrides["rows"]>[number]): Step[] {
  const drain = { method: "POST", path: "/{verb}", secretRef: "KEY" } as const;
  const truth = truthOf({ spec: { health: { drain } }, rows: [{ phase: "deleting", ...row }] });
  return [[moved("draining", "deleting"), truth]];
}

/** Two servers of two vCPUs each. */
function created(maxVcpus: number, overrides: Partial<Truth> = {}, seconds = 60): Step[] {
  const truth = truthOf({
    spec: { limits: { maxVcpus } },
    rows: [{}, { name: OTHER }],
    held: [aHeld(), aHeld(OTHER)],
  });
  return [
    [WROTE, truth],
    [aCall("CreateInstances", [OTHER]), at(seconds, { ...truth, ...overrides })],
  ];
}

/** One outdated server at work, and perhaps a new one; so many are launched besides. */
function launched(surge: number, isProven: boolean): Step[] {
  const template = isProven ? templateHash(BARE.spec ?? fail()) : null;
  const truth = truthOf({
    spec: { rollout: { canary: 1, maxSurge: 2, maxAgeDays: null } },
    rows: [{}, { name: OTHER, template }, { name: NEW, phase: "planned" }],
    events: [{ kind: "launch", data: { target: 9, surge, names: [NEW] } }],
  });
  return [[aCommit([{ name: NEW, from: null, to: "planned" }]), truth]];
}

function replaced(sessions: number, seconds = 0): Step {
  const truth = truthOf({
    rows: [{ phase: "draining", drainReason: "replace", sessions }, { name: OTHER }],
    events: [{ kind: "drain", instance: NAME, data: { target: 0 } }],
  });
  return [moved("ready", "draining"), { ...at(seconds, truth), spec: BARE.spec }];
}

/** A boot of ours has failed, while outdated servers are at work. */
const FAILED: Step = [
  aCommit([{ name: NEW, from: "warming", to: "deleting" }]),
  { ...truthOf({ rows: [{}, { name: NEW, phase: "deleting" }] }), spec: BARE.spec },
];

function fail(): never {
  throw new Error("a plain truth has a spec");
}

const VIOLATIONS: readonly Case[] = [
  { id: "I1", what: "a protected server goes", steps: deletedAs({ protectedBy: "olga" }) },
  { id: "I1", what: "the tag did not protect", steps: deletedAs({ protectedByTag: true }) },
  {
    id: "I1",
    what: "protection is forgotten",
    steps: [
      [WROTE, GUARDED],
      [WROTE, BARE],
    ],
  },
  { id: "I1", what: "what was adopted is unprotected", steps: adopted(null, true) },
  { id: "I2", what: "it still takes sessions", steps: emptied({ saysDraining: false }) },
  { id: "I4", what: "a create goes over the quota", steps: created(3) },
  { id: "I4", what: "the very first create goes over the quota", steps: created(3, {}, 0) },
  { id: "I11", what: "more are launched than the canary", steps: launched(2, false) },
  { id: "I11", what: "more are launched than the surge", steps: launched(3, true) },
  { id: "I11", what: "a busy server is replaced", steps: [replaced(1)] },
  { id: "I11", what: "a failed boot does not stop it", steps: [FAILED, replaced(0, 60)] },
  {
    id: "I13",
    what: "an operator's drain is taken back",
    steps: [
      [WROTE, drainedFor("operator")],
      [answering("plan"), BARE],
    ],
  },
  { id: "I13", what: "a held server goes", steps: deletedAs({ drainHold: true }) },
  {
    id: "I13",
    what: "what is to be held is not in the ledger",
    steps: [[asked("drain", HELD_BODY), drainedFor("operator")]],
  },
];

const LEGAL: readonly Case[] = [
  { id: "I1", what: "a server that nobody protects goes", steps: deletedAs({}) },
  {
    id: "I1",
    what: "somebody has ended its protection",
    steps: [
      [WROTE, GUARDED],
      [{ ...WROTE, stage: "request" } as SimEvent, BARE],
      [WROTE, BARE],
    ],
  },
  { id: "I1", what: "what was adopted is protected", steps: adopted("olga", true) },
  { id: "I1", what: "it is adopted by its tags", steps: adopted(null, false) },
  { id: "I2", what: "it takes no more sessions", steps: emptied({ saysDraining: true }) },
  { id: "I2", what: "its machine is off", steps: emptied({ stoppedSince: 1 }) },
  { id: "I4", what: "a create up to the quota", steps: created(4) },
  { id: "I11", what: "so many as the canary", steps: launched(1, false) },
  { id: "I11", what: "so many as the surge", steps: launched(2, true) },
  { id: "I11", what: "an idle server is replaced", steps: [replaced(0)] },
  {
    id: "I11",
    what: "somebody has resumed the rollout",
    steps: [FAILED, [asked("resume"), BARE], replaced(0, 60)],
  },
  { id: "I11", what: "the breaker's time is over", steps: [FAILED, replaced(0, 7_200)] },
  {
    id: "I13",
    what: "a drain for surplus is taken back",
    steps: [
      [WROTE, drainedFor("surplus")],
      [answering("plan"), BARE],
    ],
  },
  {
    id: "I13",
    what: "an operator takes the drain back",
    steps: [
      [WROTE, drainedFor("operator")],
      [answering("request"), BARE],
    ],
  },
  { id: "I13", what: "a held server goes by force", steps: deletedAs({ drainHold: true }, true) },
  {
    id: "I13",
    what: "what is to be held is in the ledger",
    steps: [
      [
        asked("drain", HELD_BODY),
        truthOf({ rows: [{ phase: "draining", drainReason: "operator", drainHold: true }] }),
      ],
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
