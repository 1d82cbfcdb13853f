import { describe, expect, test } from "vitest";
import { FAULT_KINDS, ORDINARY_SITE, type Scenario } from "./scenario.ts";
import {
  choose,
  Covered,
  faultsAt,
  FITS,
  type Learned,
  type Plan,
  plansOf,
  scenarioOfPlan,
} from "./single.ts";

const ALL = { plan: null, stride: 1, offset: 0 } as const;
const LABELS = ["alarm:begin", "call:CreateInstances:before", "commit:plan:after"];

const EVERYWHERE = [
  "addressMoved",
  "alarmLate",
  "alarmLost",
  "alarmTwice",
  "clockJump",
  "crash",
  "crashAgain",
  "crashAll",
  "deleteOne",
  "drainOne",
  "healthChanged",
  "override",
  "pause",
  "protect",
  "remove",
  "sessionOnVictim",
  "specChanged",
  "undrainOne",
];

const STORY: Scenario = {
  seed: 4,
  startsAt: 0,
  hours: 0.2,
  spec: {},
  sessionsPerHour: 1,
  meanLengthMs: 1,
  promise: "server",
  bootMs: 1,
  softwareBootMs: 1,
  site: ORDINARY_SITE,
  signed: true,
  incidents: [],
};

function strikeOf(plan: Plan | undefined) {
  if (plan === undefined || plan.strike === null) throw new Error("no strike");
  return plan.strike;
}

/** Stories with these effect points, in which nothing goes wrong. */
function learned(...labels: readonly (readonly string[])[]): readonly Learned[] {
  return labels.map((pointLabels) => ({ pointLabels, faults: {} }));
}

describe("the faults that fit an effect point", () => {
  test("are death, clockwork and people everywhere", () => {
    for (const label of ["sync", "alarm:end", "commit:plan:after", "call:GetInstances:after"])
      expect(faultsAt(label).toSorted()).toEqual(EVERYWHERE);
  });

  test.each([
    { label: "commit:begin:before", fault: "storageError" },
    { label: "call:PutInstancePublicPorts:before", fault: "lostAfter" },
    { label: "call:GetInstances:before", fault: "staleListing" },
    { label: "call:CreateInstances:before", fault: "nameClash" },
    { label: "call:CreateInstancesFromSnapshot:before", fault: "zoneFull" },
    { label: "call:DeleteInstance:before", fault: "deleteLingers" },
    { label: "call:DescribeTags:before", fault: "tagLag" },
    { label: "probe:before", fault: "wrongName" },
  ] as const)("are at $label also $fault", ({ label, fault }) => {
    expect(faultsAt(label)).toContain(fault);
  });

  test.each([
    { label: "commit:begin:after", fault: "storageError" },
    { label: "call:GetInstances:after", fault: "throttle" },
    { label: "call:GetInstance:before", fault: "staleListing" },
    { label: "call:GetInstances:before", fault: "nameClash" },
    { label: "call:CreateInstances:before", fault: "deleteDenied" },
    { label: "probe:after", fault: "silent" },
    { label: "sync", fault: "throttleStorm" },
  ] as const)("are not at $label $fault", ({ label, fault }) => {
    expect(faultsAt(label)).not.toContain(fault);
  });

  test("are known for every kind of fault", () => {
    expect(Object.keys(FITS).toSorted()).toEqual([...FAULT_KINDS].toSorted());
  });
});

