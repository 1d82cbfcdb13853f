/** `npm run bench -- looks`: a line for each round trip, size and share of servers that drop packets. */
import { rounded } from "../figures.ts";
import { machine } from "../machine.ts";
import { runLooks } from "./fleet.ts";
import type { LooksOptions } from "./options.ts";

export async function runLooksTable({ plans }: LooksOptions): Promise<void> {
  console.log(JSON.stringify(machine("looks")));
  for (const plan of plans) {
    const looks = await runLooks(plan);
    const readPerSecond = rounded(looks.readPerSecond);
    console.log(JSON.stringify({ bench: "looks", ...plan, ...looks, readPerSecond }));
  }
}
