/** One probe: asks one media server for its sessions, and makes a reading of what comes or does not. */
import type { HealthSpec } from "../../durable/rules/spec.ts";
import type { ProbeRequest, Reading } from "../../durable/rules/world.ts";
import { deadlineIn } from "../clock.ts";
import { interpret } from "./reading.ts";
import { type Prober, planExchange } from "./route.ts";

/**
 * Asks once, within the request's own time limit or `health.timeoutSeconds` over all, and until `signal`
 * aborts. Never throws for what a server does.
 */
export async function probe(
  prober: Prober,
  request: ProbeRequest,
  health: HealthSpec,
  signal: AbortSignal,
): Promise<Reading> {
  const { name, revision } = request;
  const check = request.check === undefined ? {} : { check: request.check };
  const { clock } = prober;
  const startedAt = clock.now();
  const limitMs = request.limitMs ?? health.timeoutSeconds * 1000;
  // A clock that jumps meanwhile must not make it seem longer than it can have been.
  const tookMs = (): number => Math.min(limitMs, Math.max(0, clock.now() - startedAt));
  const hole = (detail: string): Reading => {
    return { kind: "hole", name, revision, startedAt, ...check, tookMs: tookMs(), detail };
  };

  const ask = { method: "GET", path: health.path, headers: [] } as const;
  const planned = planExchange(prober, request, health, ask);
  if (planned.kind === "refused") return hole(planned.detail);

  const deadline = deadlineIn(clock, limitMs, signal);
  try {
    const result = await planned.transport(planned.exchange, deadline.signal);
    if (result.kind === "failed") return hole(result.detail);

    const { status, body } = result;
    const said = interpret(status, body, health.sessionsPointer, name);
    if (said.kind === "hole") return hole(said.detail);
    const { sessions, draining, named } = said;
    const read = { name, revision, startedAt, ...check, tookMs: tookMs() };
    return { kind: "answer", ...read, sessions, draining, ...(named ? { named } : {}) };
  } finally {
    deadline.clear();
  }
}
