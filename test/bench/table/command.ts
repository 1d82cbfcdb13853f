/** `npm run bench -- table < lines.jsonl`: the Markdown tables of the lines on standard input. */
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseOptions } from "../parse.ts";
import { fill } from "./fill.ts";
import type { Line } from "./markdown.ts";
import { tablesOf } from "./tables.ts";

export const TABLE_USAGE = `The Markdown tables of the JSON lines on standard input.

Usage: npm run bench -- table [options] < lines.jsonl

  --into FILE       puts them into a document, between its comments such as <!-- bench:cost -->
`;

const OPTIONS = { into: { type: "string" } } as const;

export async function runTable(args: readonly string[]): Promise<void> {
  const { into } = parseOptions(args, OPTIONS);
  const lines: Line[] = [];
  for await (const text of createInterface({ input: process.stdin }))
    if (text.startsWith("{")) lines.push(JSON.parse(text) as Line);
  const tables = tablesOf(lines);
  if (into === undefined) console.log([...tables.values()].join("\n\n"));
  else await writeFile(into, fill(await readFile(into, "utf8"), tables));
}
