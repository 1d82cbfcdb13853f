/** `npm run bench -- object`: a line for each size and case. */
import { machine } from "../machine.ts";
import { measureObject } from "./measure.ts";
import type { ObjectOptions } from "./options.ts";

export async function runObject({ sizes, ticks }: ObjectOptions): Promise<void> {
  console.log(JSON.stringify(machine("object")));
  for (const servers of sizes)
    for await (const line of measureObject({ servers, ticks })) console.info(JSON.stringify(line));
}