describe("single-fault plans", () => {
  test("are each story alone, then each fault that fits each of its effect points", () => {
    const plans = plansOf(learned(LABELS, ["sync"]));
    const expected = [LABELS, ["sync"]].map(
      (points) => 1 + points.reduce((sum, label) => sum + faultsAt(label).length, 0),
    );

    expect(plans.filter(({ story }) => story === 0)).toHaveLength(expected[0] ?? 0);
    expect(plans.filter(({ story }) => story === 1)).toHaveLength(expected[1] ?? 0);
    expect(plans[0]).toEqual({ id: 0, story: 0, strike: null });
    expect(plans.map(({ id }) => id)).toEqual(plans.map((_, index) => index));
  });

  test("differ from each other in story, point or fault", () => {
    const plans = plansOf(learned(LABELS, [...LABELS, "sync", "sync"]));
    const keys = plans.map(({ story, strike }) => `${story} ${strike?.point} ${strike?.fault}`);

    expect(new Set(keys).size).toBe(plans.length);
  });

  test("become the story with one more incident", () => {
    const plan = plansOf(learned(LABELS)).find(({ strike }) => strike?.fault === "quota");
    const act = { id: 6, when: { at: 1 }, fault: "override", forMs: 2, n: 3 } as const;
    const quota = { when: { point: 1 }, fault: "quota", forMs: 30_000, n: 1 } as const;
    const incidentsOn = (story: Scenario) =>
      scenarioOfPlan(story, plan ?? { id: 0, story: 0, strike: null }).incidents;

    expect(incidentsOn(STORY)).toEqual([{ id: 0, ...quota }]);
    expect(incidentsOn({ ...STORY, incidents: [act] })).toEqual([act, { id: 7, ...quota }]);
  });

  test("without a fault are the story as it is", () => {
    expect(scenarioOfPlan(STORY, { id: 0, story: 0, strike: null })).toEqual(STORY);
  });

  test("can be run in part, and the parts together are the whole", () => {
    const plans = plansOf(learned(LABELS));
    const parts = [0, 1, 2].map((offset) => choose(plans, { plan: null, stride: 3, offset }));
    const ids = parts.flat().flatMap(({ id, strike }) => (strike === null ? [] : [id]));

    expect(ids.toSorted((a, b) => a - b)).toEqual(plans.slice(1).map(({ id }) => id));
    for (const part of parts) expect(part[0]?.strike).toBeNull();
  });

  test("can be run alone", () => {
    const plans = plansOf(learned(LABELS));

    expect(choose(plans, { ...ALL, plan: 5 })).toEqual([plans[5]]);
    expect(choose(plans, { ...ALL, plan: 9_999 })).toEqual([]);
  });
});

describe("what single-fault plans cover", () => {
  const stories = learned(["sync", "probe:before"], ["sync"]);
  const plans = plansOf(stories);
  const crashAt = (story: number, point: number) =>
    plans.find((plan) => {
      const { strike } = plan;
      return plan.story === story && strike?.point === point && strike.fault === "crash";
    });
  const died = (label: string) => ({
    faults: { crash: 1 },
    points: { [label]: { passed: 3, died: 1 } },
  });

  test("is the effect points at which the object died, and which kinds it missed", () => {
    const covered = new Covered(stories, plans);

    covered.add(crashAt(0, 0), died("sync"));
    covered.add(crashAt(1, 0), died("sync"));

    expect(covered.coverage()).toEqual({
      stories: 2,
      plans: plans.length - 2,
      run: 2,
      struck: 2,
      points: 3,
      pointsDied: 2,
      labels: 2,
      labelsDied: ["sync"],
      labelsMissed: ["probe:before"],
    });
  });

  test("does not count a crash that did not come to pass", () => {
    const covered = new Covered(stories, plans);

    covered.add(crashAt(0, 1), { faults: {}, points: { "probe:before": { passed: 3, died: 0 } } });

    expect(covered.coverage()).toMatchObject({ run: 1, struck: 0, pointsDied: 0 });
  });

  test("does not take what the story does anyway for a strike", () => {
    const own = [{ pointLabels: ["sync"], faults: { pause: 1 } }];
    const pause = plansOf(own).find(({ strike }) => strike?.fault === "pause");
    const covered = new Covered(own, plansOf(own));

    covered.add(pause, { faults: { pause: 1 }, points: {} });
    expect(covered.coverage()).toMatchObject({ run: 1, struck: 0 });

    covered.add(pause, { faults: { pause: 2 }, points: {} });
    expect(covered.coverage()).toMatchObject({ run: 2, struck: 1 });
  });

  test("does not count a story without a fault, nor a death by another fault", () => {
    const covered = new Covered(stories, plans);
    const pause = plans.find(({ strike }) => strike?.fault === "pause");

    covered.add(plans[0], died("sync"));
    covered.add(pause, { ...died(strikeOf(pause).label), faults: { pause: 1 } });

    expect(covered.coverage()).toMatchObject({ run: 1, struck: 1, pointsDied: 0 });
  });
});
