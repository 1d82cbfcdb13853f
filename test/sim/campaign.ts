/** Makes many runs on all threads, and shows meanwhile how far they are. */
import type { Options } from "./options.ts";
import { type Done, type Job, type Pool, runAll, Tally, type Totals } from "./pool.ts";
import { progressLine, violationText } from "./report.ts";

/** After so many failing runs no new ones begin. */
const FAILURES_ENOUGH = 5;
const TERMINAL_EVERY_MS = 250;
const LOG_EVERY_MS = 10_000;
/** Back to the start of the line, and all of it gone. */
const ERASE = "\r\u001B[2K";

/** What one command works with. */
export interface Session {
  readonly options: Options;
  readonly pool: Pool;
  readonly stop: AbortSignal;
}

/** A set of runs, and how they are named. */
export interface Campaign {
  /** What is counted: `seeds` or `plans`. */
  readonly unit: string;
  readonly of: number;
  readonly jobs: Iterable<Job>;
  readonly titleOf: (job: Job) => string;
}

export interface Outcome {
  readonly totals: Totals;
  /** In the order of their ids. */
  readonly failures: readonly Done[];
  /** The run that ended last. */
  readonly last: Done | null;
  readonly wallMs: number;
}

export async function runCampaign(
  session: Session,
  campaign: Campaign,
  onDone: (done: Done) => void = () => {},
): Promise<Outcome> {
  const startedAt = performance.now();
  const tally = new Tally();
  const failures: Done[] = [];
  let last: Done | null = null;
  const lines = showing(session, () => {
    const { runs, ...sums } = tally.soFar;
    const { unit, of } = campaign;
    return progressLine({ done: runs, of, unit, wallMs: performance.now() - startedAt, ...sums });
  });
  const note = (done: Done) => {
    tally.add(done);
    last = done;
    onDone(done);
    const violation = done.result.violations[0];
    if (violation === undefined) return;
    failures.push(done);
    lines.say(`VIOLATION, ${campaign.titleOf(done.job)}: ${violationText(violation)}`);
  };
  const enough = () => session.stop.aborted || failures.length >= FAILURES_ENOUGH;
  try {
    await runAll(campaign.jobs, session.pool, note, enough);
  } finally {
    lines.end();
  }
  return {
    totals: tally.totals(),
    failures: failures.toSorted((a, b) => a.job.id - b.job.id),
    last,
    wallMs: performance.now() - startedAt,
  };
}

/** A line for those who wait; stdout is kept clean for the JSON document. */
export function tell({ options }: Pick<Session, "options">, line: string): void {
  stream(options).write(`${line}\n`);
}

function stream({ json }: Options): NodeJS.WriteStream {
  return json ? process.stderr : process.stdout;
}

/** Shows the line again and again: in its place on a terminal, below each other in a log. */
function showing({ options }: Session, line: () => string) {
  const out = stream(options);
  const show = out.isTTY
    ? () => out.write(`${ERASE}${line().slice(0, out.columns - 1)}`)
    : () => out.write(`${line()}\n`);
  const timer = setInterval(show, out.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS);
  const erase = () => (out.isTTY ? out.write(ERASE) : true);
  return {
    say: (text: string) => {
      erase();
      out.write(`${text}\n`);
    },
    end: () => {
      clearInterval(timer);
      erase();
    },
  };
}
