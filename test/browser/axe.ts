/** What axe-core finds wrong with the page as it is now. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Rule and element of each violation, however small. */
export async function violations(page: Page): Promise<string[]> {
  // By the debugger's door: the page's own policy lets no foreign script in.
  await page.evaluate(AXE);
  const results = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } };
    return await axe.run();
  });
  return results.violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html }) => `${impact ?? "?"} ${id}: ${html.slice(0, 120)}`),
  );
}
