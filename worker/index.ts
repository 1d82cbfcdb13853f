/** The entry: requests, the cron, and the classes that the runtime looks for. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Bulletin, Delivery } from "../durable/rules/bulletins.ts";
import type { Command, Observation, Outcome, Watch } from "../durable/rules/world.ts";
import { createHands } from "./act.ts";
import { createApi } from "./api/app.ts";
import { systemClock } from "./clock.ts";
import { PAGE_FILES } from "./dashboard/files.ts";
import { createPage } from "./dashboard/page.ts";
import { createDoctor } from "./doctor/doctor.ts";
import { parseConfig } from "./env.ts";
import { tcpTransport } from "./health/tcp.ts";
import { createEyes } from "./observe.ts";
import { tellOfDead, visitFleets } from "./cron.ts";
import { sendHeartbeat } from "./notify/heartbeat.ts";
import { postToSlack } from "./notify/slack.ts";

export { Directory } from "../durable/directory.ts";
export { Fleet } from "../durable/fleet.ts";

const page = createPage(PAGE_FILES);

/** Reads the outside world. */
export class Eyes extends WorkerEntrypoint<Env> {
  async observe(watch: Watch): Promise<Observation> {
    const config = parseConfig(this.env);
    const eyes = createEyes({
      config,
      fetch: async (request) => fetch(request),
      clock: systemClock,
      transport: tcpTransport,
    });
    return eyes.observe(watch);
  }
}

/** Changes the outside world. */
export class Hands extends WorkerEntrypoint<Env> {
  async act(commands: Command[]): Promise<Outcome[]> {
    const config = parseConfig(this.env);
    const hands = createHands({
      config,
      fetch: async (request) => fetch(request),
      clock: systemClock,
      transport: tcpTransport,
    });
    return hands.act(commands);
  }
}

/** Tells people. */
export class Herald extends WorkerEntrypoint<Env> {
  async post(bulletins: Bulletin[]): Promise<Delivery> {
    const config = parseConfig(this.env);
    return postToSlack(
      { config, fetch: async (request) => fetch(request), clock: systemClock },
      bulletins,
    );
  }
}

type Api = ReturnType<typeof createApi>;

/** An app is dear to make: one serves all requests that an isolate gets with the same settings. */
const apis = new WeakMap<Env, Api>();

function apiOf(env: Env): Api {
  const known = apis.get(env);
  if (known !== undefined) return known;
  const config = parseConfig(env);
  const made = createApi({
    tokens: config.tokens,
    fleet: (name) => env.FLEET.getByName(name),
    directory: () => env.DIRECTORY.getByName("directory"),
    doctor: createDoctor({
      config,
      fetch: async (request) => fetch(request),
      clock: systemClock,
      transport: tcpTransport,
    }),
    page,
    now: () => Date.now(),
    log: (entry) => console.log(JSON.stringify(entry)),
  });
  apis.set(env, made);
  return made;
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
    const ports = { config, fetch: async (request: Request) => fetch(request), clock: systemClock };
    await tellOfDead(visited, {
      ...deps,
      post: async (bulletins) => postToSlack(ports, bulletins),
      heartbeat: async () => sendHeartbeat({ ...ports, log: deps.log }),
      now: () => Date.now(),
    });
  },
} satisfies ExportedHandler<Env>;
