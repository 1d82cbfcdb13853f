/** Single-fault plans: at each effect point of each story, each fault that fits there, alone. */
import type { Result } from "./result.ts";
import type { FaultKind, Scenario } from "./scenario.ts";

/** One fault at one effect point of one story. */
export interface Strike {
  readonly fault: FaultKind;
  readonly point: number;
  readonly label: string;
}

export interface Plan {
  /** The same in every run of the same program. */
  readonly id: number;
  /** Its place among the stories. */
  readonly story: number;
  /** Null for the story as it is, which must hold all invariants before any other plan counts. */
  readonly strike: Strike | null;
}

const ANYWHERE = ["*"] as const;
/** Between two probes nothing is decided: what people and clocks do falls on any other point. */
const BETWEEN_STEPS = ["commit:*", "call:*", "alarm:*", "sync"] as const;
const COMMITS = ["commit:*:before"] as const;
const CALLS = ["call:*:before"] as const;
const LISTINGS = ["call:GetInstances:before"] as const;
const CREATES = ["call:CreateInstances:before", "call:CreateInstancesFromSnapshot:before"] as const;
const DELETES = ["call:DeleteInstance:before"] as const;
const TAG_READS = ["call:DescribeTags:before"] as const;
const TAG_WRITES = ["call:CreateTags:before"] as const;
const DRAIN_CALLS = ["call:Drain:before"] as const;
const PROBES = ["probe:before"] as const;
/** These happen at a moment, or go on for long; where a single effect falls means nothing to them. */
const NOWHERE = [] as const;

/** The labels of effect points that a fault fits; `*` stands for any one or more characters. */
export const FITS: Readonly<Record<FaultKind, readonly string[]>> = {
  throttle: CALLS,
  throttleStorm: NOWHERE,
  errorBefore: CALLS,
  errorAfter: CALLS,
  lostBefore: CALLS,
  lostAfter: CALLS,
  hangBefore: CALLS,
  hangAfter: CALLS,
  html: CALLS,
  truncated: CALLS,
  staleListing: LISTINGS,
  flipFlopListing: NOWHERE,
  partialListing: LISTINGS,
  emptyListing: LISTINGS,
  quota: CREATES,
  zoneFull: CREATES,
  zoneFails: CREATES,
  nameClash: CREATES,
  credentialsExpired: CALLS,
  deleteDenied: DELETES,
  tagLag: TAG_READS,
  pendingForever: CREATES,
  neverReady: CREATES,
  bootFails: CREATES,
  vanishesBooting: CREATES,
  vanish: NOWHERE,
  stopped: NOWHERE,
  rebooted: NOWHERE,
  deletedByPerson: NOWHERE,
  tagsRemoved: NOWHERE,
  tagsGarbled: NOWHERE,
  strangerWithPrefix: NOWHERE,
  deleteLingers: DELETES,
  silent: PROBES,
  reset: PROBES,
  garbage: PROBES,
  wrongName: PROBES,
  slow: PROBES,
  notReady: PROBES,
  flap: NOWHERE,
  allSilent: PROBES,
  crash: ANYWHERE,
  crashAll: ANYWHERE,
  crashAgain: ANYWHERE,
  storageError: COMMITS,
  alarmLate: BETWEEN_STEPS,
  alarmLost: BETWEEN_STEPS,
  alarmTwice: BETWEEN_STEPS,
  cronTwice: NOWHERE,
  stateLost: NOWHERE,
  redeploy: NOWHERE,
  newerSchema: NOWHERE,
  clockJump: BETWEEN_STEPS,
  sessionOnVictim: ANYWHERE,
  demandSpike: NOWHERE,
  demandStops: NOWHERE,
  override: BETWEEN_STEPS,
  endOverrides: NOWHERE,
  tagChanged: NOWHERE,
  tagGarbage: NOWHERE,
  tagMissing: NOWHERE,
  specChanged: BETWEEN_STEPS,
  healthChanged: BETWEEN_STEPS,
  addressMoved: BETWEEN_STEPS,
  answered: NOWHERE,
  pause: BETWEEN_STEPS,
  resume: NOWHERE,
  reconcile: NOWHERE,
  remove: BETWEEN_STEPS,
  slackDown: ["call:Slack:before"],
  protect: BETWEEN_STEPS,
  unprotect: NOWHERE,
  protectTag: LISTINGS,
  drainOne: BETWEEN_STEPS,
  undrainOne: BETWEEN_STEPS,
  deleteOne: BETWEEN_STEPS,
  adopt: NOWHERE,
  firewallChanged: LISTINGS,
  tagsChanged: LISTINGS,
  intruder: NOWHERE,
  tagWriteDenied: TAG_WRITES,
  tagWriteThrottled: TAG_WRITES,
  tagWriteLost: TAG_WRITES,
  tagWriteLate: TAG_WRITES,
  tagToOld: TAG_WRITES,
  overrideBooked: NOWHERE,
  overrideTotal: NOWHERE,
  overrideEnded: NOWHERE,
  scheduleChanged: TAG_WRITES,
  schedulePaused: TAG_WRITES,
  outage: NOWHERE,
  drainIgnored: DRAIN_CALLS,
  drainRefused: DRAIN_CALLS,
};

