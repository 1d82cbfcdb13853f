import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TRACE_CHARACTERS_MAX } from "./trace.ts";
import { readTrace } from "./trace-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lightfleet-trace-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("a file is read and parsed", async () => {
  const path = join(folder, "demand.csv");
  await writeFile(path, "timestamp,value\n2014-07-01 00:00:00,1\n2014-07-01 00:05:00,2\n");

  expect(await readTrace(path)).toMatchObject({ ok: true, trace: { values: [1, 2] } });
});

test("a bad line is reported with the file's name and the line", async () => {
  const path = join(folder, "demand.csv");
  await writeFile(path, "timestamp,value\n2014-07-01 00:00:00,1\nsoon,2\n");

  const refusal = await problemOf(path);

  expect(refusal.line).toBe(3);
  expect(refusal.problem).toContain(`${path}: Line 3: the timestamp`);
});

test("a missing file, a folder and a huge file are not read, and the problem says which", async () => {
  const huge = join(folder, "huge.csv");
  await writeFile(huge, "");
  await truncate(huge, TRACE_CHARACTERS_MAX + 1);

  expect((await problemOf(join(folder, "none.csv"))).problem).toContain("none.csv");
  expect((await problemOf(folder)).problem).toContain(folder);
  expect((await problemOf(huge)).problem).toContain("bytes");
});

async function problemOf(path: string): Promise<{ line: number | null; problem: string }> {
  const result = await readTrace(path);
  if (result.ok) throw new Error("the trace was taken");
  return { line: result.line, problem: result.problem };
}
