/** What the fleet does now: its last decision, and the servers that wait for a call. */
import type { Step } from "../../durable/rules/model.ts";
import type { InstanceView, Status } from "../../durable/rules/views.ts";
import type { WallClock } from "./clock.ts";
import { clip, cleaned, wrap } from "./width.ts";

const WAITING_SHOWN_MAX = 4;
/** An error is more than a line. */
const WAITING_LINES_MAX = 2;

const STEPS: Readonly<Record<Step, string>> = {
  create: "its creation",
  address: "an address",
  ports: "its ports",
  health: "its readings",
  drain: "the end of its drain",
  delete: "its deletion",
};

/** The decision first; then the servers, those with an error before the others. */
export function doingLines(
  { lastTick }: Status,
  instances: readonly InstanceView[],
  clock: WallClock,
  width: number,
): string[] {
  const waiting = instances
    .filter(({ step }) => step !== null)
    .toSorted((a, b) => rank(a) - rank(b) || b.attempts - a.attempts);
  const more = waiting.length - WAITING_SHOWN_MAX;
  const rows = waiting.slice(0, more > 0 ? WAITING_SHOWN_MAX - 1 : WAITING_SHOWN_MAX);
  return [
    ...(lastTick === null ? ["no tick is known yet"] : tickLines(lastTick, clock, width)),
    ...rows.flatMap((row) => clip(wrap(waits(row, clock), width), WAITING_LINES_MAX, width)),
    ...(more > 0 ? [`and ${more + 1} more wait for a call`] : []),
  ];
}

function tickLines(
  tick: NonNullable<Status["lastTick"]>,
  clock: WallClock,
  width: number,
): string[] {
  const { decision, at, durationMs } = tick;
  const said = decision === "" ? "nothing was decided" : cleaned(decision);
  const words = `${said} (decided ${clock.ago(at)} ago, in ${durationMs} ms)`;
  return clip(wrap(words, width), 2, width);
}

function rank({ lastError }: InstanceView): number {
  return lastError === null ? 1 : 0;
}

function waits(row: InstanceView, clock: WallClock): string {
  const { name, step, attempts, nextAttemptAt, lastError } = row;
  const what = step === null ? "nothing" : STEPS[step];
  const tried = attempts === 0 ? "" : `, tried ${attempts}x`;
  const isDue = nextAttemptAt === null || clock.ageMs(nextAttemptAt) >= 0;
  const next = isDue ? "" : `, next ${clock.exactlyAt(nextAttemptAt)}`;
  const error = lastError === null ? "" : `: ${lastError}`;
  return cleaned(`${name} waits for ${what}${tried}${next}${error}`);
}
