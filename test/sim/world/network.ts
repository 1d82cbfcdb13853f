/**
 * The ways from the fleet to the outside: signed calls to the embedded AWS, and probes of the media
 * servers. Each takes time, and passes the effect points at which something may go wrong.
 */
import type { Exchange, ExchangeResult, Transport } from "../../../worker/health/transport.ts";
import type { Send } from "../../../worker/fetch.ts";
import { answer, endpointOf } from "../../aws/hosts/answer.ts";
import type { Random } from "../../aws/demand/random.ts";
import type { Wire } from "../../aws/wire/wire.ts";
import type { Held, SimEvent } from "../event.ts";
import type { Life } from "./object.ts";
import type { Servers } from "./servers.ts";
import type { Delays } from "./site.ts";
import type { Timers } from "./timers.ts";

export interface NetworkPorts {
  readonly timers: Timers;
  readonly wire: Wire;
  readonly servers: Servers;
  readonly random: Random;
  readonly delays: Delays;
  readonly emit: (event: SimEvent) => void;
  readonly point: (label: string, life: Life) => void;
  /** The instances of these names, as AWS holds them now. */
  readonly heldOf: (names: readonly string[]) => readonly Held[];
  /** A call was met by the faults that stand. */
  readonly onReceived: () => void;
  /** The body of an answer as a fault makes it, or as it was. */
  readonly spoil: (op: string, body: string) => string;
}

/**
 * So long AWS may hold a call, which is longer than a call may take. Several faults may strike one call,
 * but of a call that is held longer still nothing is promised.
 */
export const HANG_MS = 9_500;

const NEVER = new Promise<never>(() => undefined);

export function sendOf(ports: NetworkPorts, life: Life): Send {
  const { timers, wire, point, delays, emit, heldOf } = ports;
  return async (request) => {
    const op = operationOf(request);
    const url = new URL(request.url);
    const headers = { ...Object.fromEntries(request.headers), host: url.host };
    const asked = await request.text();
    const name = op ?? /(?:^|&)Action=(\w+)/u.exec(asked)?.[1] ?? "?";
    if (life.isolateIsDead) return NEVER;
    point(`call:${name}:before`, life);
    if (life.isolateIsDead) return NEVER;
    await timers.sleep(delays.call());

    const received = wire.receive({
      method: request.method,
      path: url.pathname,
      headers,
      body: asked,
    });
    const call = wire.calls.last;
    ports.onReceived();
    await timers.sleep(Math.min(received.holdMs, HANG_MS));
    const names = call?.resources ?? [];
    const before = READS.has(name) ? [] : heldOf(names);
    const reply = received.finish();
    const { hadEffect = false, outcome } = call ?? {};
    const told = { names, before, hadEffect, outcome: outcome ?? "?" };
    emit({ kind: "call", by: "fleet", life: life.number, op: name, ...told });

    if (!life.isolateIsDead) point(`call:${name}:after`, life);
    if (life.isolateIsDead) return NEVER;
    await timers.sleep(delays.call() + (reply === "dropped" ? 0 : reply.delayMs));
    if (reply === "dropped") throw new TypeError("Network connection lost.");
    const body = reply.status === 200 ? ports.spoil(name, reply.body) : reply.body;
    return new Response(body, { status: reply.status, headers: reply.headers });
  };
}

/** Calls that change nothing. */
const READS = new Set(["GetInstances", "GetInstance", "GetBundles", "DescribeTags"]);

function operationOf(request: Request): string | null {
  return request.headers.get("x-amz-target")?.split(".")[1] ?? null;
}

export function transportOf(ports: NetworkPorts, life: Life): Transport {
  const { timers, servers, point, delays, emit } = ports;
  return async (exchange, signal) => {
    const { to, path } = exchange;
    if (exchange.method !== "GET") return tell(ports, life, exchange, signal);
    const startedAt = timers.now;
    point("probe:before", life);
    if (life.isolateIsDead) return NEVER;
    const { askMs, answerMs } = delays.probe();
    await timers.sleep(askMs);
    if (servers.strangers.has(to.host)) {
      emit({ kind: "stranger", what: "health", address: to.host });
      await timers.sleep(answerMs());
      return life.isolateIsDead ? NEVER : BAIT;
    }

    const endpoint = endpointOf({ address: to.host, port: to.port });
    const reply = answer(
      servers.reachable(),
      { endpoint, method: "GET", path, headers: {} },
      servers,
    );
    const name = servers.nameAt(endpoint);
    const isGood =
      reply.kind === "reply" && reply.status === 200 && servers.faultOf(name ?? "") === undefined;
    const said = isGood && name !== null ? servers.sessionsOn(name) : null;
    if (name !== null)
      emit({ kind: "probe", name, startedAt, said, draining: servers.isDraining(name) });

    if (reply.kind === "silent" || (reply.kind === "reply" && reply.msPerByte > 0)) {
      return silence(signal);
    }
    await timers.sleep(answerMs());
    if (life.isolateIsDead) return NEVER;
    if (reply.kind !== "reply") return { kind: "failed", detail: reply.kind };
    return { kind: "reply", status: reply.status, body: encoder.encode(reply.body) };
  };
}

const encoder = new TextEncoder();

/** What a stranger says at an address that was ours. */
const BAIT: ExchangeResult = {
  kind: "reply",
  status: 200,
  body: encoder.encode('{"sessions":0,"draining":true}'),
};

/** A server that takes part in draining is told to take no more, or to take them again. */
async function tell(
  { timers, servers, point, random, delays, emit }: NetworkPorts,
  life: Life,
  { to, path, headers }: Exchange,
  signal: AbortSignal,
): Promise<ExchangeResult> {
  point("call:Drain:before", life);
  if (life.isolateIsDead) return NEVER;
  await timers.sleep(delays.call());
  if (servers.strangers.has(to.host)) {
    emit({ kind: "stranger", what: "drain", address: to.host });
    return BAIT;
  }
  const name = servers.nameAt(endpointOf({ address: to.host, port: to.port }));
  if (name === null || !servers.accepts(name)) return { kind: "failed", detail: "refused" };
  const fault = servers.faultOf(name);
  if (fault === "silent" || fault === "slow") return silence(signal);
  if (fault === "reset") return { kind: "failed", detail: "reset" };
  const isMeant = headers.some(
    ({ name: key, value }) => key === "X-Lightfleet-Instance" && value === name,
  );
  const deafness = servers.deafness();
  if (isMeant && deafness === null) servers.setDraining(name, path.endsWith("/drain"));
  if (!life.isolateIsDead) point("call:Drain:after", life);
  if (life.isolateIsDead) return NEVER;
  await timers.sleep(delays.call());
  // It has heard, and its answer is lost.
  if (random() < 0.02) return { kind: "failed", detail: "the connection broke" };
  const status = deafness === "refuses" ? 404 : isMeant ? 200 : 409;
  return { kind: "reply", status, body: encoder.encode("{}") };
}

/** A connection on which nothing comes, or far too slowly: the time limit of the probe ends it. */
function silence(signal: AbortSignal): Promise<{ kind: "failed"; detail: string }> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ kind: "failed", detail: "nothing came in time" });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
