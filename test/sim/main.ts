/** `npm run sim`: the fleet under fire, for someone who wants to know whether it holds. */
import { randomInt } from "node:crypto";
import { URL } from "node:url";
import { UsageError } from "../aws/command-line.ts";
import { type Outcome, runCampaign, type Session, tell } from "./campaign.ts";
import { scenarioOf } from "./generate.ts";
import { ofSize, sizedOf } from "./generate-size.ts";
import * as commandLine from "./options.ts";
import type { Options, SeedsMode, SingleMode } from "./options.ts";
import { type Done, type Job, Pool } from "./pool.ts";
import * as report from "./report.ts";
import type { Incident, Scenario } from "./scenario.ts";
import { shrink, type Shrunk } from "./shrink.ts";
import * as single from "./single.ts";
import { STORIES } from "./story.ts";

const SHRINK = { runs: 200, ms: 60_000 } as const;
/** Lines of trace that are shown of a failing run, and that are kept where all are asked for. */
const TRACE_LINES = { failure: 40, all: 1_000_000 } as const;
const INTERRUPTED = 130;

/** The first failing run, made small where it can be. */
interface Finding {
  readonly done: Done;
  readonly shrunk: Shrunk | null;
  readonly replay: string;
}

/** All that is to be told at the end. */
interface Conclusion {
  readonly what: string;
  readonly outcome: Outcome;
  readonly titleOf: (job: Job) => string;
  readonly finding: Finding | null;
  /** Null where nobody asked for it. */
  readonly trace: readonly string[] | null;
  readonly coverage: single.Coverage | null;
}

