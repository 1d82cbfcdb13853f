import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { GetInstancesCommand, LightsailClient } from "@aws-sdk/client-lightsail";
import { readFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { UsageError } from "./command-line.ts";
import { readOptions } from "./options.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; output: string }>;
  readonly greeted: Promise<string>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const { promise: greeted, resolve } = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Uint8Array) => {
      output += new TextDecoder().decode(chunk);
      if (output.includes("/_control/state")) resolve(output);
    });
  }
  const ended = new Promise<{ code: number | null; output: string }>((settle) => {
    child.once("close", (code) => settle({ code, output }));
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, ended, greeted };
}

describe("npm run aws", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "serves what its greeting says until %s",
    async (signal) => {
      const { child, ended, greeted } = run("--port", "0", "--speed", "100");

      const greeting = await greeted;
      const said = (name: string) => new RegExp(`${name}=(\\S+)`).exec(greeting)?.[1] ?? "";
      const client = new LightsailClient({
        endpoint: said("AWS_ENDPOINT_URL"),
        region: said("AWS_REGION"),
        credentials: {
          accessKeyId: said("AWS_ACCESS_KEY_ID"),
          secretAccessKey: said("AWS_SECRET_ACCESS_KEY"),
        },
      });
      const { instances } = await client.send(new GetInstancesCommand({}));
      child.kill(signal);

      expect(instances).toEqual([]);
      expect((await ended).code).toBe(0);
    },
  );

  test("prints and documents no line of the AWS CLI that would go to the real AWS", async () => {
    const { child, greeted } = run("--port", "0");
    const greeting = await greeted;
    child.kill("SIGKILL");
    const readme = await readFile(new URL("./README.md", import.meta.url).pathname, "utf8");

    const lines = `${greeting}\n${readme}`.split("\n").filter((line) => /^\s*aws\s/u.test(line));

    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.filter((line) => !line.includes("aws --endpoint-url "))).toEqual([]);
    expect(`${greeting}\n${readme}`).not.toMatch(/aws (?:lightsail|ec2) /u);
  });

  test("says so when its port is in use", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void holder.close());
    const address = holder.address();
    const port = typeof address === "object" ? address?.port : null;

    const { code, output } = await run("--port", String(port)).ended;

    expect(code).toBe(1);
    expect(output).toContain("That port is in use. Give another with --port");
    expect(output).not.toContain("    at ");
  });

  test("refuses an option that it does not have", async () => {
    const { code, output } = await run("--colour", "red").ended;

    expect(code).toBe(1);
    expect(output).toContain("--colour");
    expect(output).toContain("Usage: npm run aws");
  });

  test("explains itself", async () => {
    const { code, output } = await run("--help").ended;

    expect(code).toBe(0);
    expect(output).toContain("--boot-seconds N");
  });
});

describe("the command line", () => {
  test("is read in full", () => {
    const line =
      "--port 0 --vcpus 8 --boot-seconds 1.5 --pending accept --names-per-create 20 --key-pair a --key-pair b --snapshot s=debian_12";

    expect(readOptions(line.split(" "))).toMatchObject({
      port: 0,
      cloud: {
        vcpuQuota: 8,
        timing: { bootMs: 1_500 },
        pending: "accept",
        namesPerCreate: 20,
        keyPairs: [{ name: "a" }, { name: "b" }],
        snapshots: [{ name: "s", blueprintId: "debian_12" }],
      },
    });
  });

  const bucket = { capacity: 5, refillPerSecond: 0.5, refusedCost: 0, othersPerSecond: 0 };
  const lanes = { list: bucket, create: bucket, ports: bucket };

  test.each([
    ["", {}],
    ["--throttle 5,0.5", { shared: bucket }],
    ["--throttle 5,0.5 --throttle-kind separate", { lanes }],
    ["--throttle 5,0.5 --throttle-kind reads-writes", { apart: { reads: bucket, writes: bucket } }],
    [
      "--throttle 5,0.5 --refusals-cost --other-client 0.2",
      { shared: { ...bucket, refusedCost: 1, othersPerSecond: 0.2 } },
    ],
  ])("puts the throttle of `%s` together", (line, throttle) => {
    expect(readOptions(line.split(" ").filter(Boolean))?.throttle).toMatchObject(throttle);
  });

  test.each([
    ["--throttle 5", "must be BURST,RATE"],
    ["--throttle 5,1,2", "must be BURST,RATE"],
    ["--throttle 0,1", "--throttle's burst must be a number between 1"],
    ["--throttle 2.5,1", "--throttle's burst must be a whole number"],
    ["--throttle 5,0", "--throttle's rate must be a number between 0.01"],
    ["--throttle 5,x", "--throttle's rate must be a number"],
    ["--throttle 5,1 --throttle-kind one", "shared, separate or reads-writes"],
    ["--throttle 5,1 --other-client -1", "--other-client"],
    ["--refusals-cost", "add --throttle BURST,RATE"],
    ["--throttle-kind shared", "add --throttle BURST,RATE"],
    ["--names-per-create 0", "--names-per-create must be a number between 1"],
  ])("says of `%s` what must change", (line, problem) => {
    expect(() => readOptions(line.split(" "))).toThrow(problem);
  });

  test.each([
    "--port 70000",
    "--public-range 10.0.0.0",
    "--port x",
    "--port 1.5",
    "--speed 0",
    "--pending maybe",
    "--snapshot s",
    "extra",
  ])("does not take %s", (line) => {
    expect(() => readOptions(line.split(" "))).toThrow(UsageError);
  });
});