const LASTS_MS = 30_000;
const KINDS = Object.keys(FITS) as readonly FaultKind[];

/** What fits an effect point with this label. */
export function faultsAt(label: string): readonly FaultKind[] {
  return KINDS.filter((fault) => FITS[fault].some((pattern) => matches(pattern, label)));
}

function matches(pattern: string, label: string): boolean {
  const [start = "", ...rest] = pattern.split("*");
  const end = rest.at(-1);
  if (end === undefined) return label === pattern;
  return label.length > start.length + end.length && label.startsWith(start) && label.endsWith(end);
}

/** All plans: for each story itself first, then its effect points in order. */
export function plansOf(learned: readonly Learned[]): readonly Plan[] {
  const labels = learned.map(({ pointLabels }) => pointLabels);
  const faults = new Map([...new Set(labels.flat())].map((label) => [label, faultsAt(label)]));
  const strikes = labels.map((points): readonly (Strike | null)[] => [
    null,
    ...points.flatMap((label, point) =>
      (faults.get(label) ?? []).map((fault) => ({ fault, point, label })),
    ),
  ]);
  return strikes
    .flatMap((ofStory, story) => ofStory.map((strike) => ({ story, strike })))
    .map((plan, id) => ({ id, ...plan }));
}

/** The one plan that is asked for; or each story, and every `stride`-th other from the `offset`-th on. */
export function choose(
  plans: readonly Plan[],
  asked: { readonly plan: number | null; readonly stride: number; readonly offset: number },
): readonly Plan[] {
  const { plan, stride, offset } = asked;
  if (plan !== null) return plans.filter(({ id }) => id === plan);
  const strikes = plans.filter(({ strike }) => strike !== null);
  const chosen = new Set(strikes.filter((_, i) => i >= offset && (i - offset) % stride === 0));
  return plans.filter((each) => each.strike === null || chosen.has(each));
}

/** The story goes its own way, and the fault comes on top of what happens in it anyway. */
export function scenarioOfPlan(story: Scenario, { strike }: Plan): Scenario {
  if (strike === null) return story;
  const { point, fault } = strike;
  const id = 1 + Math.max(-1, ...story.incidents.map((incident) => incident.id));
  const incident = { id, when: { point }, fault, forMs: LASTS_MS, n: point };
  return { ...story, incidents: [...story.incidents, incident] };
}

/** What a set of plans has covered of what there is. */
export interface Coverage {
  readonly stories: number;
  /** Of all stories; each plan is told from each other by its story, point and fault. */
  readonly plans: number;
  readonly run: number;
  /** Of those run: the fault came to pass. */
  readonly struck: number;
  /** Effect points of all stories, and those at which the object died in some run. */
  readonly points: number;
  readonly pointsDied: number;
  /** Kinds of effect point, in the same way. */
  readonly labels: number;
  readonly labelsDied: readonly string[];
  readonly labelsMissed: readonly string[];
}

const DEATHS: ReadonlySet<FaultKind> = new Set(["crash", "crashAll", "crashAgain"]);

/** What a story was seen to be without a fault. */
export type Learned = Pick<Result, "pointLabels" | "faults">;

/** Collects coverage as the plans end. */
export class Covered {
  readonly #learned: readonly Learned[];
  readonly #plans: number;
  readonly #died = new Set<string>();
  readonly #labelsDied = new Set<string>();
  #run = 0;
  #struck = 0;

  constructor(learned: readonly Learned[], plans: readonly Plan[]) {
    this.#learned = learned;
    this.#plans = plans.filter(({ strike }) => strike !== null).length;
  }

  /** A story without a fault covers nothing. */
  add(plan: Plan | undefined, result: Pick<Result, "faults" | "points">): void {
    if (plan === undefined || plan.strike === null) return;
    const { story, strike } = plan;
    this.#run += 1;
    const anyway = this.#learned[story]?.faults[strike.fault] ?? 0;
    if ((result.faults[strike.fault] ?? 0) > anyway) this.#struck += 1;
    if (!DEATHS.has(strike.fault) || (result.points[strike.label]?.died ?? 0) === 0) return;
    this.#died.add(`${story} ${strike.point}`);
    this.#labelsDied.add(strike.label);
  }

  coverage(): Coverage {
    const points = this.#learned.flatMap(({ pointLabels }) => pointLabels);
    const labels = [...new Set(points)].toSorted();
    return {
      stories: this.#learned.length,
      plans: this.#plans,
      run: this.#run,
      struck: this.#struck,
      points: points.length,
      pointsDied: this.#died.size,
      labels: labels.length,
      labelsDied: labels.filter((label) => this.#labelsDied.has(label)),
      labelsMissed: labels.filter((label) => !this.#labelsDied.has(label)),
    };
  }
}
