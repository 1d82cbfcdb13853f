/** `npm run fuzz`: no reply that the description of the API does not allow. */
import { randomInt } from "node:crypto";
import { UsageError } from "../aws/command-line.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { type Finding, fuzz, type Report } from "./run.ts";
import { startTarget } from "./worker.ts";

const SEED_BELOW = 2 ** 32;
const LINE_EVERY_REQUESTS = 2_000;

try {
  const options = readOptions(process.argv.slice(2), randomInt(SEED_BELOW));
  if (options === null) console.log(USAGE);
  else process.exitCode = await run(options);
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run(options: Options): Promise<number> {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  const { signal } = controller;
  console.error(`Starting the embedded AWS and the Worker; the seed is ${options.seed} ...`);
  const stack = await startTarget(signal, () => undefined);
  try {
    const { url, token, actors } = stack;
    const report = await fuzz(options.roles ? { url, token, actors } : { url, token }, {
      ...options,
      signal,
      onFinding: (finding) => console.log(wordsOf(finding, options)),
      onProgress: (done) => {
        if (done % LINE_EVERY_REQUESTS === 0) console.error(`${done} requests`);
      },
    });
    tell(report, options);
    return report.findings.length === 0 && report.requests === options.requests ? 0 : 1;
  } finally {
    await stack.close();
  }
}

function tell({ requests, seconds, statuses, reached, findings }: Report, { seed }: Options): void {
  const again = findings.map(({ request, times }) => `${request.number} (${times} times)`);
  const never = Object.entries(reached).filter(([, times]) => times === 0);
  console.log(
    [
      `${requests} requests of seed ${seed} in ${seconds.toFixed(0)} s: ${(requests / seconds).toFixed(0)} a second`,
      `replies by status: ${Object.entries(statuses)
        .map(([status, times]) => `${status}: ${times}`)
        .join(", ")}`,
      `never answered well: ${never.map(([name]) => name).join(", ") || "none"}`,
      `replies that the description does not allow: ${again.join(", ") || "none"}`,
    ].join("\n"),
  );
}

function wordsOf({ request, status, faults }: Finding, { seed, roles }: Options): string {
  const mode = roles ? " --roles" : "";
  const { number, method, path, headers, body } = request;
  const shown = Object.entries(headers).filter(([name]) => name !== "Authorization");
  return [
    `FOUND by --seed ${seed} --from ${number} --requests 1${mode}: ${method} ${path} -> ${status}`,
    ...faults.map((fault) => `  ${fault}`),
    `  headers ${JSON.stringify(shown)}`,
    `  body ${typeof body === "string" ? body.slice(0, 1_000) : String(body)}`,
  ].join("\n");
}
