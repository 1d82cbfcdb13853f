/** The media servers on the instances that are up, and the sessions on them. */
import type { Cloud } from "../../aws/cloud/cloud.ts";
import type { Server } from "../../aws/cloud/view.ts";
import { endpointOf, type Fault, type MediaServer, type Scene } from "../../aws/hosts/answer.ts";
import type { SimEvent } from "../event.ts";
import type { Machine } from "../oracle/invariant.ts";
import { builtFor } from "./built.ts";
import type { Timers } from "./timers.ts";

interface Trouble {
  readonly fault: Fault;
  readonly until: number;
  /** It comes and goes with this period; 0 where it stays. */
  readonly flapMs: number;
}

/** What servers do with the drain calls that they get. */
export type Deafness =
  /** They answer that it holds, and it does not. */
  | "ignores"
  /** They answer that they do not know such a call. */
  | "refuses";

interface Hosted {
  /** Of the boot that the sessions live on: after another one they are lost. */
  readonly runningSince: number;
  readonly sessions: Map<number, () => void>;
}

/** Who is up is looked at again after this, or as soon as anybody changes anything. */
const LOOK_MS = 300;

export class Servers implements Scene {
  readonly #timers: Timers;
  readonly #cloud: Cloud;
  readonly #softwareBootMs: number;
  readonly #emit: (event: SimEvent) => void;
  readonly #hosted = new Map<string, Hosted>();
  readonly #troubles = new Map<string, Trouble>();
  readonly #neverReady = new Set<string>();
  readonly #drained = new Set<string>();
  #nextSession = 1;
  #known: {
    at: number;
    revision: number;
    readonly changes: number;
    readonly holdsUntil: number;
    up: Map<string, Server>;
    byEndpoint: Map<string, MediaServer>;
  } | null = null;
  /** Raised whenever the cloud may have changed. */
  revision = 0;
  /** All servers are silent until then. */
  allSilentUntil = 0;
  /** So long no server does what its drain calls say. */
  deaf: { readonly how: Deafness; readonly until: number } | null = null;
  /** Addresses that were ours, and at which somebody else answers. */
  readonly strangers = new Set<string>();
  /** How many of the next servers to come up never answer. */
  neverReadyNext = 0;

  constructor(
    timers: Timers,
    cloud: Cloud,
    softwareBootMs: number,
    emit: (event: SimEvent) => void,
  ) {
    this.#timers = timers;
    this.#cloud = cloud;
    this.#softwareBootMs = softwareBootMs;
    this.#emit = emit;
  }

  nowMs(): number {
    return this.#timers.now;
  }

  sessionsOn(name: string): number {
    return this.#hosted.get(name)?.sessions.size ?? 0;
  }

  isDraining(name: string): boolean {
    return this.#drained.has(name);
  }

  /** The server was told to take no more, or that it may again; a reboot forgets it. */
  setDraining(name: string, isDraining: boolean): void {
    if (isDraining) this.#drained.add(name);
    else this.#drained.delete(name);
  }

  faultOf(name: string): Fault | undefined {
    const now = this.#timers.now;
    if (now < this.allSilentUntil || this.#neverReady.has(name)) return "silent";
    const trouble = this.#troubles.get(name);
    if (trouble === undefined || now >= trouble.until) return undefined;
    const isOff = trouble.flapMs > 0 && Math.floor(now / trouble.flapMs) % 2 === 0;
    return isOff ? undefined : trouble.fault;
  }

  /** Null while drain calls are obeyed. */
  deafness(): Deafness | null {
    return this.deaf !== null && this.#timers.now < this.deaf.until ? this.deaf.how : null;
  }

  trouble(name: string, fault: Fault, forMs: number, flapMs = 0): void {
    this.#troubles.set(name, { fault, until: this.#timers.now + forMs, flapMs });
  }

  heal(): void {
    this.#troubles.clear();
    this.#neverReady.clear();
    this.deaf = null;
    this.allSilentUntil = 0;
    this.neverReadyNext = 0;
  }

  /** Machines that are up now, by name. */
  up(): ReadonlyMap<string, Server> {
    return this.#look().up;
  }

  /** Media servers that can be connected to, by `address:port`. */
  reachable(): ReadonlyMap<string, MediaServer> {
    return this.#look().byEndpoint;
  }

  nameAt(endpoint: string): string | null {
    return this.#look().byEndpoint.get(endpoint)?.name ?? null;
  }

  /** Whether a session can begin there at this moment. */
  accepts(name: string): boolean {
    const server = this.up().get(name);
    if (server === undefined || this.#neverReady.has(name)) return false;
    return server.runningSince + this.#softwareBootMs <= this.#timers.now;
  }

  /** The machine as it really is; null where none is up. */
  machine(name: string): Machine | null {
    const { up, byEndpoint } = this.#look();
    const server = up.get(name);
    if (server === undefined) return null;
    const { publicIp: address, runningSince, userData } = server;
    const isOpen = builtFor(userData).some(({ port }) =>
      byEndpoint.has(endpointOf({ address, port })),
    );
    return {
      address,
      addressAt: runningSince + this.#cloud.timing.addressLagMs,
      answersFrom: runningSince + this.#softwareBootMs,
      isWell: isOpen && this.accepts(name) && this.faultOf(name) === undefined,
    };
  }

  /** A session begins, and ends after its time, if its server lives so long. */
  place(name: string, lengthMs: number): void {
    const server = this.up().get(name);
    if (server === undefined) throw new Error(`there is no server ${name} to place a session on`);
    const id = this.#nextSession++;
    const { runningSince } = server;
    const hosted = this.#hosted.get(name) ?? {
      runningSince,
      sessions: new Map<number, () => void>(),
    };
    this.#hosted.set(name, hosted);
    hosted.sessions.set(
      id,
      this.#timers.after(lengthMs, () => this.#end(name, id)),
    );
    this.#emit({ kind: "session", what: "placed", server: name });
  }

  /** What still goes on ends within `withinMs`. */
  endSoon(withinMs: number): void {
    for (const [name, { sessions }] of this.#hosted)
      for (const [id, callOff] of sessions) {
        callOff();
        this.#timers.after(1 + ((id * 7_919) % withinMs), () => this.#end(name, id));
      }
  }

  #end(name: string, id: number): void {
    const hosted = this.#hosted.get(name);
    if (hosted === undefined || !hosted.sessions.delete(id)) return;
    this.#emit({ kind: "session", what: "ended", server: name });
  }

  /** Sessions whose machine went, or was started anew, are lost. */
  loseWithTheirServers(): void {
    for (const [name, { runningSince, sessions }] of this.#hosted) {
      if (this.up().get(name)?.runningSince === runningSince) continue;
      this.#hosted.delete(name);
      for (const callOff of sessions.values()) {
        callOff();
        this.#emit({ kind: "session", what: "lost", server: name });
      }
    }
  }

  #look() {
    const now = this.#timers.now;
    const known = this.#known;
    if (known !== null && known.revision === this.revision && now - known.at < LOOK_MS)
      return known;
    if (known !== null && known.changes === this.#cloud.changes && now < known.holdsUntil) {
      known.at = now;
      known.revision = this.revision;
      return known;
    }
    const up = new Map<string, Server>();
    const byEndpoint = new Map<string, MediaServer>();
    for (const server of this.#cloud.servers()) {
      if (!up.has(server.name) && !this.#seen.has(server.arn)) this.#comesUp(server);
      up.set(server.name, server);
      for (const media of this.#mediaOf(server)) byEndpoint.set(endpointOf(media), media);
    }
    this.#known = {
      at: now,
      revision: this.revision,
      changes: this.#cloud.changes,
      holdsUntil: this.#cloud.serversHoldUntil(),
      up,
      byEndpoint,
    };
    return this.#known;
  }

  /** Where the server can be reached, as far as its firewall is open. */
  #mediaOf({ name, publicIp: address, runningSince, openPorts, userData }: Server): MediaServer[] {
    const readyAtMs = runningSince + this.#softwareBootMs;
    return builtFor(userData)
      .filter(({ port }) =>
        openPorts.some(({ fromPort, toPort }) => fromPort <= port && port <= toPort),
      )
      .map((built) => ({ ...built, name, address, readyAtMs }));
  }

  readonly #seen = new Set<string>();

  #comesUp({ arn, name }: Server): void {
    this.#seen.add(arn);
    if (this.neverReadyNext === 0) return;
    this.neverReadyNext--;
    this.#neverReady.add(name);
  }
}
