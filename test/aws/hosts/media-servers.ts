/**
 * The emulated media servers as real HTTP servers on loopback addresses.
 *
 * Each has its own address, 127.x.y.z. Where a machine has only 127.0.0.1, one listener takes all
 * probes (`via`) and tells them apart by their Host header.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer, HealthRequest, MediaServer, Scene } from "./answer.ts";
import { answer, endpointOf, isListening } from "./answer.ts";
import { Nonces } from "./drain.ts";
import { closeListener, openListener } from "./listener.ts";
import { listenProblem } from "./loopback.ts";

export interface MediaServersOptions {
  readonly scene: Scene;
  /** One listener for all, port 0 for a free one; if not given, every server has its own. */
  readonly via?: { readonly address: string; readonly port: number };
  /** The key of signed drain calls; null, or not given, for servers that know nothing of draining. */
  readonly drainSecret?: string | null;
  /** Against which the time of a signature is held; the machine's clock if not given. */
  readonly realNowMs?: () => number;
  /** The deployment whose drain calls they take; `default` if it is not given. */
  readonly deployment?: string;
  /**
   * Told at the very moment at which a drain call takes hold, before it is answered: from now on,
   * and not before, anyone who places sessions must skip that server, or may use it again.
   */
  readonly onDraining?: (name: string, isDraining: boolean) => void;
}

/** What a sync changed, by name of server, and what it could not. */
export interface SyncReport {
  readonly opened: readonly string[];
  readonly closed: readonly string[];
  /** Sentences; these listeners are tried again at the next sync. */
  readonly problems: readonly string[];
}

interface Listener {
  readonly owner: string;
  readonly server: Server;
}

/** The owner of the one listener that takes all probes. */
const VIA = "all probes";

export class MediaServers {
  readonly #scene: Scene;
  readonly #via: MediaServersOptions["via"];
  readonly #listeners = new Map<string, Listener>();
  #servers: ReadonlyMap<string, MediaServer> = new Map();
  /** The start of each draining server, by name: one that was started anew since has forgotten. */
  readonly #draining = new Map<string, number | undefined>();
  #lastSync: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: MediaServersOptions) {
    this.#scene = this.#withDraining(options);
    this.#via = options.via;
  }

  /**
   * Makes exactly these servers answer.
   *
   * A server that is booting (`readyAtMs` is to come) gets its port at the first sync after it.
   * Servers that are gone refuse at once; their connections are cut. Calls queue up, and each sees
   * its own list through. Rejects when two servers share a name or an endpoint.
   */
  async sync(servers: readonly MediaServer[]): Promise<SyncReport> {
    const byEndpoint = new Map(servers.map((server) => [endpointOf(server), server]));
    if (
      byEndpoint.size !== servers.length ||
      new Set(servers.map(({ name }) => name)).size !== servers.length
    ) {
      throw new Error("two media servers have the same name or the same address and port.");
    }
    this.#servers = byEndpoint;
    this.#forgetDraining(servers);
    return await this.#inTurn(async () => {
      const wanted = this.#wanted(byEndpoint);
      const closed = await this.#closeAllBut(wanted);
      return { closed, ...(await this.#open(wanted)) };
    });
  }

  /** The answer without a socket: what a request to this endpoint would get now. */
  answer(request: HealthRequest): Answer {
    return answer(this.#servers, request, this.#scene);
  }

  /** Whether the server was told to drain: nobody may place a session on it. */
  isDraining(name: string): boolean {
    return this.#draining.has(name);
  }

  /** `host:port` that takes all probes; null when every server has its own, or before a sync. */
  get probeVia(): string | null {
    if (this.#via === undefined) return null;
    const bound = this.#listeners.get(endpointOf(this.#via))?.server.address();
    return isAddressInfo(bound) ? endpointOf(bound) : null;
  }

  /** Closes every port and cuts every connection; may be called again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#servers = new Map();
    await this.#inTurn(() => this.#closeAllBut(new Map()));
  }

  #withDraining({
    scene,
    drainSecret: secret = null,
    realNowMs = Date.now,
    deployment = "default",
    onDraining = () => undefined,
  }: MediaServersOptions): Scene {
    if (secret === null) return scene;
    const setDraining = (name: string, isDraining: boolean): void => {
      if (this.#draining.has(name) === isDraining) return;
      const server = [...this.#servers.values()].find((one) => one.name === name);
      if (isDraining) this.#draining.set(name, server?.readyAtMs);
      else this.#draining.delete(name);
      onDraining(name, isDraining);
    };
    return {
      nowMs: () => scene.nowMs(),
      sessionsOn: (name) => scene.sessionsOn(name),
      faultOf: (name) => scene.faultOf?.(name),
      isDraining: (name) => this.isDraining(name) || (scene.isDraining?.(name) ?? false),
      drain: { secret, realNowMs, deployment, nonces: new Nonces(), setDraining },
    };
  }

  #forgetDraining(servers: readonly MediaServer[]): void {
    const startOf = new Map(servers.map(({ name, readyAtMs }) => [name, readyAtMs]));
    for (const [name, readyAtMs] of this.#draining) {
      if (!startOf.has(name) || startOf.get(name) !== readyAtMs) this.#draining.delete(name);
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastSync.then(work);
    // The next in turn waits for the end of this one, good or bad; the caller gets the failure.
    this.#lastSync = turn.then(
      () => undefined,
      () => undefined,
    );
    return await turn;
  }

  /** Owner by endpoint of every listener that should be open. */
  #wanted(
    servers: ReadonlyMap<string, MediaServer>,
  ): Map<string, { owner: string; address: string; port: number }> {
    if (this.#isClosed) return new Map();
    if (this.#via !== undefined)
      return new Map([[endpointOf(this.#via), { owner: VIA, ...this.#via }]]);
    const nowMs = this.#scene.nowMs();
    return new Map(
      [...servers]
        .filter(([, server]) => isListening(server, nowMs))
        .map(([endpoint, { name, address, port }]) => [endpoint, { owner: name, address, port }]),
    );
  }

  /** An address that passed to another server is closed too, to cut the old one's connections. */
  async #closeAllBut(wanted: ReadonlyMap<string, { readonly owner: string }>): Promise<string[]> {
    const unwanted = [...this.#listeners].filter(
      ([endpoint, { owner }]) => wanted.get(endpoint)?.owner !== owner,
    );
    await Promise.all(
      unwanted.map(async ([endpoint, { server }]) => {
        this.#listeners.delete(endpoint);
        await closeListener(server);
      }),
    );
    return unwanted.map(([, { owner }]) => owner);
  }

  async #open(
    wanted: ReadonlyMap<
      string,
      { readonly owner: string; readonly address: string; readonly port: number }
    >,
  ): Promise<{ opened: string[]; problems: string[] }> {
    const opened: string[] = [];
    const problems: string[] = [];
    await Promise.all(
      [...wanted].map(async ([endpoint, { owner, ...at }]) => {
        if (this.#listeners.has(endpoint)) return;
        const addressee = this.#via === undefined ? { endpoint } : "Host";
        try {
          const server = await openListener(at, addressee, (request) => this.answer(request));
          this.#listeners.set(endpoint, { owner, server });
          opened.push(owner);
        } catch (error) {
          problems.push(listenProblem(endpoint, owner, error));
        }
      }),
    );
    return { opened, problems };
  }
}

function isAddressInfo(bound: AddressInfo | string | null | undefined): bound is AddressInfo {
  return typeof bound === "object" && bound !== null;
}
