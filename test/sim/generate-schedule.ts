/**
 * The schedule of a simulated fleet: minute crons, so that several boundaries fall into an hour, in zones
 * of all kinds. A share of these runs begins shortly before a zone's clock is set, or before its midnight.
 */
import { oneOf } from "../aws/demand/draw.ts";
import type { Random } from "../aws/demand/random.ts";
import { clockOf } from "../calendar-reference/zones.ts";
import { expectedBoundaries } from "../calendar-reference/schedule.ts";
import { type FaultKind, type Incident, SCHEDULE_KINDS, START, type When } from "./scenario.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface Entry {
  readonly name?: string;
  readonly cron: string;
  readonly timezone: string;
  readonly spares: string;
  readonly until?: string;
}

export interface Day {
  readonly name: string;
  readonly from: string;
  readonly until: string;
  readonly timezone: string;
  readonly spares: string;
}

export interface Scheduled {
  readonly startsAt: number;
  readonly schedule: readonly Entry[];
  readonly specialDays: readonly Day[];
}

const ZONES = [
  "Asia/Seoul",
  "UTC",
  "America/New_York",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
] as const;

/** The first instants of another offset, each with an entry whose time is skipped or comes twice. */
const CHANGES = [
  { zone: "America/New_York", at: Date.UTC(2027, 2, 14, 7), cron: "30 2 * * *" },
  { zone: "America/New_York", at: Date.UTC(2026, 10, 1, 6), cron: "30 1 * * *" },
  { zone: "Australia/Lord_Howe", at: Date.UTC(2026, 9, 3, 15, 30), cron: "10,20 2 * * *" },
  { zone: "Australia/Lord_Howe", at: Date.UTC(2027, 3, 3, 15), cron: "45 1 * * *" },
  { zone: "Europe/Lisbon", at: Date.UTC(2027, 2, 28, 1), cron: "15 1 * * *" },
] as const;

const VALUES = ["0", "1", "2", "3", "4", "5", "6", "8", "1+20%", "2+20%"] as const;

/** Draws a value of a schedule. */
export function valueOf(random: Random): string {
  return oneOf(random, VALUES);
}

interface Planned {
  readonly max?: number;
  readonly schedule?: readonly Entry[];
  readonly specialDays?: readonly Day[];
}

/** What a spec may say of spares: no value of the schedule or of a special day is above the bound. */
export function withinMax(spares: object): Record<string, unknown> {
  const { max = Infinity, schedule, specialDays } = spares as Planned;
  const lowered = <Item extends { readonly spares: string }>(planned: readonly Item[]) =>
    planned.map((each) =>
      Number.parseInt(each.spares, 10) > max ? { ...each, spares: String(max) } : each,
    );
  return {
    ...spares,
    ...(schedule === undefined ? {} : { schedule: lowered(schedule) }),
    ...(specialDays === undefined ? {} : { specialDays: lowered(specialDays) }),
  };
}

export function scheduleOf(random: Random, hours: number): Scheduled {
  const kind = random();
  const change = oneOf(random, CHANGES);
  const midnightIn = oneOf(random, ZONES);
  const beforeMs = Math.floor((0.1 + 0.6 * random()) * hours * HOUR_MS);
  const isChange = kind < 0.3;
  const startsAt = isChange
    ? change.at - beforeMs
    : kind < 0.5
      ? midnightAfter(midnightIn, START) - beforeMs
      : START;
  const zone = isChange ? change.zone : kind < 0.5 ? midnightIn : null;
  const count = 1 + Math.floor(random() * 4);
  const entries = Array.from({ length: count }, () => entryOf(random, zone, startsAt));
  const schedule = isChange
    ? [...entries, { cron: change.cron, timezone: change.zone, spares: valueOf(random) }]
    : entries;
  const days = random() < 0.4 ? 1 + Math.floor(random() * 2) : 0;
  return { startsAt, schedule, specialDays: daysOf(random, days, startsAt) };
}

/** Every entry begins at least once a day: the reference looks no further back. */
export function entryOf(random: Random, zone: string | null, startsAt: number): Entry {
  const drawn = oneOf(random, ZONES);
  const timezone = zone !== null && random() < 0.7 ? zone : drawn;
  const [minute, kind, end] = [Math.floor(random() * 60), random(), random()];
  const cron =
    kind < 0.5
      ? `${minute} * * * *`
      : kind < 0.65
        ? "*/15 * * * *"
        : kind < 0.8
          ? `${minute % 30}-${30 + (minute % 30)}/9 * * * *`
          : kind < 0.95
            ? `${minute},${(minute + 17) % 60} * * * *`
            : "0 0 * * *";
  const entry = { cron, timezone, spares: valueOf(random) };
  if (end < 0.75) return end < 0.2 ? { ...entry, name: `entry ${minute}` } : entry;
  // Over since yesterday, until the next midnight, or for another week.
  const inDays = end < 0.8 ? -1 : end < 0.95 ? 0 : 7;
  return { ...entry, until: dateIn(timezone, startsAt, inDays) };
}

