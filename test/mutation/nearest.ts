/** Finds the tests that import a file, by how many imports lie between. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** Imports of types vanish when the program runs. Only relative paths lead to our own files. */
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?!type\b)(?:[^;"']*?\sfrom\s+)?["'](\.[^"']+)["']/gu;
const DYNAMIC = /\bimport\(\s*["'](\.[^"']+)["']\s*\)/gu;

const TESTS = "test/**/*.test.ts";
/** What judges no mutant: another runtime, other processes, and what takes minutes. */
const NO_JUDGES = /\.workerd\.test\.ts$|^test\/(?:bench|browser|process|sim|soak|walls)\//u;

/** Which test files import each source file, the nearest first. */
export class Nearest {
  /** The files that import a file. */
  readonly #importers: Map<string, Set<string>>;

  constructor(root: string) {
    this.#importers = importersOf(root);
  }

  /** Tests in Node, nearest first; among equals, those that are named like the file, then by path. */
  testsOf(path: string): string[] {
    const distances = this.#distancesTo(path);
    const stem = stemOf(path);
    return [...distances]
      .filter(([file]) => file.endsWith(".test.ts") && !NO_JUDGES.test(file))
      .map(([test, distance]) => ({ test, distance, named: stemOf(test).startsWith(stem) ? 0 : 1 }))
      .toSorted(
        (a, b) => a.distance - b.distance || a.named - b.named || (a.test < b.test ? -1 : 1),
      )
      .map(({ test }) => test);
  }

  #distancesTo(path: string): Map<string, number> {
    const distances = new Map([[path, 0]]);
    for (const [file, distance] of distances) {
      for (const importer of this.#importers.get(file) ?? []) {
        if (!distances.has(importer)) distances.set(importer, distance + 1);
      }
    }
    return distances;
  }
}

function stemOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/(?:\.test)?\.ts$/u, "");
}

/** Follows imports from the tests on. */
function importersOf(root: string): Map<string, Set<string>> {
  const files = new Set(globSync(TESTS, { cwd: root }));
  const importers = new Map<string, Set<string>>();
  for (const file of files) {
    for (const imported of importsOf(file, root)) {
      files.add(imported);
      const known = importers.get(imported);
      if (known === undefined) importers.set(imported, new Set([file]));
      else known.add(file);
    }
  }
  return importers;
}

function importsOf(file: string, root: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(IMPORT), ...text.matchAll(DYNAMIC)]
    .map((match) => normalize(join(dirname(file), match[1] ?? "")))
    .filter((path) => path.endsWith(".ts") && existsSync(join(root, path)));
}
