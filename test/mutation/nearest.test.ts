import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Nearest } from "./nearest.ts";

const FILES: Readonly<Record<string, string>> = {
  "durable/post.ts": "export const post = 1;",
  "durable/engine.ts": 'import { post } from "./post.ts";\nexport const engine = post;',
  "test/fleet.ts": 'import {\n  engine,\n} from "../durable/engine.ts";\nexport { engine };',
  "test/a.test.ts": 'import { post } from "../durable/post.ts";',
  "test/post.test.ts": 'import { post } from "../durable/post.ts";',
  "test/engine.test.ts": 'export * from "../durable/engine.ts";',
  "test/loop.test.ts": 'import { engine } from "./fleet.ts";',
  "test/late.test.ts": 'const { engine } = await import("./fleet.ts");',
  "test/types.test.ts": 'import type { Post } from "../durable/post.ts";',
  "test/post.workerd.test.ts": 'import { post } from "../durable/post.ts";',
  "test/sim/post.test.ts": 'import { post } from "../../durable/post.ts";',
};

let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "nearest-"));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a file is judged by the tests that import it, those with its name first, then those behind other files", () => {
  expect(new Nearest(root).testsOf("durable/post.ts")).toEqual([
    "test/post.test.ts",
    "test/a.test.ts",
    "test/engine.test.ts",
    "test/late.test.ts",
    "test/loop.test.ts",
  ]);
});

test("a file that no test imports has no judge", () => {
  expect(new Nearest(root).testsOf("durable/other.ts")).toEqual([]);
});
