import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const STAND_IN = join(import.meta.dirname, "test/sim/runtime/cloudflare-workers.ts");

/** The text rules of wrangler.toml reach the project's own files; what is imported of uPlot is read here. */
const UPLOT = "uplot/dist/";
const uplotAsText = {
  name: "uplot-as-text",
  enforce: "pre" as const,
  resolveId: (id: string) => (id.startsWith(UPLOT) ? `\0${id}.ts` : null),
  load: async (id: string) => {
    if (!id.startsWith(`\0${UPLOT}`)) return null;
    const folder = dirname(createRequire(import.meta.url).resolve("uplot"));
    const text = await readFile(join(folder, id.slice(UPLOT.length + 1, -".ts".length)), "utf8");
    return `export default ${JSON.stringify(text)};`;
  },
};

/** They end what hangs. How long a test takes depends on the machine, and is no part of any. */
const LIMITS = {
  testTimeout: 300_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
};

/** The tests in Node. Mutants are judged by them too (`test/mutation`). */
export const NODE = {
  // The simulator's own stand-in, so that its tests run the Durable Object's file in Node.
  resolve: { alias: { "cloudflare:workers": STAND_IN } },
  test: {
    name: "node",
    ...LIMITS,
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.workerd.test.ts", "**/node_modules/**"],
    environment: "node" as const,
  },
};

/** Tests run in Node, but for `*.workerd.test.ts`: those run in the real runtime. */
export default defineConfig({
  test: {
    projects: [
      NODE,
      {
        plugins: [uplotAsText, cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: {
          name: "workerd",
          ...LIMITS,
          include: ["test/**/*.workerd.test.ts"],
          // Real servers on real sockets: workerd can connect to them, not start them.
          globalSetup: ["./test/worker/health/globalSetup.ts"],
          // itty-durable ships ES modules inside a CommonJS package; bundling it first makes it load.
          deps: { optimizer: { ssr: { enabled: true, include: ["itty-durable"] } } },
        },
      },
    ],
  },
});
