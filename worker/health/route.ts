/**
 * The way to a media server: which address and host, by which transport, with which headers. Probes
 * and drain calls go the same way, past the same checks.
 */
import type { HealthSpec } from "../../durable/rules/spec.ts";
import type { Clock } from "../clock.ts";
import { type Config, isLoopback } from "../env.ts";
import type { Send } from "../fetch.ts";
import { secretAdvice } from "../secret-names.ts";
import { checkAddress } from "./address.ts";
import type { HeaderLine, HttpRequest } from "./http1.ts";
import { type Exchange, type Transport, transportByFetch } from "./transport.ts";

export interface Prober {
  readonly config: Pick<Config, "deployment" | "endpoint" | "probeVia" | "secret">;
  readonly clock: Clock;
  /** Reaches an address; `fetch` serves where the spec has a host template. */
  readonly transport: Transport;
  readonly fetch: Send;
}

export type Planned =
  | { readonly kind: "exchange"; readonly exchange: Exchange; readonly transport: Transport }
  | { readonly kind: "refused"; readonly detail: string };

/** How `ask` reaches the server `name` at `address`; the spec's own header goes with it. */
export function planExchange(
  prober: Prober,
  { name, address }: { readonly name: string; readonly address: string },
  health: HealthSpec,
  ask: Omit<HttpRequest, "host">,
): Planned {
  const { endpoint, probeVia } = prober.config;
  const loopback = isLoopback(endpoint);
  const checked = checkAddress(address, { loopback, anyRange: probeVia !== null });
  if (checked.kind === "refused") return checked;
  const header = headerOf(prober, health);
  if (header.kind === "refused") return header;

  const { port } = health;
  const common = { ...ask, headers: [...header.lines, ...ask.headers] };
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
): { kind: "lines"; lines: HeaderLine[] } | { kind: "refused"; detail: string } {
  if (health.header === null) return { kind: "lines", lines: [] };

  const { name, secretRef } = health.header;
  const value = prober.config.secret(secretRef);
  if (value !== null) return { kind: "lines", lines: [{ name, value }] };
  return { kind: "refused", detail: secretAdvice(secretRef, "health.header") };
}