try {
  const options = commandLine.readOptions(process.argv.slice(2));
  if (options === null) console.log(commandLine.USAGE);
  else process.exitCode = await run(options);
} catch (error) {
  console.error(explain(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run(options: Options): Promise<number> {
  const { mode, workers } = options;
  if (mode.kind === "planted") {
    const { runPlanted } = await import("./planted/run.ts");
    return await runPlanted({ ...mode, workers });
  }
  const stop = stopSignal();
  const pool = new Pool(options.workers, new URL("./job.ts", import.meta.url));
  stop.addEventListener("abort", () => void pool.close());
  const session = { options, pool, stop };
  try {
    const conclusion =
      mode.kind === "seeds" ? await runSeeds(mode, session) : await runSingle(mode, session);
    if (conclusion !== null) conclude(conclusion, session);
    if (stop.aborted) return INTERRUPTED;
    return conclusion?.outcome.failures.length === 0 ? 0 : 1;
  } finally {
    await pool.close();
  }
}

/** Aborts at the first Ctrl-C or SIGTERM; a second one does not wait. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      controller.abort();
    });
  }
  return controller.signal;
}

async function runSeeds(mode: SeedsMode, session: Session): Promise<Conclusion> {
  const { seeds, hours, trace } = mode;
  const first = mode.first ?? randomInt(commandLine.SEED_MAX - seeds + 2);
  const what = seeds === 1 ? `seed ${first}` : `seeds ${first} to ${first + seeds - 1}`;
  tell(session, `${what}, ${hours} h each, ${session.pool.size} at a time.`);
  const again = `npm run sim -- --seed ${first} --seeds ${seeds} --hours ${hours}${mode.sized ? " --sized" : ""}`;
  if (mode.first === null) tell(session, `The same again: ${again}`);
  const jobs = jobsOfSeeds(session, first, mode);
  const titleOf = ({ scenario }: Job) => `seed ${scenario.seed}`;
  const outcome = await runCampaign(session, { unit: "seeds", of: seeds, jobs, titleOf });
  const worst = outcome.failures[0];
  return {
    what,
    outcome,
    titleOf,
    finding: worst === undefined ? null : await findingOfSeed(session, mode, worst),
    trace: trace ? (outcome.last?.result.trace ?? []) : null,
    coverage: null,
  };
}

function* jobsOfSeeds(session: Session, first: number, mode: SeedsMode): Generator<Job> {
  const { seeds, hours, servers, sized, keep, cut, trace } = mode;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const drawn = sized ? sizedOf(seed, hours) : scenarioOf(seed, hours);
    const whole = servers === null ? drawn : ofSize(drawn, servers);
    const incidents = keep === null ? whole.incidents : kept(whole.incidents, keep);
    const scenario = { ...whole, incidents, hours: cut ?? whole.hours };
    yield jobOf(session, seed, scenario, trace ? TRACE_LINES.all : 0);
  }
}

function kept(incidents: readonly Incident[], ids: readonly number[]): readonly Incident[] {
  const unknown = ids.find((id) => !incidents.some((incident) => incident.id === id));
  if (unknown === undefined) return incidents.filter(({ id }) => ids.includes(id));
  throw new UsageError(
    `--keep: there is no incident ${unknown} in this scenario. Are --seed and --hours right?`,
  );
}

function jobOf({ options }: Session, id: number, scenario: Scenario, traceLines: number): Job {
  return { id, scenario, options: { traceLines }, twice: options.twice };
}

async function findingOfSeed(session: Session, mode: SeedsMode, done: Done): Promise<Finding> {
  const { hours, sized, cut, keep, trace } = mode;
  const { id, scenario } = done.job;
  const replay = { seed: scenario.seed, hours, sized, cut, keep };
  // Anyone who asks for the trace of a run wants to see that run.
  if (trace) return { done, shrunk: null, replay: report.replayCommand(replay) };
  tell(session, `Shrinking seed ${id} ...`);
  const again = async (smaller: Scenario) =>
    (await session.pool.run(jobOf(session, id, smaller, TRACE_LINES.failure)))?.result ?? null;
  const limits = {
    ...SHRINK,
    width: session.pool.size,
    now: () => performance.now(),
    stopped: () => session.stop.aborted,
  };
  const shrunk = await shrink(scenario, done.result, again, limits);
  const { incidents, hours: end } = shrunk.scenario;
  const fewer = incidents.length < scenario.incidents.length;
  return {
    done,
    shrunk,
    replay: report.replayCommand({
      ...replay,
      keep: fewer ? incidents.map((incident) => incident.id) : keep,
      cut: end < scenario.hours ? end : cut,
    }),
  };
}

async function runSingle(mode: SingleMode, session: Session): Promise<Conclusion | null> {
  tell(session, `Learning the effect points of ${STORIES.length} stories ...`);
  const learned = await learn(session);
  if (learned === null) return null;
  const all = single.plansOf(learned);
  const plans = single.choose(all, mode);
  if (plans.length === 0)
    throw new UsageError(`--plan: there are plans 0 to ${all.length - 1}, and no other.`);
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  const titleOf = ({ id }: Job) => report.planTitle(id, byId.get(id));
  const isOne = mode.plan !== null;
  const jobs = plans.map((plan) => jobOfPlan(session, plan, isOne ? TRACE_LINES.all : 0));
  const covered = new single.Covered(learned, all);
  const outcome = await runCampaign(
    session,
    { unit: "plans", of: plans.length, jobs, titleOf },
    ({ job, result }) => covered.add(byId.get(job.id), result),
  );
  const worst = outcome.failures[0];
  return {
    what: isOne && plans[0] !== undefined ? report.planTitle(mode.plan, plans[0]) : "single faults",
    outcome,
    titleOf,
    finding: worst === undefined ? null : await findingOfPlan(session, worst, isOne),
    trace: isOne ? (outcome.last?.result.trace ?? []) : null,
    coverage: isOne ? null : covered.coverage(),
  };
}

/** Runs each story as it is, to learn its effect points; null when it was stopped. */
async function learn({ pool }: Session): Promise<readonly single.Learned[] | null> {
  const runs = STORIES.map(async (scenario, id) => {
    const done = await pool.run({ id, scenario, options: { keepPoints: true }, twice: false });
    return done?.result ?? null;
  });
  const results = await Promise.all(runs);
  return results.every((result) => result !== null) ? results : null;
}

function jobOfPlan(session: Session, plan: single.Plan, traceLines: number): Job {
  const story = STORIES[plan.story];
  if (story === undefined) throw new Error(`There is no story ${plan.story}.`);
  return jobOf(session, plan.id, single.scenarioOfPlan(story, plan), traceLines);
}

/** One fault cannot be made fewer: the plan is only run again for its trace, where it has none yet. */
async function findingOfPlan(session: Session, done: Done, traced: boolean): Promise<Finding> {
  const { job } = done;
  const traceLines = TRACE_LINES.failure;
  const again = traced ? null : await session.pool.run({ ...job, options: { traceLines } });
  const replay = `npm run sim -- --single --plan ${job.id}`;
  return { done: again ?? done, shrunk: null, replay };
}

function conclude(conclusion: Conclusion, { options, stop }: Session): void {
  if (options.json)
    return console.log(JSON.stringify(documentOf(conclusion, stop.aborted), null, 2));
  const { what, outcome, coverage, trace, finding } = conclusion;
  const { totals, wallMs } = outcome;
  if (trace !== null) {
    const incidents = outcome.last?.job.scenario.incidents ?? [];
    console.log(`\nIncidents:\n${report.incidentLines(incidents).join("\n")}`);
    console.log(`\n${report.traceText(trace, TRACE_LINES.all)}`);
  }
  if (finding !== null) console.log(`\n${findingText(conclusion, finding)}`);
  const isWhole = !stop.aborted;
  console.log(`\n${report.summaryText({ what, totals, wallMs, coverage, isWhole })}`);
}

function findingText({ outcome, titleOf, trace }: Conclusion, finding: Finding): string {
  const { done, shrunk, replay } = finding;
  const result = shrunk?.result ?? done.result;
  const { scenario } = done.job;
  const failures = outcome.failures.map(({ job, result }) => ({ title: titleOf(job), result }));
  return [
    report.failureText({ title: titleOf(done.job), result }),
    shrunk === null
      ? report.incidentLines(scenario.incidents).join("\n")
      : report.shrunkText(shrunk, scenario),
    // The whole of it is above where it was asked for.
    ...(trace === null ? [report.traceText(result.trace, TRACE_LINES.failure)] : []),
    `To see it again:\n  ${replay}`,
    ...(failures.length > 1 ? [report.othersText(failures.slice(1))] : []),
  ].join("\n\n");
}

/** What `--json` prints. */
function documentOf(
  { what, outcome, titleOf, finding, trace, coverage }: Conclusion,
  stopped: boolean,
) {
  const { totals, failures, wallMs } = outcome;
  return {
    what,
    stopped,
    wallMs: Math.round(wallMs),
    ...totals,
    busyMs: Math.round(totals.busyMs),
    ...(coverage === null ? {} : { coverage }),
    failures: failures.map(({ job, result }) => ({
      title: titleOf(job),
      violations: result.violations,
    })),
    finding:
      finding === null
        ? null
        : {
            title: titleOf(finding.done.job),
            violations: (finding.shrunk?.result ?? finding.done.result).violations,
            incidents: (finding.shrunk?.scenario ?? finding.done.job.scenario).incidents,
            shrink:
              finding.shrunk === null
                ? null
                : { end: finding.shrunk.end, runs: finding.shrunk.runs },
            trace: (finding.shrunk?.result ?? finding.done.result).trace,
            replay: finding.replay,
          },
    ...(trace === null ? {} : { trace }),
  };
}

function explain(error: unknown): string {
  if (error instanceof UsageError)
    return `${error.message}\nnpm run sim -- --help lists the options.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
