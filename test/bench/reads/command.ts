/** `npm run bench -- reads`: a line for each read. */
import { machine } from "../machine.ts";
import { measureReads, type ReadsPlan } from "./measure.ts";

export async function runReads(plan: ReadsPlan): Promise<void> {
  console.log(JSON.stringify(machine("reads")));
  for await (const line of measureReads(plan)) console.info(JSON.stringify(line));
}
