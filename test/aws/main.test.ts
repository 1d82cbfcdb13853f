import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { GetInstancesCommand, LightsailClient } from "@aws-sdk/client-lightsail";
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
      "--port 0 --vcpus 8 --boot-seconds 1.5 --pending accept --key-pair a --key-pair b --snapshot s=debian_12";

    expect(readOptions(line.split(" "))).toMatchObject({
      port: 0,
      cloud: {
        vcpuQuota: 8,
        timing: { bootMs: 1_500 },
        pending: "accept",
        keyPairs: [{ name: "a" }, { name: "b" }],
        snapshots: [{ name: "s", blueprintId: "debian_12" }],
      },
    });
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
