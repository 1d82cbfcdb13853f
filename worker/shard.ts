/**
 * A shard of the eyes: an object with six sockets of its own, which asks some servers of a large fleet.
 * It remembers nothing and arms no alarm. Its settings and secrets are its own environment's.
 */
import { DurableObject } from "cloudflare:workers";
import { systemClock } from "./clock.ts";
import { parseConfig } from "./env.ts";
import { type Share, type ShardApi, type Shared, type Shards, shareOut } from "./health/shared.ts";
import { tcpTransport } from "./health/tcp.ts";
import { hintFor } from "../durable/rules/location.ts";

export class Shard extends DurableObject<Env> implements ShardApi {
  async ask(share: Share): Promise<Shared> {
    const deps = {
      config: parseConfig(this.env),
      fetch: async (request: Request): Promise<Response> => fetch(request),
      clock: systemClock,
      transport: tcpTransport,
      shards: shardsOf(this.env),
    };
    return shareOut(deps, share).asked;
  }
}

/** The shards of this deployment, each made as near to the servers as Cloudflare can. */
export function shardsOf(env: Env): Shards {
  return (name, region) => env.SHARD.getByName(name, hintFor(region));
}
