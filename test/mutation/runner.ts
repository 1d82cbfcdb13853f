/** The parent's side of `run.ts`: starts the process, asks it, and ends it when it hangs. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Reply, Request } from "./protocol.ts";

const SCRIPT = join(import.meta.dirname, "run.ts");
const START_LIMIT_MS = 120_000;

export class Runner {
  readonly #root: string;
  readonly #textsPath: string;
  #process: ChildProcess | null = null;

  /** @param textsPath a file with the instrumented texts, as JSON. */
  constructor(root: string, textsPath: string) {
    this.#root = root;
    this.#textsPath = textsPath;
  }

  /** Null if no answer came in time, or if the process ended; the next request starts another. */
  async ask(request: Request, limitMs: number): Promise<Reply | null> {
    const process = this.#process ?? (await this.#start());
    const reply = replyOf(process, limitMs);
    process.send(request, (error) => {
      // The process is gone, so that no reply will come.
      if (error !== null) process.emit("exit");
    });
    return await this.#orEnd(reply);
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = null;
  }

  async #start(): Promise<ChildProcess> {
    const started = fork(SCRIPT, [this.#root, this.#textsPath], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // Mutants wait for negative times and endless ones; only errors are of use here.
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
    });
    this.#process = started;
    if ((await this.#orEnd(replyOf(started, START_LIMIT_MS))) !== null) return started;
    throw new Error("Could not start the tests: the process ended, or was not ready in time.");
  }

  async #orEnd(awaited: Promise<Reply | null>): Promise<Reply | null> {
    const reply = await awaited;
    if (reply === null) this.close();
    return reply;
  }
}

async function replyOf(process: ChildProcess, limitMs: number): Promise<Reply | null> {
  return await new Promise((settle) => {
    const onMessage = (message: unknown) => end(message as Reply);
    const onExit = () => end(null);
    const timer = setTimeout(onExit, limitMs);
    const end = (reply: Reply | null) => {
      clearTimeout(timer);
      process.off("message", onMessage).off("exit", onExit);
      settle(reply);
    };
    process.on("message", onMessage).on("exit", onExit);
  });
}
