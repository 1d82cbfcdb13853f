/** `npm run bench -- table < lines.jsonl`: the Markdown tables of the lines on standard input. */
import { createInterface } from "node:readline";
import process from "node:process";
import type { Line } from "./markdown.ts";
import { tablesOf } from "./tables.ts";

export async function runTable(): Promise<void> {
  const lines: Line[] = [];
  for await (const text of createInterface({ input: process.stdin }))
    if (text.startsWith("{")) lines.push(JSON.parse(text) as Line);
  console.log(tablesOf(lines).join("\n\n"));
}
