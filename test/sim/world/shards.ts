/** Shards of the eyes: each call of one is an invocation of its own, with six sockets, and some way off. */
import type { Clock } from "../../../worker/clock.ts";
import type { Config } from "../../../worker/env.ts";
import { type Shards, shareOut } from "../../../worker/health/shared.ts";

import { type SixSockets, sixSockets } from "../../net/six-sockets.ts";
import type { Timers } from "./timers.ts";

/** To an object near by, one way. */
const HOP_MS = 10;

interface ShardPorts {
  readonly timers: Timers;
  readonly config: Config;
  readonly clock: Clock;
  readonly ports: Pick<SixSockets, "fetch" | "transport">;
}

export function shardsOf({ timers, config, clock, ports }: ShardPorts): Shards {
  const shards: Shards = () => ({
    ask: async (share) => {
      await timers.sleep(HOP_MS);
      const shared = await shareOut({ config, clock, shards, ...sixSockets(ports) }, share).asked;
      await timers.sleep(HOP_MS);
      return shared;
    },
  });
  return shards;
}
