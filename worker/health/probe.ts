/** One probe: asks one media server for its sessions, and makes a reading of what comes or does not. */
import type { HealthSpec } from "../../durable/rules/spec.ts";
import type { ProbeRequest, Reading } from "../../durable/rules/world.ts";
import { type Clock, deadlineIn } from "../clock.ts";
import { type Config, isLoopback } from "../env.ts";
import type { Send } from "../fetch.ts";
import { checkAddress } from "./address.ts";
import type { HeaderLine } from "./http1.ts";
import { interpret } from "./reading.ts";
import { type Exchange, type Transport, transportByFetch } from "./transport.ts";

export interface Prober {
  readonly config: Pick<Config, "endpoint" | "probeVia" | "secret">;
  readonly clock: Clock;
  /** Reaches an address; `fetch` serves where the spec has a host template. */
  readonly transport: Transport;
  readonly fetch: Send;
}

type Planned =
  | { readonly kind: "exchange"; readonly exchange: Exchange; readonly transport: Transport }
  | { readonly kind: "refused"; readonly detail: string };

/** Asks once, within `health.timeoutSeconds` over all and until `signal` aborts. Never throws for what a server does. */
export async function probe(
  prober: Prober,
  request: ProbeRequest,
  health: HealthSpec,
  signal: AbortSignal,
): Promise<Reading> {
  const { name, revision } = request;
  const startedAt = prober.clock.now();
  const hole = (detail: string): Reading => ({ kind: "hole", name, revision, startedAt, detail });

  const planned = planExchange(prober, request, health);
  if (planned.kind === "refused") return hole(planned.detail);

  const deadline = deadlineIn(prober.clock, health.timeoutSeconds * 1000, signal);
  try {
    const result = await planned.transport(planned.exchange, deadline.signal);
    if (result.kind === "failed") return hole(result.detail);

    const { status, body } = result;
    const said = interpret(status, body, health.sessionsPointer, name);
    if (said.kind === "hole") return hole(said.detail);
    const { sessions, draining } = said;
    return { kind: "answer", name, revision, startedAt, sessions, draining };
  } finally {
    deadline.clear();
  }
}

function planExchange(
  prober: Prober,
  { name, address }: ProbeRequest,
  health: HealthSpec,
): Planned {
  const { endpoint, probeVia } = prober.config;
  const loopback = isLoopback(endpoint);
  const checked = checkAddress(address, { loopback, anyRange: probeVia !== null });
  if (checked.kind === "refused") return checked;
  const header = headerOf(prober, health);
  if (header.kind === "refused") return header;

  const { port, path } = health;
  const common = { path, header: header.line };
  if (probeVia === null && health.host !== null) {
    const host = health.host
      .replaceAll("{ip-dashed}", checked.dashed)
      .replaceAll("{ip}", checked.host)
      .replaceAll("{name}", name);
    if (!/^[A-Za-z0-9.[\]:_-]+$/.test(host)) {
      return { kind: "refused", detail: "health.host does not make the name of a host" };
    }
    const exchange = { to: { host, port }, host: `${host}:${port}`, ...common };
    return { kind: "exchange", exchange, transport: transportByFetch(prober.fetch) };
  }
  const to = probeVia ?? { host: checked.host, port };
  const exchange = { to, host: `${checked.host}:${port}`, ...common };
  return { kind: "exchange", exchange, transport: prober.transport };
}

function headerOf(
  prober: Prober,
  health: HealthSpec,
): { kind: "line"; line: HeaderLine | null } | { kind: "refused"; detail: string } {
  if (health.header === null) return { kind: "line", line: null };

  const { name, secretRef } = health.header;
  const value = prober.config.secret(secretRef);
  if (value !== null) return { kind: "line", line: { name, value } };
  return {
    kind: "refused",
    detail: `the secret ${secretRef} of health.header is not set: run \`wrangler secret put ${secretRef}\``,
  };
}
