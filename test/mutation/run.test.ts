import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boundsOf, judgesOf, planOf, type Reaching, reaching } from "./judges.ts";
import { instrument, type Mutant } from "./mutants.ts";
import type { Reply, Request, SurveyedFile } from "./protocol.ts";
import { Runner } from "./runner.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SOURCE = "test/mutation/example/parcel.ts";
const FILE = "test/mutation/example/parcel.test.ts";
const LIMIT_MS = 120_000;

let folder = "";
let runner: Runner;
let mutants: readonly Mutant[] = [];
let surveyed: SurveyedFile;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "run-"));
  const instrumented = await instrument([{ path: SOURCE, lines: null }], ROOT);
  mutants = instrumented.mutants;
  writeFileSync(join(folder, "texts.json"), JSON.stringify(instrumented.texts));
  runner = new Runner(ROOT, join(folder, "texts.json"));
  const reply = await ask({ kind: "survey", file: FILE });
  if (reply.kind !== "survey") throw new Error("no survey");
  surveyed = reply.surveyed;
});

afterAll(() => {
  runner.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(request: Request): Promise<Reply> {
  const reply = await runner.ask(request, LIMIT_MS);
  if (reply === null) throw new Error("no reply");
  return reply;
}

function mutantOf(before: string, after: string): { mutant: Mutant; found: Reaching } {
  const mutant = mutants.find((each) => each.before === before && each.after === after);
  if (mutant === undefined) throw new Error(`no mutant ${before} => ${after}`);
  const [found] = reaching(mutant.id, [surveyed], [FILE]);
  if (found === undefined) throw new Error("no test reaches it");
  return { mutant, found };
}

const NEVER_FITS = ["weight <= max", "false"] as const;
const NO_EQUAL = ["weight <= max", "weight < max"] as const;
const ENDLESS = ["count += 1", "count -= 1"] as const;
const TEARS = ["falls > 3", "true"] as const;
const NO_SMALL = ['"small"', '""'] as const;

describe("a run without mutants", () => {
  test("tells apart what each test reaches and what is reached on import", () => {
    expect(surveyed.failures).toEqual([]);
    expect(surveyed.tests).toHaveLength(4);
    expect(mutantOf(...NO_EQUAL).found).toMatchObject({ isOutside: false, hits: 2 });
    expect(mutantOf(...NO_EQUAL).found.tests).toHaveLength(1);
    expect(mutantOf(...NO_SMALL).found).toMatchObject({ isOutside: true });
    expect(mutantOf(...NO_SMALL).found.tests).toHaveLength(4);
  });
});

describe("mutants that are tried together", () => {
  test("are each noticed by a test that fails or would never end, or by none; what spoils the next run is suspected", async () => {
    const tried = [NEVER_FITS, NO_EQUAL, ENDLESS, TEARS].map(([before, after]) =>
      mutantOf(before, after),
    );
    const [neverFits, , endless, tears] = tried.map(({ mutant }) => mutant.id);
    const { ms: _, ...bounds } = boundsOf(tried.map(({ found }) => found));

    const reply = await ask({ kind: "together", file: FILE, plan: planOf(tried), ...bounds });

    expect(reply).toEqual({
      kind: "together",
      killed: {
        [neverFits ?? ""]: "a light parcel fits and a heavy one does not",
        [endless ?? ""]: "counting ends at the end",
      },
      suspects: [tears],
    });
  });
});

describe("a mutant that is tried alone", () => {
  async function killerOf(before: string, after: string): Promise<string | null> {
    const { mutant, found } = mutantOf(before, after);
    const { ms: _, ...bounds } = boundsOf([found]);
    const judges = judgesOf([found]);
    const reply = await ask({ kind: "alone", mutant: mutant.id, judges, ...bounds });
    if (reply.kind !== "alone") throw new Error("no verdict");
    return reply.killer;
  }

  test("takes effect from the import on", async () => {
    expect(await killerOf(...NO_SMALL)).toBe(`${FILE}: the smallest size comes first`);
  });

  test("is noticed by the test that it breaks, and by none if nothing tells it from the code", async () => {
    expect(await killerOf(...TEARS)).toBe(`${FILE}: a parcel that never fell is whole`);
    expect(await killerOf(...NO_EQUAL)).toBeNull();
  });
});

test("a request that gets no reply in time ends the process, and the next one runs the text as it is by then", async () => {
  const request = { kind: "survey", file: FILE } as const;

  expect(await runner.ask(request, 1)).toBeNull();
  writeFileSync(
    join(folder, "texts.json"),
    JSON.stringify({
      [SOURCE]: readFileSync(join(ROOT, SOURCE), "utf8").replace('"small", ', ""),
    }),
  );
  expect(await runner.ask(request, LIMIT_MS)).toMatchObject({
    surveyed: { failures: ["the smallest size comes first"] },
  });
});
