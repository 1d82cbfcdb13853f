/** `npm start`: the main job on the embedded AWS, for someone who wants to see it. */
import { once } from "node:events";
import { dayRate, type Rate } from "./aws/demand/rate.ts";
import { readTrace } from "./aws/demand/trace-file.ts";
import { traceRate } from "./aws/demand/trace.ts";
import { every } from "./stack/every.ts";
import { UsageError } from "./aws/command-line.ts";
import { type Options, readOptions, USAGE } from "./stack/options.ts";
import { freePort, isPortFree } from "./stack/ports.ts";
import { greeting, statusLine } from "./stack/shown.ts";
import { FLEET } from "./stack/spec.ts";
import { type Stack, startStack } from "./stack/stack.ts";

const SEED = 7;
const LINE_EVERY_MS = 3_000;
/** The same trouble is not told again before. */
const PROBLEM_QUIET_MS = 30_000;
/** The model's day begins before its busiest hours, whatever the hour is here. */
const DAY_BEGINS_AT_MS = 19 * 3_600_000;
const DAY_MS = 86_400_000;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(USAGE);
  else process.exitCode = await run(options, stopSignal());
} catch (error) {
  console.error(explain(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** Runs until a signal or the Worker's end; gives the exit code. */
async function run(options: Options, stop: AbortSignal): Promise<number> {
  const rateFrom = await demandOf(options);
  const port = await workerPort(options.port);
  console.log("Starting the embedded AWS and the Worker ...");
  const stack = await startUnlessStopped(options, port, rateFrom, stop);
  if (stack === null) return 0;
  console.log(greeting(stack, options));
  const lines = every(
    LINE_EVERY_MS,
    async () => await showLine(stack),
    (error) => console.error(`no status: ${String(error)}`),
  );
  const end = await Promise.race([stopped(stop), stack.worker().ended]);
  if (end === "stopped") console.log("Ending ...");
  await lines.stop();
  const lastLines = stack.worker().lastLines();
  await stack.close();
  if (end === "stopped") return 0;
  console.error(`The Worker is gone: ${end} Its last lines:\n${lastLines}`);
  return 1;
}

/** Aborts at the first Ctrl-C or SIGTERM; a second one does not wait. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort();
    });
  }
  return controller.signal;
}

async function demandOf({ trace, sessionsPerHour }: Options): Promise<(startMs: number) => Rate> {
  if (trace === null)
    return (startMs) =>
      dayRate({ sessionsPerHour, seed: SEED, localOffsetMs: localOffsetMs(startMs) });
  const read = await readTrace(trace);
  if (!read.ok) throw new UsageError(read.problem);
  return (originMs) => traceRate(read.trace, { sessionsPerHour, originMs });
}

/** What makes the model's first moment the hour at which its day begins. */
function localOffsetMs(startMs: number): number {
  return DAY_BEGINS_AT_MS - (startMs % DAY_MS);
}

async function workerPort(port: number): Promise<number> {
  if (port === 0) return await freePort();
  if (await isPortFree(port)) return port;
  throw new Error(`Port ${port} is in use. Give another with --port, or 0 for any free one.`);
}

async function startUnlessStopped(
  { speed, target, capacity, throttle, awsPort }: Options,
  port: number,
  rateFrom: (startMs: number) => Rate,
  signal: AbortSignal,
): Promise<Stack | null> {
  const onProblem = quietly((sentence) => console.error(sentence));
  try {
    return await startStack({
      speed,
      target,
      capacity,
      awsPort,
      port,
      rateFrom,
      signal,
      onProblem,
      seed: SEED,
      ...(throttle === null ? {} : { throttle: { shared: throttle } }),
    });
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** Passes a sentence on, but not the same one again and again. */
function quietly(tell: (sentence: string) => void): (sentence: string) => void {
  const toldAt = new Map<string, number>();
  return (sentence) => {
    const now = performance.now();
    if (now - (toldAt.get(sentence) ?? Number.NEGATIVE_INFINITY) < PROBLEM_QUIET_MS) return;
    toldAt.set(sentence, now);
    tell(sentence);
  };
}

async function showLine(stack: Stack): Promise<void> {
  const localMs = stack.cloud.now() + localOffsetMs(stack.startMs);
  const timeOfDay = new Date(localMs).toISOString().slice(11, 16);
  console.log(statusLine(await stack.client.status(FLEET), stack, timeOfDay));
}

async function stopped(stop: AbortSignal): Promise<"stopped"> {
  if (!stop.aborted) await once(stop, "abort");
  return "stopped";
}

function explain(error: unknown): string {
  if (error instanceof UsageError)
    return `${error.message}\nnpm start -- --help lists the options.`;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EADDRINUSE")
    return "The embedded AWS's port is in use. Give another with --aws-port, or 0 for any free one.";
  if (code === "EACCES")
    return "That port may not be used. Give one above 1023 with --port or --aws-port.";
  return error instanceof Error ? error.message : String(error);
}
