/** The lock names each package by its bytes, and nothing but what is named runs a script as it is installed. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "../..");
/** A mistake of one, and so of a whole installation, is found by all of them. */
const PACKAGES_MIN = 100;

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});
type Lock = z.infer<typeof Lock>;

const Manifest = z.object({ allowScripts: z.record(z.string(), z.boolean()) });

/** What keeps a lock from proving what is installed, each in a sentence; empty for nothing. */
function problemsOf(lock: Lock, allowed: readonly string[]): string[] {
  const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
  const scripted = packages
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => nameOf(path));
  return [
    ...packages.flatMap(([path, { integrity, resolved }]) => [
      ...(/^sha512-[A-Za-z0-9+/]{86}==$/u.test(integrity ?? "")
        ? []
        : [`${path} has no integrity of SHA-512`]),
      ...(resolved === undefined ? [] : [`${path} names where it comes from`]),
    ]),
    ...scripted
      .filter((name) => !allowed.includes(name))
      .map((name) => `${name} runs a script as it is installed`),
    ...allowed
      .filter((name) => !scripted.includes(name))
      .map((name) => `${name} may run a script and has none`),
  ];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

async function read(): Promise<{ readonly lock: Lock; readonly allowed: readonly string[] }> {
  const [lock, manifest] = await Promise.all(
    ["package-lock.json", "package.json"].map(async (file) => {
      const document: unknown = JSON.parse(await readFile(join(ROOT, file), "utf8"));
      return document;
    }),
  );
  const { allowScripts } = Manifest.parse(manifest);
  const allowed = Object.entries(allowScripts).flatMap(([name, may]) => (may ? [name] : []));
  return { lock: Lock.parse(lock), allowed };
}

it("the lock has an integrity for each package, and only the named ones run install scripts", async () => {
  const { lock, allowed } = await read();

  expect(Object.keys(lock.packages).length).toBeGreaterThan(PACKAGES_MIN);
  expect(problemsOf(lock, allowed)).toEqual([]);
  expect(allowed.toSorted()).toEqual(["esbuild", "node", "workerd"]);
});

it.each([
  ["no integrity", { integrity: undefined }, "zod has no integrity of SHA-512"],
  ["a weak integrity", { integrity: "sha1-5en" }, "zod has no integrity of SHA-512"],
  ["an address", { resolved: "https://example.org/zod.tgz" }, "zod names where it comes from"],
  ["an install script", { hasInstallScript: true }, "zod runs a script as it is installed"],
])("a package with %s is reported", async (_what, change, problem) => {
  const { lock, allowed } = await read();
  const path = "node_modules/zod";

  const packages = { ...lock.packages, [path]: { ...lock.packages[path], ...change } };

  expect(
    problemsOf({ packages }, allowed).map((each) => each.replace("node_modules/", "")),
  ).toEqual([problem]);
});

it("a permission to run a script that no package needs is reported", async () => {
  const { lock, allowed } = await read();

  expect(problemsOf(lock, [...allowed, "zod"])).toEqual(["zod may run a script and has none"]);
});