function daysOf(random: Random, count: number, startsAt: number): Day[] {
  return Array.from({ length: count }, (_, index) => {
    const timezone = oneOf(random, ZONES);
    const from = startsAt + Math.floor(random() * 80 - 30) * MINUTE_MS;
    const until = from + (5 + Math.floor(random() * 55)) * MINUTE_MS;
    const name = `special day ${index + 1}`;
    const [begins, ends] = [localTime(timezone, from), localTime(timezone, until)];
    return { name, from: begins, until: ends, timezone, spares: valueOf(random) };
  }).filter(({ from, until }) => from < until);
}

/** One that begins and ends within the first hour. */
export function oneDayOf(random: Random, startsAt: number): Day {
  const from = startsAt + Math.floor(5 + random() * 15) * MINUTE_MS;
  const until = from + Math.floor(5 + random() * 20) * MINUTE_MS;
  const timezone = "UTC";
  const [begins, ends] = [localTime(timezone, from), localTime(timezone, until)];
  return { name: "a day off", from: begins, until: ends, timezone, spares: valueOf(random) };
}

/** `2026-12-31T18:00`. */
export function localTime(timezone: string, at: number): string {
  return new Date(clockOf(timezone)(at)).toISOString().slice(0, 16);
}

function dateIn(timezone: string, at: number, days: number): string {
  return new Date(clockOf(timezone)(at) + days * DAY_MS).toISOString().slice(0, 10);
}

function midnightAfter(timezone: string, at: number): number {
  const local = clockOf(timezone)(at);
  return at + DAY_MS - (local % DAY_MS);
}

/** These befall every fleet, and hurt most while a boundary is on its way. */
const AROUND_BOUNDARIES: readonly FaultKind[] = [
  "crash",
  "crashAll",
  "crashAgain",
  "redeploy",
  "clockJump",
  "storageError",
  "alarmLate",
  "alarmLost",
  "stateLost",
  "tagLag",
  "tagChanged",
  "tagGarbage",
  "tagMissing",
  "override",
  "endOverrides",
  "resume",
  "credentialsExpired",
  "lostAfter",
  "remove",
];
const ONCE: ReadonlySet<FaultKind> = new Set(["stateLost", "remove"]);
const PER_HOUR_MAX = 30;
/** So much before a boundary and after it. */
const BEFORE_MS = 15_000;
const AFTER_MS = 75_000;

/** What befalls a fleet with a schedule besides: most of it around boundaries, or at a write of the tag. */
export function incidentsOfSchedule(
  random: Random,
  boundaries: readonly number[],
  hours: number,
  firstId: number,
): Incident[] {
  const kinds = [...SCHEDULE_KINDS, ...AROUND_BOUNDARIES].filter(() => random() < 0.3);
  const pool: readonly FaultKind[] = kinds.length > 0 ? kinds : ["crash"];
  const count = Math.floor(random() ** 2 * PER_HOUR_MAX * hours) + 1;
  const incidents: Incident[] = [];
  for (let id = firstId; id < firstId + count; id++) {
    const fault = oneOf(random, pool);
    const when = whenOf(random, boundaries, hours);
    const forMs = 5_000 + Math.floor(random() ** 2 * 5 * MINUTE_MS);
    const n = Math.floor(random() * 10_000);
    if (ONCE.has(fault) && incidents.some((each) => each.fault === fault)) continue;
    incidents.push({ id, when, fault, forMs, n });
  }
  return incidents;
}

/** Within the run, in milliseconds after its start. */
export function boundariesOf(
  { startsAt, schedule, specialDays }: Scheduled,
  hours: number,
): number[] {
  const entries = schedule.map((entry) => ({ until: null, ...entry }));
  const until = startsAt + hours * HOUR_MS;
  return expectedBoundaries({ schedule: entries, specialDays }, startsAt - 2 * DAY_MS, until)
    .filter(({ at }) => at > startsAt && at < until)
    .map(({ at }) => at - startsAt);
}

function whenOf(random: Random, boundaries: readonly number[], hours: number): When {
  const [draw, where] = [random(), random()];
  const boundary = boundaries[Math.floor(where * boundaries.length)];
  if (draw < 0.2) return { point: Math.floor(where * 2 * (boundaries.length + 1)), of: "tagWrite" };
  if (draw < 0.8 && boundary !== undefined)
    return { at: Math.max(1, boundary - BEFORE_MS + Math.floor(random() * AFTER_MS)) };
  return { at: Math.floor(where * hours * HOUR_MS) };
}
