/**
 * What a media server answers: a function over the servers there are and the clock, pure but for
 * the drain calls that it accepts.
 *
 * The TCP servers and the simulator, which has no sockets, both ask here, so that a probe meets
 * the same servers in either.
 */
import { type DrainPort, isDrainCall, judgeDrain } from "./drain.ts";

/** A media server, and where it listens. */
export interface MediaServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The health path, such as `/health`. */
  readonly path: string;
  /** Model time before which a connection is refused: it is still booting. */
  readonly readyAtMs?: number;
  /** The member that says the number of sessions; `sessions` if it is not given. */
  readonly member?: string;
  /** False for one that was built before there were drain calls: it answers them 404. */
  readonly takesPart?: boolean;
  /** Without this header every request is answered 401. */
  readonly requiredHeader?: { readonly name: string; readonly value: string };
}

/**
 * A way to be broken:
 * - `silent` accepts the connection and never answers;
 * - `garbage` answers 200 with JSON that breaks off;
 * - `wrongName` answers in another instance's name, with no sessions;
 * - `slow` answers rightly, but one byte at a time;
 * - `reset` breaks the connection;
 * - `hugeBody` answers rightly, with megabytes around it;
 * - `notReady` answers 503, with a body that looks idle.
 */
export type Fault = "silent" | "garbage" | "wrongName" | "slow" | "reset" | "hugeBody" | "notReady";

/** What is known about the servers from elsewhere. */
export interface Scene {
  /** Model time. */
  nowMs(): number;
  sessionsOn(name: string): number;
  isDraining?(name: string): boolean;
  /** Without it the servers know nothing of draining, and answer drain calls 404. */
  readonly drain?: DrainPort;
  faultOf?(name: string): Fault | undefined;
}

export interface HealthRequest {
  /** `address:port` that the caller connected to, or named in its Host header. */
  readonly endpoint: string;
  readonly method: string;
  readonly path: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Reply {
  readonly kind: "reply";
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Pause before each byte of the body; 0 sends it at once. */
  readonly msPerByte: number;
}

/** `refused`: nobody listens. `silent`: connected, and nothing more. `reset`: connected, and cut. */
export type Answer = Reply | { readonly kind: "refused" | "silent" | "reset" };

/** The body of a good answer. */
interface Health {
  readonly [member: string]: string | number | boolean;
  readonly instance: string;
  readonly draining: boolean;
}

/** One byte each quarter of a second takes longer over any reply than a probe may wait. */
const SLOW_MS_PER_BYTE = 250;

const HUGE_PADDING = "x".repeat(4 * 1024 * 1024);

/** The key under which a server is found. */
export function endpointOf(server: { readonly address: string; readonly port: number }): string {
  return `${server.address}:${server.port}`;
}

/** Whether the server takes connections at this moment. */
export function isListening(server: MediaServer, nowMs: number): boolean {
  return (server.readyAtMs ?? Number.NEGATIVE_INFINITY) <= nowMs;
}

/** The answer of the server that listens at the request's endpoint; `servers` are keyed by endpoint. */
export function answer(
  servers: ReadonlyMap<string, MediaServer>,
  request: HealthRequest,
  scene: Scene,
): Answer {
  const server = servers.get(request.endpoint);
  if (server === undefined || !isListening(server, scene.nowMs())) return { kind: "refused" };
  const fault = scene.faultOf?.(server.name);
  if (fault === "silent" || fault === "reset") return { kind: fault };
  if (!isAuthorized(server, request)) return json(401, { error: "the health header is missing" });
  const refusal = carryOut(server, request, scene, fault);
  if (refusal !== null) return refusal;
  const good: Health = {
    instance: server.name,
    [server.member ?? "sessions"]: scene.sessionsOn(server.name),
    draining: scene.isDraining?.(server.name) ?? false,
  };
  return fault === undefined ? json(200, good) : SPOILED[fault](good);
}

/** Does what is asked, after which the answer is the server's health; or says why it does not. */
function carryOut(
  server: MediaServer,
  request: HealthRequest,
  scene: Scene,
  fault: Fault | undefined,
): Reply | null {
  const { drain } = scene;
  if (drain === undefined || server.takesPart === false || !isDrainCall(request)) {
    return isHealthRequest(server, request) ? null : json(404, { error: "not found" });
  }
  // A server that speaks in another's name takes itself for another.
  const name = fault === "wrongName" ? `not-${server.name}` : server.name;
  const verdict = judgeDrain(name, request, drain);
  if (verdict.kind === "refused") return json(verdict.status, { error: verdict.error });
  drain.setDraining(server.name, verdict.isDraining);
  return null;
}

/** What each fault makes of a good answer. */
const SPOILED: Readonly<Record<Exclude<Fault, "silent" | "reset">, (good: Health) => Reply>> = {
  garbage: (good) => ({ ...json(200, good), body: `{"instance":"${good.instance}","sessions":` }),
  wrongName: (good) =>
    json(200, { instance: `not-${good.instance}`, sessions: 0, draining: false }),
  slow: (good) => ({ ...json(200, good), msPerByte: SLOW_MS_PER_BYTE }),
  hugeBody: (good) => json(200, { padding: HUGE_PADDING, ...good }),
  notReady: (good) => json(503, { ...good, sessions: 0, draining: false }),
};

function isAuthorized({ requiredHeader }: MediaServer, request: HealthRequest): boolean {
  if (requiredHeader === undefined) return true;
  return request.headers[requiredHeader.name.toLowerCase()] === requiredHeader.value;
}

function isHealthRequest(server: MediaServer, request: HealthRequest): boolean {
  if (request.method !== "GET") return false;
  return request.path === server.path || request.path.split("?")[0] === server.path;
}

function json(status: number, body: unknown): Reply {
  return {
    kind: "reply",
    status,
    contentType: "application/json",
    body: JSON.stringify(body),
    msPerByte: 0,
  };
}
