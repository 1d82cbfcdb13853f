/** How a person asks a media server by hand: each at its own port and path. */
import { healthOf } from "./checks.ts";
import type { Instance } from "./model.ts";
import { occupancyOf } from "./occupancy.ts";
import { many } from "./phrases.ts";
import type { HealthSpec } from "./spec.ts";
import type { State } from "./state.ts";

/** The line for one server. */
export function curlOf(state: State, row: Instance): string {
  return lineOf(row.publicIp ?? "ADDRESS", healthOf(state, row));
}

/** The line for servers that are silent, and their health port; one for each way in which they are asked. */
export function curlOfSilent(state: State): { readonly lines: string; readonly ports: string } {
  const silent = [...state.instances.values()].filter(
    (row) =>
      (row.phase === "ready" || row.phase === "draining") && occupancyOf(state, row) === "unknown",
  );
  const names = new Map<string, string[]>();
  const ports = new Set<number>();
  for (const row of silent) {
    const health = healthOf(state, row);
    const line = lineOf("ADDRESS", health);
    ports.add(health.port);
    names.set(line, [...(names.get(line) ?? []), row.name]);
  }
  const { health } = state.spec;
  if (names.size === 0) return { lines: lineOf("ADDRESS", health), ports: String(health.port) };
  const lines = [...names].map(([line, of]) =>
    names.size === 1 ? line : `${line} (${wordOf(of)})`,
  );
  return { lines: lines.join(" or "), ports: [...ports].join(" or ") };
}

function lineOf(address: string, { port, path }: HealthSpec): string {
  return `curl http://${address}:${port}${path}`;
}

function wordOf([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${many(others.length, "other")}`;
}
