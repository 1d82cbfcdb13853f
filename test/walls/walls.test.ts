/** The walls between the folders: each deliberate breach is reported, and its clean twin is not. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "../..");
const TOOL_LIMIT_MS = 60_000;

interface Breach {
  readonly what: string;
  readonly file: string;
  readonly code: string;
}

const BREACHES: readonly Breach[] = [
  {
    what: "durable/rules importing the ledger",
    file: "durable/rules/imports-ledger.ts",
    code: `import { open } from "../ledger/open.ts";\nexport const opened = open();\n`,
  },
  {
    what: "durable/rules importing a package",
    file: "durable/rules/imports-package.ts",
    code: `import { z } from "zod";\nexport const text = z.string();\n`,
  },
  {
    what: "durable/rules reading the clock",
    file: "durable/rules/reads-clock.ts",
    code: `export const now = (): number => Date.now();\n`,
  },
  {
    what: "durable/rules making a date",
    file: "durable/rules/makes-date.ts",
    code: `export const now = (): string => new Date().toISOString();\n`,
  },
  {
    what: "durable/rules drawing at random",
    file: "durable/rules/draws.ts",
    code: `export const draw = (): number => Math.random();\n`,
  },
  {
    what: "durable/rules importing the ledger at run time",
    file: "durable/rules/imports-late.ts",
    code: `export const late = (): Promise<unknown> => import("../ledger/open.ts");\n`,
  },
  {
    what: "durable/rules taking Math apart to draw",
    file: "durable/rules/takes-random.ts",
    code: `const { random } = Math;\nexport const draw = (): number => random();\n`,
  },
  {
    what: "durable importing worker",
    file: "durable/engine.ts",
    code: `import { act } from "../worker/act.ts";\nexport const run = act;\n`,
  },
  {
    what: "the ledger importing the platform",
    file: "durable/ledger/platform.ts",
    code: `import { DurableObject } from "cloudflare:workers";\nexport const base = DurableObject;\n`,
  },
  {
    what: "durable/fleet.ts importing worker",
    file: "durable/fleet.ts",
    code: `import { act } from "../worker/act.ts";\nexport const run = act;\n`,
  },
  {
    what: "durable/account-budget.ts importing worker",
    file: "durable/account-budget.ts",
    code: `import { act } from "../worker/act.ts";\nexport const run = act;\n`,
  },
  {
    what: "worker importing the engine",
    file: "worker/imports-engine.ts",
    code: `import { engine } from "../durable/engine.ts";\nexport const run = engine;\n`,
  },
  {
    what: "worker importing the ledger",
    file: "worker/imports-ledger.ts",
    code: `import { open } from "../durable/ledger/open.ts";\nexport const run = open;\n`,
  },
  {
    what: "worker/api importing the platform",
    file: "worker/api/platform.ts",
    code: `import { env } from "cloudflare:workers";\nexport const settings = env;\n`,
  },
  {
    what: "worker importing a test",
    file: "worker/imports-test.ts",
    code: `import { aws } from "../test/aws/server.ts";\nexport const fake = aws;\n`,
  },
  {
    what: "the embedded AWS importing worker",
    file: "test/aws/imports-worker.ts",
    code: `import { sign } from "../../worker/aws/sign.ts";\nexport const run = sign;\n`,
  },
  {
    what: "the embedded AWS importing the signer's package",
    file: "test/aws/imports-signer.ts",
    code: `import { AwsClient } from "aws4fetch";\nexport const client = AwsClient;\n`,
  },
];

const CLEAN: readonly Breach[] = [
  {
    what: "durable/rules importing its own file",
    file: "durable/rules/clean.ts",
    code: `import { floor } from "./numbers.ts";\nexport const low = (now: number): number => floor(now);\n`,
  },
  {
    what: "durable/rules using the rest of Math",
    file: "durable/rules/numbers.ts",
    code: `export const floor = (value: number): number => Math.floor(value);\n`,
  },
  {
    what: "durable importing its rules",
    file: "durable/clean.ts",
    code: `import { low } from "./rules/clean.ts";\nexport const run = low;\n`,
  },
  {
    what: "durable/directory.ts knowing the platform",
    file: "durable/directory.ts",
    code: `import { DurableObject } from "cloudflare:workers";\nexport const base = DurableObject;\n`,
  },
  {
    what: "worker importing the rules",
    file: "worker/clean.ts",
    code: `import { low } from "../durable/rules/clean.ts";\nexport const run = low;\n`,
  },
  {
    what: "worker/index.ts knowing the platform",
    file: "worker/index.ts",
    code: `import { env } from "cloudflare:workers";\nexport const settings = env;\n`,
  },
  {
    what: "the embedded AWS importing its own file and Node",
    file: "test/aws/clean.ts",
    code: `import { join } from "node:path";\nimport { clock } from "./clock.ts";\nexport const run = [join, clock];\n`,
  },
];

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs a JavaScript tool of this project; a tool that fails is a value, one that hangs throws. */
function run(tool: string, args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout: TOOL_LIMIT_MS, maxBuffer: 4_000_000 };
    execFile(process.execPath, [join(ROOT, tool), ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, output: stdout + stderr });
      else if (typeof error.code === "number")
        resolve({ code: error.code, output: stdout + stderr });
      else reject(error);
    });
  });
}

