/** The page's files from where they lie, as `worker/dashboard/files.ts` imports them. */
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { PageFiles } from "../../worker/dashboard/page.ts";

const FOLDER = join(import.meta.dirname, "../../worker/dashboard/browser");
const UPLOT = dirname(createRequire(import.meta.url).resolve("uplot"));

export async function pageFiles(): Promise<PageFiles> {
  const names = (await readdir(FOLDER)).filter((name) => /\.(js|css|svg)$/u.test(name));
  const own = names.map(async (name): Promise<[string, string]> => [
    name,
    await readFile(join(FOLDER, name), "utf8"),
  ]);
  const files = Object.fromEntries(await Promise.all(own));
  return {
    shell: await readFile(join(FOLDER, "page.html"), "utf8"),
    files: {
      ...files,
      "uplot.js": await readFile(join(UPLOT, "uPlot.iife.min.js"), "utf8"),
      "uplot.css": await readFile(join(UPLOT, "uPlot.min.css"), "utf8"),
    },
  };
}
