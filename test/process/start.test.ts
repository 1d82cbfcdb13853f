/** `npm start` as a visitor meets it: a process that is started, looked at, and ended. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { WorkerClient } from "../stack/client.ts";
import { FLEET } from "../stack/spec.ts";

const START = join(import.meta.dirname, "../start.ts");
const SPEED = "20";
const TARGET = 10;
const GREETING_WITHIN_MS = 60_000;
const CONVERGED_WITHIN_MS = 60_000;
const END_WITHIN_MS = 15_000;

interface Started {
  readonly pid: number;
  /** All that it has printed, errors too. */
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
}

let running: Started[] = [];

afterEach(async () => {
  for (const { pid, exitCode } of running) {
    if (isAlive(pid)) process.kill(pid, "SIGTERM");
    await exitCode;
  }
  running = [];
});

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [START, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  if (child.pid === undefined) throw new Error("the process could not be started");
  const exitCode = once(child, "close").then(() => child.exitCode);
  const started = { pid: child.pid, output: () => output, exitCode };
  running.push(started);
  return started;
}

/** What the printed curl line says: the token and the Worker's address. */
async function greeted({ output }: Started): Promise<WorkerClient> {
  const line = /Bearer (\w+)" (http:\/\/127\.0\.0\.1:\d+)\/v1\/fleets\/media\n/;
  await expect.poll(output, { timeout: GREETING_WITHIN_MS }).toMatch(line);
  const [, token = "", url = ""] = line.exec(output()) ?? [];
  return new WorkerClient(url, token);
}

/** Every process that descends from this one, nearest first. */
async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,ppid="]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found)
    for (const [child = 0, itsParent] of rows) if (itsParent === parent) found.push(child);
  return found.slice(1);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

describe("npm start", () => {
  test("brings the fleet to its target, and Ctrl-C leaves nothing behind", async () => {
    const started = start("--port", "0", "--aws-port", "0", "--speed", SPEED);
    const client = await greeted(started);

    await expect
      .poll(async () => (await client.status(FLEET)).spares, { timeout: CONVERGED_WITHIN_MS })
      .toBeGreaterThanOrEqual(TARGET);
    // The fleet may be there before the second line is printed.
    await expect.poll(started.output).toMatch(/target 10 \(tag\)/);
    const ailments = await client.ailments(FLEET);
    const children = await descendants(started.pid);
    process.kill(started.pid, "SIGINT");

    expect(ailments).toEqual([]);
    expect(await started.exitCode).toBe(0);
    expect(children.length, "node, wrangler and workerd").toBeGreaterThanOrEqual(2);
    expect(children.filter(isAlive)).toEqual([]);
    expect(await client.answers()).toBe(false);
  });

  test("reports the Worker's crash, and ends with 1", async () => {
    const started = start("--port", "0", "--aws-port", "0");
    await greeted(started);
    const [wrangler = 0] = await descendants(started.pid);

    process.kill(-wrangler, "SIGKILL");

    expect(await started.exitCode).toBe(1);
    expect(started.output()).toContain("The Worker is gone: wrangler ended (SIGKILL).");
  });

  test("can be ended while it starts", async () => {
    const started = start("--port", "0", "--aws-port", "0");
    await expect.poll(started.output, { timeout: END_WITHIN_MS }).toContain("Starting");

    process.kill(started.pid, "SIGINT");

    expect(await started.exitCode).toBe(0);
    expect(await descendants(started.pid)).toEqual([]);
  });

  test.each([
    [["--help"], 0, "--sessions-per-hour N"],
    [["--sped", "3"], 2, "Unknown option '--sped'"],
    [["--speed", "0"], 2, "--speed must be a number between"],
    [["--port", "4566"], 2, "give two different ones"],
    [["--trace", "no-such.csv"], 2, "Cannot read the trace no-such.csv"],
  ])("%j ends with %i", async (args, code, words) => {
    const started = start(...args);

    expect(await started.exitCode).toBe(code);
    expect(started.output()).toContain(words);
  });

  test.each(["--port", "--aws-port"])("tells which port is in use: %s", async (option) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";

    const started = start("--port", "0", "--aws-port", "0", option, port);

    expect(await started.exitCode).toBe(1);
    expect(started.output()).toMatch(new RegExp(`in use.*${option}`));
    other.close();
  });
});
