import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const STAND_IN = fileURLToPath(new URL("test/sim/runtime/cloudflare-workers.ts", import.meta.url));

/** Tests run in Node, but for `*.workerd.test.ts`: those run in the real runtime. */
export default defineConfig({
  test: {
    projects: [
      {
        // The simulator's own stand-in, so that its tests run the Durable Object's file in Node.
        resolve: { alias: { "cloudflare:workers": STAND_IN } },
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.workerd.test.ts", "**/node_modules/**"],
          environment: "node",
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: {
          name: "workerd",
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
