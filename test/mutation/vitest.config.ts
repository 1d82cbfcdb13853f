import { defineConfig } from "vitest/config";

/**
 * What judges the mutants: the named tests of the rules, in Node. The property test is left out, so
 * that a mutant dies by a sentence that says what it broke, and a run stays short.
 */
export default defineConfig({
  test: {
    include: ["test/durable/rules/*.test.ts"],
    exclude: ["**/*.property.test.ts", "**/node_modules/**"],
    environment: "node",
  },
});
