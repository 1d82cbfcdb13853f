/** `npm run soak`: hours of trouble with real processes, and whether the promises held. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../aws/command-line.ts";
import { isPassed } from "./judge.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { jsonOf, type Progress, progressLine, tableOf } from "./report.ts";
import { soak } from "./run.ts";

const LINE_EVERY_SECONDS = { terminal: 2, file: 30 } as const;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(USAGE);
  else process.exitCode = await inOwnFolder(async () => await run(options, stopSignal()));
} catch (error) {
  console.error(explain(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** Runs to the end or to a signal; gives the exit code. */
async function run(options: Options, signal: AbortSignal): Promise<number> {
  console.error("Starting the embedded AWS and the Worker ...");
  const line = lineWriter(options.minutes);
  const report = await soakUnlessStopped(options, signal, line.show);
  line.end();
  if (report === null) {
    console.error("Given up before the end: nothing is proven.");
    return 1;
  }
  console.log(options.json ? jsonOf(report) : tableOf(report));
  return isPassed(report.verdict) ? 0 : 1;
}

async function soakUnlessStopped(
  options: Options,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
) {
  try {
    return await soak(options, { signal, onProgress });
  } catch (error) {
    // What is interrupted fails somewhere; that is an end, and no failure.
    if (signal.aborted) return null;
    throw error;
  }
}

/** A Worker that is killed leaves its temporary files behind: they are all made in one folder, which goes. */
async function inOwnFolder<T>(work: () => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "lightfleet-soak-"));
  process.env["TMPDIR"] = folder;
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
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

/** Progress goes to standard error: one line that changes on a terminal, now and then a new one elsewhere. */
function lineWriter(minutes: number) {
  const { stderr } = process;
  const everySeconds = stderr.isTTY ? LINE_EVERY_SECONDS.terminal : LINE_EVERY_SECONDS.file;
  let nextAt = 0;
  return {
    show: (progress: Progress): void => {
      if (progress.seconds < nextAt) return;
      nextAt = progress.seconds + everySeconds;
      const line = progressLine(progress, minutes);
      // Back to the first column, and the rest of what stood there is wiped out.
      stderr.write(stderr.isTTY ? `\r${line.slice(0, stderr.columns - 1)}\u001B[K` : `${line}\n`);
    },
    end: (): void => {
      if (stderr.isTTY) stderr.write("\n");
    },
  };
}

function explain(error: unknown): string {
  if (error instanceof UsageError)
    return `${error.message}\nnpm run soak -- --help lists the options.`;
  return error instanceof Error ? error.message : String(error);
}
