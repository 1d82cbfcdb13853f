/** What a person may have to do something about, the most important first. */
import type { AlertKind } from "../../durable/rules/spec.ts";
import type { AlertView, BlockerView, PauseView, Status } from "../../durable/rules/views.ts";
import type { WallClock } from "./clock.ts";
import { isRoutine, placeOf } from "../../durable/rules/guard-order.ts";
import { clip, cleaned, fit, wrap } from "./width.ts";

interface Trouble {
  readonly head: string;
  /** What to do, or what it says itself. */
  readonly text: string;
}

/** Their blockers say it already, or the verdict does. */
const SAID: ReadonlySet<AlertKind> = new Set([
  "noSpares",
  "noTick",
  "guard",
  "blindEyes",
  "credentials",
  "failedBoots",
  "rollout",
]);

/** In at most so many lines; what has no room is counted. */
export function troubleLines(
  status: Status,
  clock: WallClock,
  { rows, width }: { readonly rows: number; readonly width: number },
): string[] {
  const troubles = troublesOf(status, clock);
  const lines: string[] = [];
  for (const [index, { head, text }] of troubles.entries()) {
    const left = troubles.length - index;
    const entry = [
      fit(`! ${cleaned(head)}`, width),
      ...wrap(cleaned(text), width - 2).map((line) => `  ${line}`),
    ];
    // One line stays for the count of those that follow.
    const room = rows - lines.length - (left > 1 ? 1 : 0);
    if (room < Math.min(2, entry.length))
      return [...lines, fit(`! and ${left} more: GET /v1/fleets/${status.fleet}`, width)].slice(
        0,
        rows,
      );
    lines.push(...clip(entry, room, width));
  }
  return lines;
}

function troublesOf(status: Status, clock: WallClock): Trouble[] {
  const { lastTick, notifyTrouble, fleet } = status;
  const blockers = status.blockers
    .filter(({ guard }) => guard !== "paused" || status.paused.length === 0)
    .toSorted((a, b) => placeOf(a.guard) - placeOf(b.guard));
  const alerts = status.alerts
    .filter(({ kind, severity }) => severity !== "off" && !SAID.has(kind))
    .toSorted((a, b) => Number(b.severity === "page") - Number(a.severity === "page"));
  const error = lastTick?.error ?? null;
  return [
    ...(error === null ? [] : [{ head: "the last tick failed", text: error }]),
    ...blockers.filter(({ guard }) => !isRoutine(guard)).map((each) => blocked(each, clock)),
    ...pauses(status.paused).map((each) => paused(each, fleet, clock)),
    ...(notifyTrouble === null ? [] : [{ head: "people are not told", text: notifyTrouble }]),
    ...alerts.map((each) => alerted(each, clock)),
    ...blockers.filter(({ guard }) => isRoutine(guard)).map((each) => blocked(each, clock)),
  ];
}

function blocked({ guard, value, limit, since, retryAt, fix }: BlockerView, clock: WallClock) {
  const figures = value === null ? "" : ` ${value}${limit === null ? "" : ` of ${limit}`}`;
  const again = retryAt === null ? "" : `, tried again ${clock.at(retryAt)}`;
  return {
    head: `${guard}${figures}, since ${clock.at(since)} (${clock.ago(since)})${again}`,
    text: fix,
  };
}

function alerted({ kind, since, what, canDo }: AlertView, clock: WallClock): Trouble {
  return {
    head: `${kind}, since ${clock.at(since)} (${clock.ago(since)})`,
    text: `${what} ${canDo}`,
  };
}

/** One call pauses several things: they are one entry. */
function pauses(views: readonly PauseView[]): [PauseView, ...PauseView[]][] {
  const groups = new Map<string, [PauseView, ...PauseView[]]>();
  for (const view of views) {
    const key = JSON.stringify([view.since, view.until, view.reason, view.actor]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [view]);
    else group.push(view);
  }
  return [...groups.values()];
}

function paused(group: [PauseView, ...PauseView[]], fleet: string, clock: WallClock): Trouble {
  const [{ actor, since, until, reason }] = group;
  const what = group.map((each) => each.what).join(", ");
  const end = until === null ? "until it is resumed" : `until ${clock.at(until)}`;
  return {
    head: `paused ${what}, by ${actor} since ${clock.at(since)} (${clock.ago(since)}), ${end}`,
    text: `${reason}; to end it: POST /v1/fleets/${fleet}/resume`,
  };
}
