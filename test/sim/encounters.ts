/**
 * What seldom meets by chance, and hurts most when it does: a few incidents around one moment. Each is
 * named after the promise that it tries.
 */
import { oneOf, whole } from "../aws/demand/draw.ts";
import type { Random } from "../aws/demand/random.ts";
import type { FaultKind, Incident, Promise1 } from "./scenario.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const SHARE = 0.5;
const PER_HOUR_MAX = 6;
/** Before this the fleet has nothing that could break. */
const QUIET_MS = 60_000;

/** One incident of an encounter: seconds after its moment, and what `forMs` and `n` are in it. */
interface Part {
  readonly fault: FaultKind;
  readonly after: number;
  readonly lasts?: number;
  readonly n?: number;
}

/** Draws a whole number between two, both of them too. */
type Between = (low: number, high: number) => number;

type Encounter = (between: Between) => readonly Part[];

/** Around any moment. */
const ANYWHERE: readonly Encounter[] = [
  /** Launches wait for AWS, and other servers take their room meanwhile. */
  function roomIsTaken(between) {
    const adopted = Array.from({ length: between(2, 4) }, (): Part => {
      const [after, n] = [between(2, 15), 4 * between(0, 10) + 1];
      return { fault: "adopt", after, n };
    });
    return [
      { fault: "throttleStorm", after: 0, lasts: between(30, 90) },
      { fault: "override", after: 2, lasts: 120, n: 6 },
      ...adopted,
    ];
  },
  /** Many are wanted at once, and soon not any more. */
  function wantedOnlyForAMoment(between) {
    return [
      { fault: "override", after: 0, lasts: between(1, 60), n: 6 },
      { fault: "throttle", after: between(0, 10), n: between(0, 9) },
      { fault: "endOverrides", after: between(20, 120) },
    ];
  },
  /** The object dies again and again while sessions come. */
  function diesWhileServing(between) {
    const deaths = Array.from({ length: between(2, 5) }, (): Part => {
      return { fault: "crash", after: between(0, 60), n: between(0, 9_999) };
    });
    return [{ fault: "demandSpike", after: 0, lasts: 120, n: between(3, 9) }, ...deaths];
  },
];

/** Around the end of demand, where the servers take part in draining. */
const OF_DRAINS: readonly Encounter[] = [
  /** Servers are to go, and go on taking sessions. */
  function deafServers(between) {
    const fault = between(0, 1) === 0 ? "drainIgnored" : "drainRefused";
    const sessions = Array.from({ length: between(2, 6) }, (): Part => {
      return { fault: "sessionOnVictim", after: between(20, 150), n: between(0, 3) };
    });
    return [
      { fault, after: 0, lasts: between(60, 240) },
      { fault: "override", after: between(1, 10), lasts: 120, n: between(0, 1) },
      { fault: "rebooted", after: between(20, 90), n: between(0, 9) },
      ...sessions,
    ];
  },
];

/** Around a boundary of the schedule, where there is one. */
const OF_BOUNDARIES: readonly Encounter[] = [
  /** A person writes into the tag while the boundary's value cannot be written. */
  function personIsFaster(between) {
    return [
      { fault: "tagWriteDenied", after: -10, lasts: between(40, 120) },
      { fault: "tagChanged", after: between(1, 30), n: between(0, 8) },
    ];
  },
  /** The write is late, and the next value is already wanted. */
  function lateHand(between) {
    return [
      { fault: "tagWriteLate", after: -5, n: 6 * between(0, 1) },
      { fault: "scheduleChanged", after: between(3, 9), n: 7 * between(0, 50) + 2 },
    ];
  },
  /** What was on its way is known to the ledger alone. */
  function diesOnTheWay(between) {
    return [
      { fault: between(0, 1) === 0 ? "tagWriteLate" : "tagWriteLost", after: -5, n: between(0, 9) },
      { fault: "crash", after: between(0, 12), n: between(0, 9_999) },
    ];
  },
  /** Nothing can be written for minutes. */
  function tagIsClosed(between) {
    return [{ fault: "tagWriteDenied", after: -10, lasts: between(60, 200) }];
  },
];

/** In this share of the runs besides, by a stream of its own: the other runs stay what they were. */
const TOUCHED_SHARE = 0.1;

