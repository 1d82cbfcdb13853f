/** A worker thread of `npm run bench -- makespan`: one cell for one client with each message. */
import { parentPort } from "node:worker_threads";
import type { Cell, Client } from "./cell.ts";
import type { Line, Plan } from "./measure.ts";

export interface Job {
  readonly client: Client;
  readonly cell: Cell;
  readonly plan: Plan;
}

/** A line, or the reason why there is none. */
export type Result = { readonly line: Line } | { readonly failure: string };

const port = parentPort;
if (port === null) throw new Error("test/bench/makespan/job.ts runs on a worker thread only.");
// A thread has its own globals, and its own module hooks.
await import("../../sim/runtime/register.ts");
const { measure } = await import("./measure.ts");
port.on("message", ({ client, cell, plan }: Job) => {
  void measure(client, cell, plan).then(
    (line) => port.postMessage({ line } satisfies Result),
    (error: unknown) => port.postMessage({ failure: String(error) } satisfies Result),
  );
});
