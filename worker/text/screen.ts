/**
 * The status of a fleet on one screen of a terminal, 24 lines of 80 columns, for `watch curl ...` and
 * for people who were woken at 3 a.m. First whether it is well, then why, then what is done about it.
 * There are no colours and no signs that a terminal could not show.
 */
import { dollars, many } from "../../durable/rules/phrases.ts";
import type { TargetSource } from "../../durable/rules/target-views.ts";
import {
  type EventView,
  FLEET_ITSELF,
  type InstanceView,
  type Status,
} from "../../durable/rules/views.ts";
import { legend, serversBar, sparesBar } from "./bar.ts";
import { type WallClock, wallClock } from "./clock.ts";
import { doingLines } from "./doing.ts";
import { troubleLines } from "./troubles.ts";
import { headlineOf } from "./verdict.ts";
import { clip, cleaned, fit, widthOf, wrap } from "./width.ts";

const WIDTH = 80;
const ROWS = 24;
const LABEL = 10;
const HEADLINE_LINES_MAX = 3;
/** What is done and what has happened is always seen, however much is wrong. */
const DOING_LEAST = 2;
const EVENTS_LEAST = 2;

export interface Shown {
  readonly status: Status;
  readonly instances: readonly InstanceView[];
  /** The newest first. */
  readonly events: readonly EventView[];
  readonly now: number;
}

export function screenOf({ status, instances, events, now }: Shown): string[] {
  const clock = wallClock(status.timezone, now);
  const head = headLines(status, clock, now);
  const doing = labelled("Now", doingLines(status, instances, clock, WIDTH - LABEL));
  const happened = events.map((event) => eventLine(event, clock));

  const kept = Math.min(DOING_LEAST, doing.length) + Math.min(EVENTS_LEAST, happened.length);
  const troubles = troubleLines(status, clock, { rows: ROWS - head.length - kept, width: WIDTH });
  const taken = head.length + troubles.length + Math.min(EVENTS_LEAST, happened.length);
  const sections = [head, troubles, doing.slice(0, ROWS - taken)];
  const used = sections.reduce((sum, { length }) => sum + length, 0);
  return spaced(sections, labelled("Events", happened).slice(0, ROWS - used));
}

/** Blank lines between the parts, as far as the events have lines to give. */
function spaced(sections: readonly string[][], events: readonly string[]): string[] {
  const parts = sections.filter(({ length }) => length > 0);
  const lines = parts.flat();
  const blanks = parts.length - (events.length === 0 ? 1 : 0);
  const room = ROWS - lines.length - blanks;
  if (room < Math.min(EVENTS_LEAST, events.length)) return [...lines, ...events];
  return [...parts, events.slice(0, room)]
    .filter(({ length }) => length > 0)
    .flatMap((part, index) => (index === 0 ? part : ["", ...part]));
}

function headLines(status: Status, clock: WallClock, now: number): string[] {
  const { word, text } = headlineOf(status, now);
  const headline = wrap(cleaned(`${word}: ${text}`), WIDTH);
  return [
    titleLine(status, clock),
    ...clip(headline, HEADLINE_LINES_MAX, WIDTH),
    ...labelled("Target", clip(wrap(targetWords(status, clock), WIDTH - LABEL), 2, WIDTH - LABEL)),
    ...labelled("Next", nextWords(status, clock)),
    ...labelled("Spares", [sparesWords(status)]),
    ...labelled("Servers", serversWords(status)),
    ...labelled("Month", [fit(moneyWords(status), WIDTH - LABEL)]),
    ...labelled("Rollout", rolloutWords(status)),
  ];
}

/** The name and the time; the zone in full where there is room for it. */
function titleLine({ fleet, region, mode, timezone }: Status, clock: WallClock): string {
  const name = `${fleet} (${region}${mode === "observe" ? ", only observes" : ""})`;
  const inFull = `${clock.date} ${timezone}`;
  const time =
    widthOf(name) + 2 + inFull.length <= WIDTH ? inFull : `${clock.date} ${clock.offset}`;
  const short = fit(name, WIDTH - time.length - 2);
  return `${short}${" ".repeat(WIDTH - widthOf(short) - time.length)}${time}`;
}

const SOURCES: Readonly<Record<TargetSource, string>> = {
  override: "override",
  specialDay: "special day",
  tag: "tag",
  schedule: "schedule",
  default: "default",
};

function targetWords({ target }: Status, clock: WallClock): string {
  const { spares, source, expression, reason, until } = target;
  const written = expression === String(spares) ? "" : ` (${expression})`;
  const end = until === null ? "" : `, until ${clock.at(until)}`;
  const note = reason ?? target.chain.find(({ won }) => won)?.note ?? "";
  const why = note === "" ? "" : `: ${note}`;
  return cleaned(`${many(spares, "spare")}${written}, by ${SOURCES[source]}${end}${why}`);
}

function nextWords({ target: { next } }: Status, clock: WallClock): string[] {
  if (next === null) return [];
  const { at, source, name, spares, launchFrom } = next;
  const early = launchFrom === null ? "" : ` (launches from ${clock.at(launchFrom)})`;
  const words = `${many(spares, "spare")} at ${clock.at(at)}${early}, by ${SOURCES[source]}: ${name}`;
  return [fit(cleaned(words), WIDTH - LABEL)];
}

function sparesWords({ spares, target, sessions }: Status): string {
  return `${sparesBar(spares, target.spares)}  ${spares} of ${target.spares} wanted; ${many(sessions, "session")}`;
}

function serversWords({ counts }: Status): string[] {
  if (counts.total === 0) return ["none"];
  const bar = `${serversBar(counts)} ${counts.total}:`;
  const line = `${bar}  ${legend(counts).join("  ")}`;
  return line.length <= WIDTH - LABEL ? [line] : [bar, ...legendLines(legend(counts))];
}

/** A sign stays on the line of its count. */
function legendLines(entries: readonly string[]): string[] {
  const joined = entries.map((entry) => entry.replaceAll(" ", "\u00a0")).join("  ");
  return wrap(joined, WIDTH - LABEL).map((line) => line.replaceAll("\u00a0", " ").trimEnd());
}

function moneyWords({ spend, vcpus }: Status): string {
  const { spentUsd, committedUsd, capUsd, priced } = spend;
  const cores = `${vcpus.used}${vcpus.limit === null ? "" : ` of ${vcpus.limit}`} vCPUs`;
  if (!priced) return `AWS's prices are not known yet; ${cores}`;
  const cap = capUsd === null ? "" : ` of ${dollars(capUsd)}`;
  return `${dollars(spentUsd)} spent, ${dollars(committedUsd)}${cap} committed; ${cores}`;
}

function rolloutWords({ rollout }: Status): string[] {
  if (rollout === null) return [];
  const { stage, outdated, waitingForBusy } = rollout;
  const busy = waitingForBusy === 0 ? "" : `, ${waitingForBusy} of them busy and waited for`;
  return [`${stage}: ${outdated} outdated${busy}`];
}

function eventLine({ at, actor, message }: EventView, clock: WallClock): string {
  const who = actor === FLEET_ITSELF ? "" : ` (${actor})`;
  return fit(cleaned(`${clock.exactlyAt(at)} ${message}${who}`), WIDTH - LABEL);
}

/** A name in the first column, on the first of the lines. */
function labelled(name: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? name : "").padEnd(LABEL)}${line}`);
}