/** The ledger is lost, so that all servers are adopted; and then somebody changes their tags by hand. */
export function touchedAfterLoss(random: Random, hours: number, firstId: number): Incident[] {
  if (random() >= TOUCHED_SHARE) return [];
  const moment = QUIET_MS + Math.floor(random() * 0.5 * hours * HOUR_MS);
  const touched = Array.from({ length: 6 }, (_, n): Part => {
    return { fault: "tagsChanged", after: 60 + random() * 600, n };
  });
  return placed([{ fault: "stateLost", after: 0, lasts: 20 }, ...touched], moment, firstId);
}

const REBUILT_SHARE = 0.4;

/**
 * Other images with other health checks, one after the other. A new ledger cannot know how the servers of an
 * earlier image are asked (docs/safety.md), so none where the ledger is lost.
 */
export function rebuiltAmong(
  random: Random,
  hours: number,
  others: readonly Incident[],
  firstId: number,
): Incident[] {
  if (random() >= REBUILT_SHARE) return [];
  if (others.some(({ fault }) => fault === "stateLost")) return [];
  const count = whole(random, 1, Math.ceil(3 * hours));
  return Array.from({ length: count }, (_, each) => ({
    id: firstId + each,
    when: { at: whole(random, QUIET_MS, hours * HOUR_MS) },
    fault: "healthChanged",
    forMs: 0,
    n: whole(random, 0, 99),
  }));
}

const MOVED_SHARE = 0.3;

/** Addresses that become somebody else's, while their servers live on at others. */
export function movedAmong(random: Random, hours: number, firstId: number): Incident[] {
  if (random() >= MOVED_SHARE) return [];
  const count = whole(random, 1, Math.ceil(8 * hours));
  return Array.from({ length: count }, (_, each) => ({
    id: firstId + each,
    when: { at: whole(random, QUIET_MS, hours * HOUR_MS) },
    fault: "addressMoved",
    forMs: 0,
    n: whole(random, 0, 99),
  }));
}

const ANSWERED_SHARE = 0.5;
const ANSWERED_MINUTES_MAX = 30;

/** One kind of call, or two at once, answered in one way for minutes (test/aws/wire/answers.ts). */
export function answeredAmong(random: Random, hours: number, firstId: number): Incident[] {
  if (random() >= ANSWERED_SHARE) return [];
  return Array.from({ length: whole(random, 1, 2) }, (_, each) => ({
    id: firstId + each,
    when: { at: whole(random, QUIET_MS, hours * HOUR_MS) },
    fault: "answered",
    forMs: whole(random, 30, ANSWERED_MINUTES_MAX * 60) * 1_000,
    n: whole(random, 0, 799),
  }));
}

/**
 * The encounters of a scenario; none in about half of all.
 * @param boundaries milliseconds after the start.
 */
export function encountersOf(
  random: Random,
  hours: number,
  promise: Promise1,
  boundaries: readonly number[],
  firstId: number,
): Incident[] {
  if (random() >= SHARE) return [];
  const between: Between = (low, high) => whole(random, low, high);
  const kinds = [
    ...ANYWHERE,
    ...(promise === "server" ? [...OF_DRAINS, ...OF_DRAINS] : []),
    ...(boundaries.length > 0 ? OF_BOUNDARIES : []),
  ];
  const incidents: Incident[] = [];
  const count = between(1, Math.ceil(PER_HOUR_MAX * hours));
  for (let each = 0; each < count; each++) {
    const encounter = oneOf(random, kinds);
    const boundary = boundaries[between(0, boundaries.length - 1)];
    const isAtBoundary = boundary !== undefined && OF_BOUNDARIES.includes(encounter);
    const moment = isAtBoundary ? boundary : between(QUIET_MS, hours * HOUR_MS);
    incidents.push(...placed(encounter(between), moment, firstId + incidents.length));
  }
  return incidents;
}

/** Around a moment, in milliseconds after the start. */
function placed(parts: readonly Part[], moment: number, firstId: number): Incident[] {
  return parts.map(({ fault, after, lasts = 0, n = 0 }, index) => {
    const at = Math.max(1, moment + Math.floor(after * SECOND_MS));
    return { id: firstId + index, when: { at }, fault, forMs: lasts * SECOND_MS, n };
  });
}
