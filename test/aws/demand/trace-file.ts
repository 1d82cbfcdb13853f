import { readFile, stat } from "node:fs/promises";
import type { ParsedTrace } from "./trace.ts";
import { parseTrace, TRACE_CHARACTERS_MAX } from "./trace.ts";

/** Reads and parses a trace; a file that is missing, too large or no file is a problem as well. */
export async function readTrace(path: string): Promise<ParsedTrace> {
  try {
    const { size } = await stat(path);
    if (size > TRACE_CHARACTERS_MAX) {
      return refuse(`${path} has ${size} bytes, but a trace may have ${TRACE_CHARACTERS_MAX}.`);
    }
    const parsed = parseTrace(await readFile(path, "utf8"));
    return parsed.ok ? parsed : { ...parsed, problem: `${path}: ${parsed.problem}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse(`Cannot read the trace ${path}: ${reason}.`);
  }
}

function refuse(problem: string): ParsedTrace {
  return { ok: false, line: null, problem };
}
