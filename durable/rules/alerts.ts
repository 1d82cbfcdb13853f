/**
 * When people are told.
 *
 * 1. A trouble lasts, and is found anew in every tick. It is reported once, when it has lasted long enough. What
 *    is shown of it is what the last tick found.
 * 2. Its end is reported once, when it has stayed away for a minute: what comes and goes is one trouble.
 * 3. What was not told does not end either.
 * 4. News happens once, and is reported once.
 * 5. A kind that is `off` is kept for the status, and not told.
 */
import { type Bulletin, type News, type OpenAlert, severityOf, type Trouble } from "./bulletins.ts";
import { endingOf } from "./endings.ts";
import { redacted } from "./redact.ts";
import type { State } from "./state.ts";

/** A trouble has ended when it was away for so long. */
const ENDS_AFTER_MS = 60_000;
const WHAT_MAX = 600;
const CAN_DO_MAX = 1_200;

/** What is open after this tick, and what people are to be told of it. */
export function bulletinsOf(
  state: State,
  open: readonly OpenAlert[],
  troubles: readonly Trouble[],
  news: readonly News[],
): { open: OpenAlert[]; bulletins: Bulletin[] } {
  const now = new Map(troubles.map((trouble) => [keyOf(trouble), trouble]));
  const before = new Map(open.map((alert) => [keyOf(alert), alert]));
  const seen = troubles.map((trouble) => seenAgain(state, before.get(keyOf(trouble)), trouble));
  const unseen = open.filter((alert) => !now.has(keyOf(alert)));
  const left = unseen.flatMap((alert) => stillAway(state, alert));
  const ended = unseen.filter((alert) => alert.severity !== null && isOver(state, alert));
  return {
    open: [...seen.map(({ alert }) => alert), ...left],
    bulletins: [
      ...seen.flatMap(({ begun }) => begun),
      ...ended.flatMap((alert) => ends(state, alert, troubles)),
      ...announcementsOf(state, news),
    ],
  };
}

/** What people hear of news: nothing of a kind that is off. */
export function announcementsOf(state: State, news: readonly News[]): Bulletin[] {
  return news.flatMap((each) => tell(state, each, "news"));
}

function seenAgain(
  state: State,
  before: OpenAlert | undefined,
  trouble: Trouble,
): { alert: OpenAlert; begun: Bulletin[] } {
  const { kind, subject } = trouble;
  const since = Math.min(before?.since ?? state.now, trouble.since);
  const what = redacted(trouble.what, WHAT_MAX);
  const canDo = redacted(trouble.canDo, CAN_DO_MAX);
  if (before !== undefined && before.severity !== null)
    return { alert: { ...before, what, canDo, awaySince: null }, begun: [] };
  const alert = { kind, subject, since, severity: null, what, canDo, awaySince: null };
  if (state.now - since < trouble.toldAfterMs) return { alert, begun: [] };
  const severity = severityOf(state.spec.alerts.kinds, kind);
  return { alert: { ...alert, severity }, begun: tell(state, trouble, "begins") };
}

/** One that was never told is forgotten at once. */
function stillAway(state: State, alert: OpenAlert): OpenAlert[] {
  if (alert.severity === null || isOver(state, alert)) return [];
  return [{ ...alert, awaySince: alert.awaySince ?? state.now }];
}

function isOver({ now }: State, { awaySince }: OpenAlert): boolean {
  return awaySince !== null && now - awaySince >= ENDS_AFTER_MS;
}

function ends(state: State, alert: OpenAlert, troubles: readonly Trouble[]): Bulletin[] {
  if (alert.severity === null || alert.severity === "off") return [];
  // The next step of the month's money is told as such; only its last one has an end.
  if (alert.kind === "spend" && troubles.some(({ kind }) => kind === "spend")) return [];
  const { kind, subject } = alert;
  const ending = { kind, subject, what: endingOf(state, alert), doing: "", canDo: "" };
  // An end wakes nobody.
  return tell(state, ending, "ends").map((bulletin) => ({ ...bulletin, severity: "tell" }));
}

function tell(state: State, news: News, stage: Bulletin["stage"]): Bulletin[] {
  const { kind, subject } = news;
  const severity = severityOf(state.spec.alerts.kinds, kind);
  if (severity === "off") return [];
  const what = redacted(news.what, WHAT_MAX);
  const doing = redacted(news.doing, WHAT_MAX);
  const canDo = redacted(news.canDo, CAN_DO_MAX);
  const { fleet } = state.identity;
  return [{ fleet, at: state.now, stage, severity, kind, subject, what, doing, canDo }];
}

function keyOf({ kind, subject }: Pick<News, "kind" | "subject">): string {
  return `${kind} ${subject}`;
}