async function write(folder: string, file: string, text: string): Promise<void> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const folders: string[] = [];

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lightfleet-walls-"));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

const REPORT = z.object({
  diagnostics: z.array(z.object({ filename: z.string(), code: z.string() })),
});

describe("the linter", () => {
  let reported: readonly string[] = [];

  beforeAll(async () => {
    const folder = await freshFolder();
    await copyFile(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    await Promise.all([...BREACHES, ...CLEAN].map(({ file, code }) => write(folder, file, code)));
    const { output } = await run(
      "node_modules/oxlint/bin/oxlint",
      ["--config", ".oxlintrc.json", "--format", "json", "."],
      folder,
    );
    const { diagnostics } = REPORT.parse(JSON.parse(output));
    reported = diagnostics.map(({ filename, code }) => `${filename.replaceAll("\\", "/")} ${code}`);
  });

  it.each(BREACHES)("reports $what", ({ file }) => {
    expect(reported).toContainEqual(expect.stringMatching(`^${file} .*no-restricted-`));
  });

  it.each(CLEAN)("does not report $what", ({ file }) => {
    expect(reported).not.toContainEqual(expect.stringMatching(`^${file} `));
  });
});

describe("the compiler", () => {
  async function compileRules(code: string): Promise<Ran> {
    const folder = await freshFolder();
    const rules = join(folder, "durable/rules");
    await write(folder, "durable/engine.ts", `export const engine = 1;\n`);
    await write(folder, "durable/rules/breach.ts", code);
    await copyFile(join(ROOT, "tsconfig.base.json"), join(folder, "tsconfig.base.json"));
    await copyFile(join(ROOT, "durable/rules/tsconfig.json"), join(rules, "tsconfig.json"));
    return run("node_modules/typescript/bin/tsc", ["-p", "durable/rules", "--noEmit"], folder);
  }

  it.each([
    ["the network", `export const look = (): unknown => fetch("http://203.0.113.7");\n`, "fetch"],
    ["the process", `export const key = (): unknown => process.env;\n`, "process"],
    ["a timer", `export const later = (): unknown => setTimeout(() => 1, 1);\n`, "setTimeout"],
    ["the engine", `export { engine } from "../engine.ts";\n`, "rootDir"],
  ])("refuses %s in the rules", async (_what, code, told) => {
    const { code: exit, output } = await compileRules(code);

    expect(exit).not.toBe(0);
    expect(output).toContain(told);
  });

  it("does not refuse what is pure", async () => {
    const ran = await compileRules(`export const double = (n: number): number => n * 2;\n`);

    expect(ran).toEqual({ code: 0, output: "" });
  });
});
