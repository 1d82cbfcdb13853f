/** Measures cells on several threads, and gives their lines in the order of the jobs. */
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Job, Result } from "./job.ts";
import type { Line } from "./measure.ts";

/** @throws where a run fails, with its cell. */
export async function* measureAll(jobs: readonly Job[], threads: number): AsyncGenerator<Line> {
  const results = jobs.map(() => Promise.withResolvers<Line>());
  const rest = jobs.entries();
  const lanes = Array.from({ length: Math.min(threads, jobs.length) }, async () => {
    const worker = new Worker(join(import.meta.dirname, "job.ts"));
    for (const [index, job] of rest) {
      worker.postMessage(job, []);
      const [result] = (await once(worker, "message")) as [Result];
      if ("line" in result) results[index]?.resolve(result.line);
      else results[index]?.reject(new Error(`${JSON.stringify(job)}: ${result.failure}`));
    }
    await worker.terminate();
  });
  for (const { promise } of results) yield await promise;
  await Promise.all(lanes);
}
