/**
 * The Worker under `wrangler dev`, in a process group of its own: wrangler starts workerd as a
 * child, which goes on ticking when wrangler alone is killed. So signals go to the whole group.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export interface WranglerOptions {
  readonly port: number;
  /** A folder that exists: Durable Objects live in it, and with it they survive a kill. */
  readonly folder: string;
  readonly vars: Readonly<Record<string, string>>;
  /** Asks whether the Worker answers yet. */
  readonly isReady: () => Promise<boolean>;
  /** Gives the start up. */
  readonly signal: AbortSignal;
}

export interface Wrangler {
  readonly pid: number;
  /** Resolves when wrangler has ended, with a sentence: asked for or not. */
  readonly ended: Promise<string>;
  /** The last lines of its output. */
  lastLines(): string;
  /** SIGINT to the group; what is left after a while is killed. */
  stop(): Promise<void>;
  /** SIGKILL to the group, as a crash of the machine would. */
  kill(): Promise<void>;
}

const PROJECT = join(import.meta.dirname, "../..");
const WRANGLER = join(PROJECT, "node_modules/wrangler/bin/wrangler.js");

const READY_WITHIN_MS = 60_000;
const READY_POLL_MS = 200;
const STOP_WITHIN_MS = 5_000;
const GROUP_POLL_MS = 50;
const OUTPUT_CHARACTERS_KEPT = 4_000;

/** Starts it and waits until it answers. Rejects, with its last lines and nothing left running, if it does not. */
export async function startWrangler(options: WranglerOptions): Promise<Wrangler> {
  const running = run(await argumentsOf(options), options.folder);
  const state = await Promise.race([running.ended, ready(options)]);
  if (state === "ready") return running;
  await running.kill();
  throw new Error(`The Worker did not start: ${state}\n${running.lastLines()}`);
}

async function argumentsOf({ port, folder, vars }: WranglerOptions): Promise<string[]> {
  // Given a file of its own, wrangler reads no .dev.vars: real keys there must never come in here.
  const envFile = join(folder, "empty.env");
  await writeFile(envFile, "");
  return [
    WRANGLER,
    "dev",
    "--ip=127.0.0.1",
    `--port=${port}`,
    "--inspector-port=0",
    `--persist-to=${join(folder, "state")}`,
    `--env-file=${envFile}`,
    "--show-interactive-dev-session=false",
    ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
}

function run(args: string[], folder: string): Wrangler {
  const child = spawn(process.execPath, args, {
    cwd: PROJECT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: environment(folder),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Node could not be started: ${process.execPath}`);
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-OUTPUT_CHARACTERS_KEPT);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  // Whatever ends this process, the group ends with it.
  const killAtExit = (): boolean => signal(pid, "SIGKILL");
  process.once("exit", killAtExit);
  const ended = endOf(child);
  const kill = async (): Promise<void> => {
    signal(pid, "SIGKILL");
    await ended;
    if (!(await groupIsGone(pid, STOP_WITHIN_MS)))
      throw new Error(`Process group ${pid} cannot be killed.`);
    process.off("exit", killAtExit);
  };
  return {
    pid,
    ended,
    lastLines: () => output.trim(),
    stop: async () => {
      signal(pid, "SIGINT");
      await groupIsGone(pid, STOP_WITHIN_MS);
      await kill();
    },
    kill,
  };
}

/** No AWS settings of the person who starts this come in; telemetry and look-ups go nowhere. */
function environment(folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("AWS_") && !name.startsWith("CLOUDFLARE_"),
  );
  return {
    ...Object.fromEntries(inherited),
    CI: "1",
    NO_COLOR: "1",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_LOG_PATH: join(folder, "logs"),
    // Two Workers of one name on one machine would otherwise find each other.
    WRANGLER_REGISTRY_PATH: join(folder, "registry"),
  };
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    await once(child, "exit");
  } catch (error) {
    return `wrangler could not be run: ${error instanceof Error ? error.message : String(error)}.`;
  }
  const by = child.signalCode === null ? `code ${child.exitCode}` : child.signalCode;
  return `wrangler ended (${by}).`;
}

async function ready({ isReady, signal }: WranglerOptions): Promise<string> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (performance.now() < giveUpAt) {
    if (signal.aborted) return "it was stopped.";
    if (await isReady()) return "ready";
    await wait(READY_POLL_MS);
  }
  return `no answer within ${READY_WITHIN_MS / 1000} s.`;
}

/** Whether nothing of the group is left, asked until it is so or the time is over. */
async function groupIsGone(pid: number, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs;
  while (isAlive(pid)) {
    if (performance.now() > giveUpAt) return false;
    await wait(GROUP_POLL_MS);
  }
  return true;
}

/** Whether a process of that group is left. */
export function isAlive(groupId: number): boolean {
  return signal(groupId, 0);
}

/** Signals a whole group; false where it has no process any more. */
function signal(groupId: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-groupId, name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
