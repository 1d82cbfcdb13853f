/**
 * The world around the cloud: media servers on the machines that are up, the sessions on them, and
 * a dispatcher that places new sessions on servers which the fleet calls ready.
 */
import type { Cloud } from "../aws/cloud/cloud.ts";
import type { Server } from "../aws/cloud/view.ts";
import { type Host, Demand } from "../aws/demand/sessions.ts";
import type { Rate } from "../aws/demand/rate.ts";
import type { MediaServer } from "../aws/hosts/answer.ts";
import { MediaServers } from "../aws/hosts/media-servers.ts";
import { every, type Repeated } from "./every.ts";
import { HEALTH } from "./spec.ts";

export interface WorldOptions {
  readonly cloud: Cloud;
  readonly rate: Rate;
  readonly seed: number;
  readonly startMs: number;
  readonly capacity: number;
  /** Where one listener takes all probes; null where every server has an address of its own. */
  readonly via: { readonly address: string; readonly port: number } | null;
  /** The names of the servers that the fleet calls ready; may reject while the Worker is away. */
  readonly readyServers: () => Promise<readonly string[]>;
  readonly onProblem: (sentence: string) => void;
  /** The key that drain calls are signed with: the media servers take part in draining. */
  readonly drainSecret: string;
  /** Whose drain calls the media servers take. */
  readonly deployment: string;
}

export interface World {
  readonly demand: Demand;
  /** The value of PROBE_VIA, where the Worker needs it. */
  readonly probeVia: string | null;
  close(): Promise<void>;
}

/** From the machine's start to the media server's. Time of the model. */
const SOFTWARE_BOOT_MS = 10_000;
/** Real time. */
const STEP_MS = 200;
const DISPATCHER_MS = 500;

export async function startWorld(options: WorldOptions): Promise<World> {
  const { cloud, rate, seed, startMs, capacity, via, onProblem, drainSecret, deployment } = options;
  const demand = new Demand({ rate, seed, startMs, capacity });
  const media = new MediaServers({
    scene: { nowMs: cloud.now, sessionsOn: (name) => demand.sessionsOn(name) },
    drainSecret,
    deployment,
    // What came until now was placed by the old list; from here on the server takes no more.
    onDraining: () => {
      demand.advance(cloud.now(), hosts);
      hosts = hosts.map((host) => accepting(host));
    },
    ...(via === null ? {} : { via }),
  });
  const accepting = (host: Host): Host => ({
    ...host,
    accepting: placeable.has(host.name) && !media.isDraining(host.name),
  });
  let placeable: ReadonlySet<string> = new Set();
  let hosts: readonly Host[] = [];
  await media.sync([]);

  const step = async (): Promise<void> => {
    const nowMs = cloud.now();
    const servers = cloud.servers().filter(isHealthPortOpen);
    demand.advance(nowMs, hosts);
    hosts = servers.map((server) => accepting(hostOf(server)));
    demand.advance(nowMs, hosts);
    const { problems } = await media.sync(servers.map(mediaServerOf));
    for (const problem of problems) onProblem(problem);
  };
  // While the Worker is away its last word holds, as with any dispatcher that keeps a list.
  const dispatch = async (): Promise<void> => {
    placeable = new Set(await options.readyServers());
  };
  const repeated: Repeated[] = [
    every(STEP_MS, step, (error) => onProblem(`the world stands still: ${String(error)}`)),
    every(DISPATCHER_MS, dispatch, (error) => onProblem(`the dispatcher: ${String(error)}`)),
  ];
  return {
    demand,
    probeVia: media.probeVia,
    close: async () => {
      await Promise.all(repeated.map(async (one) => await one.stop()));
      await media.close();
    },
  };
}

function isHealthPortOpen({ openPorts }: Server): boolean {
  return openPorts.some(
    ({ protocol, fromPort, toPort }) =>
      (protocol === "tcp" || protocol === "all") &&
      fromPort <= HEALTH.port &&
      HEALTH.port <= toPort,
  );
}

function hostOf({ name, runningSince }: Server): Host {
  return { name, readyAtMs: runningSince + SOFTWARE_BOOT_MS, accepting: false };
}

function mediaServerOf({ name, publicIp, runningSince }: Server): MediaServer {
  return { ...HEALTH, name, address: publicIp, readyAtMs: runningSince + SOFTWARE_BOOT_MS };
}
