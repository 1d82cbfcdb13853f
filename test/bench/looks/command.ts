/** `npm run bench -- looks`: servers read by round trip and shards, then whole fleets. */
import { rounded } from "../figures.ts";
import { machine } from "../machine.ts";
import { runLooks } from "./fleet.ts";
import type { LooksOptions } from "./options.ts";
import { readPerSecond } from "./reads.ts";

const SHARDS = [0, 1, 2, 4, 8] as const;

export async function runLooksTable({ plans, roundTripsMs }: LooksOptions): Promise<void> {
  console.log(JSON.stringify(machine("reads")));
  for (const shards of SHARDS)
    for (const roundTripMs of roundTripsMs) {
      const read = rounded(await readPerSecond(roundTripMs, shards));
      console.log(JSON.stringify({ bench: "reads", roundTripMs, shards, readPerSecond: read }));
    }
  console.log(JSON.stringify(machine("looks")));
  for (const plan of plans) {
    const looks = await runLooks(plan);
    const read = rounded(looks.readPerSecond);
    console.log(JSON.stringify({ bench: "looks", ...plan, ...looks, readPerSecond: read }));
  }
}
