/** A Worker as `wrangler deploy` would ship it, on local workerd: one process, and nothing before it. */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  convertV4MiniflareOptions,
  Miniflare,
  type V4SharedOptions,
  type V4WorkerOptionsShape,
} from "miniflare";

const PROJECT = join(import.meta.dirname, "../..");
const WRANGLER = join(PROJECT, "node_modules/wrangler/bin/wrangler.js");
const COMPATIBILITY_DATE = "2026-10-01";
const BUNDLED_WITHIN_MS = 60_000;

export interface Running {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Lightfleet itself, with its objects in `folder`. */
export async function startLightfleet(
  folder: string,
  vars: Readonly<Record<string, string>>,
): Promise<Running> {
  const bundle = join(folder, "lightfleet");
  await deployDry(["--outdir", bundle]);
  return start(bundle, {
    bindings: vars,
    durableObjects: {
      FLEET: { className: "Fleet", useSQLite: true },
      DIRECTORY: { className: "Directory", useSQLite: true },
      SHARD: { className: "Shard", useSQLite: true },
      BUDGET: { className: "AccountBudget", useSQLite: true },
    },
    durableObjectsPersist: join(folder, "objects"),
  });
}

export async function startHello(folder: string): Promise<Running> {
  const bundle = join(folder, "hello");
  await deployDry(["--config", join(import.meta.dirname, "hello.toml"), "--outdir", bundle]);
  return start(bundle, {
    durableObjects: { ROWS: { className: "Rows", useSQLite: true } },
    durableObjectsPersist: join(folder, "rows"),
  });
}

async function deployDry(args: readonly string[]): Promise<void> {
  const env = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" };
  await promisify(execFile)(process.execPath, [WRANGLER, "deploy", "--dry-run", ...args], {
    cwd: PROJECT,
    env,
    timeout: BUNDLED_WITHIN_MS,
  });
}

async function start(
  bundle: string,
  options: V4SharedOptions & V4WorkerOptionsShape,
): Promise<Running> {
  // The entry has the name of its source; what it imports as text bears a digest.
  const names = await readdir(bundle);
  const entry = names.find((name) => /^(index|hello)\.js$/u.test(name));
  if (entry === undefined) throw new Error(`wrangler made no bundle in ${bundle}`);
  const texts = names.filter((name) => /^[0-9a-f]{40}-/u.test(name));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      modules: [
        { type: "ESModule", path: join(bundle, entry) },
        ...texts.map((name) => ({ type: "Text" as const, path: join(bundle, name) })),
      ],
      modulesRoot: bundle,
      compatibilityDate: COMPATIBILITY_DATE,
      // Lines of the log would go through this process, which measures.
      handleStructuredLogs: () => undefined,
      ...options,
    }),
  );
  const url = await miniflare.ready;
  return { port: Number(url.port), close: async () => miniflare.dispose() };
}
