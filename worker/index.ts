/** The entry: requests, the cron, and the classes that the runtime looks for. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Bulletin, Delivery } from "../durable/rules/bulletins.ts";
import type { Command, Observation, Outcome, Watch } from "../durable/rules/world.ts";
import { createHands } from "./act.ts";
import { createAccessJudge } from "./api/access.ts";
import { createApi } from "./api/app.ts";
import { systemClock } from "./clock.ts";
import { PAGE_FILES } from "./dashboard/files.ts";
import { createPage } from "./dashboard/page.ts";
import { createDoctor } from "./doctor/doctor.ts";
import { parseConfig } from "./env.ts";
import { tcpTransport } from "./health/tcp.ts";
import { hintFor } from "../durable/rules/location.ts";
import { filledScript } from "./launch-script.ts";
import { createEyes } from "./observe.ts";
import { tellOfDead, visitFleets } from "./cron.ts";
import { sendHeartbeat } from "./notify/heartbeat.ts";
import { postToSlack } from "./notify/slack.ts";
import { shardsOf } from "./shard.ts";

export { AccountBudget } from "../durable/account-budget.ts";
export { Directory } from "../durable/directory.ts";
export { Fleet } from "../durable/fleet.ts";
export { Shard } from "./shard.ts";

const page = createPage(PAGE_FILES);

/** `fetch` as the ports want it. */
const send = async (request: Request): Promise<Response> => fetch(request);

const apis = new WeakMap<Env, ReturnType<typeof createApi>>();

/** Its routes and the digests of the tokens are made once for all requests. */
function apiOf(env: Env): ReturnType<typeof createApi> {
  const made = apis.get(env);
  if (made !== undefined) return made;
  const config = parseConfig(env);
  for (const reason of config.refusedTokens)
    console.error(JSON.stringify({ event: "token.refused", reason }));
  const now = (): number => Date.now();
  const api = createApi({
    tokens: config.tokens,
    settingsProblems: config.refusedTokens,
    requestsPerSecond: config.requestsPerSecond,
    access: config.access === null ? null : createAccessJudge(config.access, { send, now }),
    fleet: (name, region) => env.FLEET.getByName(name, hintFor(region ?? null)),
    directory: () => env.DIRECTORY.getByName("directory"),
    doctor: createDoctor({
      config,
      fetch: send,
      clock: systemClock,
      transport: tcpTransport,
    }),
    scriptProblem: (script) => {
      const filled = filledScript(script, (name) => config.secret(name));
      return filled.kind === "refused" ? filled.detail : null;
    },
    page,
    now,
    log: (entry) => console.log(JSON.stringify(entry)),
  });
  apis.set(env, api);
  return api;
}

/** Reads the outside world. */
export class Eyes extends WorkerEntrypoint<Env> {
  async observe(watch: Watch): Promise<Observation> {
    const config = parseConfig(this.env);
    const eyes = createEyes({
      config,
      fetch: send,
      clock: systemClock,
      transport: tcpTransport,
      shards: shardsOf(this.env),
    });
    return eyes.observe(watch);
  }
}

/** Changes the outside world. */
export class Hands extends WorkerEntrypoint<Env> {
  async act(commands: Command[], connections?: number): Promise<Outcome[]> {
    const config = parseConfig(this.env);
    const hands = createHands({
      config,
      fetch: send,
      clock: systemClock,
      transport: tcpTransport,
    });
    return hands.act(commands, connections);
  }
}

/** Tells people. */
export class Herald extends WorkerEntrypoint<Env> {
  async post(bulletins: Bulletin[]): Promise<Delivery> {
    const config = parseConfig(this.env);
    return postToSlack({ config, fetch: send, clock: systemClock }, bulletins);
  }
}

export default {
  async fetch(request, env, ctx) {
    return apiOf(env).fetch(request, env, ctx);
  },

  async scheduled(_controller, env) {
    const deps = {
      fleet: (name: string) => env.FLEET.getByName(name),
      directory: () => env.DIRECTORY.getByName("directory"),
      log: (entry: Readonly<Record<string, unknown>>) => console.log(JSON.stringify(entry)),
    };
    const visited = await visitFleets(deps);
    // Only now: settings that are wrong must not keep the fleets from being visited.
    const config = parseConfig(env);
    const ports = { config, fetch: send, clock: systemClock };
    await tellOfDead(visited, {
      ...deps,
      post: async (bulletins) => postToSlack(ports, bulletins),
      heartbeat: async () => sendHeartbeat({ ...ports, log: deps.log }),
      now: () => Date.now(),
    });
  },
} satisfies ExportedHandler<Env>;
