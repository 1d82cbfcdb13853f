/** What `npm run soak` prints: from values to text. */
import type { DemandCounts } from "../aws/demand/sessions.ts";
import { isPassed, type Offence, type Verdict } from "./judge.ts";
import type { Calls } from "./witness.ts";

/** What is known while it runs. */
export interface Progress {
  /** Real time since it began. */
  readonly seconds: number;
  readonly ticks: number;
  readonly launches: number;
  readonly deletes: number;
  readonly kills: number;
  readonly calls: Calls;
  readonly sessions: DemandCounts;
  /** Instances that are billed now. */
  readonly billed: number;
}

export interface Report extends Omit<Progress, "billed"> {
  readonly seed: number;
  readonly speed: number;
  /** The model's time at the start. */
  readonly startMs: number;
  readonly maxInstances: number;
  /** Ends of the Worker that nobody asked for. */
  readonly ownEnds: number;
  /** From the end of demand and faults on; null if the time was over before. */
  readonly settledInSeconds: number | null;
  readonly settleWithinSeconds: number;
  /** What went wrong around the fleet while the Worker was there, with how often. */
  readonly problems: readonly { readonly sentence: string; readonly times: number }[];
  readonly verdict: Verdict;
}

export function progressLine(progress: Progress, minutes: number): string {
  const { seconds, ticks, launches, deletes, kills, calls, sessions, billed } = progress;
  const isSettling = seconds > minutes * 60;
  return [
    isSettling ? `${clock(seconds)} settling` : `${clock(seconds)} of ${clock(minutes * 60)}`,
    `ticks ${ticks}`,
    `billed ${billed}`,
    `launches ${launches}`,
    `deletes ${deletes}`,
    `kills ${kills}`,
    `throttled ${calls.throttled}`,
    `lost ${calls.lost}`,
    `sessions ${sessions.live} of ${sessions.arrivals}`,
  ].join("  ");
}

export function tableOf(report: Report): string {
  const { calls, sessions, verdict } = report;
  const rows: readonly (readonly [string, string])[] = [
    [
      "duration",
      `${clock(report.seconds)} (${clock(report.seconds * report.speed)} of the model), seed ${report.seed}`,
    ],
    ["settled", settled(report)],
    ["ticks", String(report.ticks)],
    ["launches", String(report.launches)],
    ["deletes", String(report.deletes)],
    ["most billed at once", `${verdict.peak} of ${report.maxInstances}`],
    ["kills", kills(report)],
    ["AWS calls", String(calls.all)],
    ["throttles", share(calls.throttled, calls.all)],
    ["lost replies", share(calls.lost, calls.all)],
    ["sessions started", String(sessions.placed)],
    ["sessions refused", String(sessions.blocked)],
    ["sessions ended", `${sessions.ended}, and ${sessions.live} go on`],
    ["sessions lost", String(sessions.killed)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const place = (offence: Offence): string => placed(offence, report);
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}${value}`),
    ...report.problems.map(
      ({ sentence, times }) => `${"trouble".padEnd(width)}${sentence} (${times} times)`,
    ),
    "",
    ...gate("busy servers deleted", verdict.busyDeletes, place),
    ...gate("zombies at the end", verdict.zombies, place),
    ...gate("times above the maximum", verdict.overMaximum, place),
  ].join("\n");
}

export function jsonOf(report: Report): string {
  return JSON.stringify({ passed: isPassed(report.verdict), ...report }, null, 2);
}

function settled({ settledInSeconds, settleWithinSeconds }: Report): string {
  return settledInSeconds === null
    ? `not within ${clock(settleWithinSeconds)}`
    : `${clock(settledInSeconds)} after the end of demand and faults`;
}

function kills({ kills, ownEnds }: Report): string {
  return ownEnds === 0
    ? String(kills)
    : `${kills}, and ${ownEnds} times the Worker ended by itself`;
}

function gate(
  name: string,
  offences: readonly Offence[],
  place: (offence: Offence) => string,
): string[] {
  const verdict = offences.length === 0 ? "PASS" : "FAIL";
  return [
    `${verdict}  ${offences.length} ${name}`,
    ...offences.map((one) => `      ${place(one)}`),
  ];
}

/** A moment as somebody finds it in the lines above, and as the cloud's records say it. */
function placed({ at, sentence }: Offence, { startMs, speed }: Report): string {
  return `${clock((at - startMs) / 1_000 / speed)} (${new Date(at).toISOString()} at the cloud): ${sentence}`;
}

function share(count: number, all: number): string {
  return all === 0
    ? String(count)
    : `${count} (${((100 * count) / all).toFixed(1)} % of the calls)`;
}

/** `mm:ss`, and hours before them once there are any. */
function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  return (whole >= 3_600 ? [String(Math.floor(whole / 3_600)), ...parts] : parts).join(":");
}
