import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const DASHBOARD = join(import.meta.dirname, "../../worker/dashboard");

test("every script of the page is served, under the name by which the others import it", async () => {
  const served = await readFile(join(DASHBOARD, "files.ts"), "utf8");
  const files = await readdir(join(DASHBOARD, "browser"));

  for (const name of files.filter((each) => /\.(js|svg)$/u.test(each)))
    expect(served).toContain(`"${name}": `);
});

test("no script takes text for markup, and none calls another origin", async () => {
  const folder = join(DASHBOARD, "browser");
  for (const name of (await readdir(folder)).filter((each) => each.endsWith(".js"))) {
    const script = await readFile(join(folder, name), "utf8");
    expect(script).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|https?:\/\//u,
    );
  }
});
