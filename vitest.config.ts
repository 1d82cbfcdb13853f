import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Tests run in Node, but for `*.workerd.test.ts`: those run in the real runtime. */
export default defineConfig({
  test: {
    projects: [
      {
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
