/**
 * The project's own tests on sources with one bug in them. The bug is planted as the sources are loaded, so
 * no file is changed; what has no bug in it is loaded once for all of them.
 */
import { join, relative, sep } from "node:path";
import { createVitest, type TestModule, type TestSpecification, type Vitest } from "vitest/node";
import ordinary from "../../vitest.config.ts";
import { patched, patchesOf } from "../sim/planted/bug.ts";
import type { HeldBug } from "./bug.ts";

export const ROOT = join(import.meta.dirname, "../..");
/** What hangs has failed no assertion: it need not hang for as long as elsewhere. */
const LIMIT_MS = 180_000;

export class Ground {
  readonly #vitest: Vitest;
  readonly #plant: (bug: HeldBug | null) => void;

  private constructor(vitest: Vitest, plant: (bug: HeldBug | null) => void) {
    this.#vitest = vitest;
    this.#plant = plant;
  }

  /** It is to be closed. */
  static async open(): Promise<Ground> {
    let planted: HeldBug | null = null;
    const planting = {
      name: "planted-bug",
      enforce: "pre" as const,
      transform: (source: string, id: string): string | null => {
        const wanted = planted === null ? [] : patchesOf(planted);
        const mine = wanted.filter(({ file }) => file === fromRoot(id));
        return mine.length === 0 ? null : mine.reduce(patched, source);
      },
    };
    const limits = {
      testTimeout: LIMIT_MS,
      hookTimeout: LIMIT_MS,
      expect: { poll: { timeout: LIMIT_MS / 6 } },
      // It is kept by the plugin's name, and not by what it plants.
      fsModuleCache: false,
    };
    const projects = (ordinary.test?.projects ?? []).map((project) => {
      if (typeof project !== "object" || !("test" in project))
        throw new Error("a project of vitest.config.ts is no plain object");
      const plugins = [planting, ...(project.plugins ?? [])];
      return { ...project, plugins, test: { ...project.test, ...limits } };
    });
    const vitest = await createVitest("test", {
      root: ROOT,
      config: false,
      watch: false,
      reporters: [],
      maxWorkers: 1,
      fsModuleCache: false,
      projects,
    });
    return new Ground(vitest, (bug) => {
      planted = bug;
    });
  }

  /** The tests of these files, run on sources with the bug, or without any. */
  async run(bug: HeldBug | null, files: readonly string[]): Promise<readonly TestModule[]> {
    const sources = bug === null ? [] : patchesOf(bug).map(({ file }) => join(ROOT, file));
    this.#plant(bug);
    for (const source of sources) this.#vitest.invalidateFile(source);
    try {
      const { testModules } = await this.#vitest.runTestSpecifications(await this.#specs(files));
      // Those of earlier runs are among them.
      return testModules.filter(({ relativeModuleId }) => files.includes(relativeModuleId));
    } finally {
      this.#plant(null);
      for (const source of sources) this.#vitest.invalidateFile(source);
    }
  }

  async close(): Promise<void> {
    await this.#vitest.close();
  }

  async #specs(files: readonly string[]): Promise<TestSpecification[]> {
    const wanted = new Set(files.map((file) => join(ROOT, file)));
    const all = await this.#vitest.globTestSpecifications([...files]);
    // A filter is a part of a path, which other files may have too.
    return all.filter(({ moduleId }) => wanted.has(moduleId));
  }
}

/** A path from the root of the project. */
export function fromRoot(id: string): string {
  return relative(ROOT, id.split("?")[0] ?? id)
    .split(sep)
    .join("/");
}
