/** What a worker thread of `npm run sim` does: one simulation for each message. */
import { performance } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";
import type { Job, Reply } from "./pool.ts";
import { crashed } from "./pool.ts";
import type { Result } from "./result.ts";
import { simulate } from "./simulate.ts";

const port = parentPort;
if (port === null) throw new Error("test/sim/job.ts runs on a worker thread only.");
port.on("message", (job: Job) => void answer(job).then((reply) => port.postMessage(reply)));

async function answer(job: Job): Promise<Reply> {
  const startedAt = performance.now();
  const result = await resultOf(job);
  return { result, wallMs: performance.now() - startedAt };
}

/** A simulator that throws is a finding too: it can be shrunk and run again as any other. */
async function resultOf(job: Job): Promise<Result> {
  try {
    const first = await simulate(job.scenario, job.options);
    return job.twice ? compared(first, await simulate(job.scenario, job.options)) : first;
  } catch (error) {
    return crashed(job, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function compared(first: Result, second: Result): Result {
  if (first.hash === second.hash) return first;
  const detail = `the same scenario ran in two ways: ${first.hash}, then ${second.hash}`;
  const violation = { invariant: "twice", at: first.simulatedMs, detail };
  return { ...first, violations: [...first.violations, violation] };
}
