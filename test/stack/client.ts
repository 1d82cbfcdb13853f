/** The Worker's HTTP API, as the stack and the tests use it. */
import { z } from "zod";

const status = z.object({
  target: z.object({ spares: z.number(), source: z.string() }),
  spares: z.number(),
  sessions: z.number(),
  counts: z.object({
    idle: z.number(),
    busy: z.number(),
    unknown: z.number(),
    launching: z.number(),
    draining: z.number(),
    deleting: z.number(),
    total: z.number(),
  }),
  converged: z.boolean(),
  blockers: z.array(z.object({ guard: z.string() })),
  lastTick: z
    .object({ number: z.number(), decision: z.string(), error: z.string().nullable() })
    .nullable(),
});
export type Status = z.output<typeof status>;

const instances = z.object({
  instances: z.array(
    z.object({
      name: z.string(),
      phase: z.string(),
      arn: z.string().nullable(),
    }),
  ),
});
export type Instance = z.output<typeof instances>["instances"][number];

const report = z.object({
  checks: z.array(z.object({ name: z.string(), status: z.string(), what: z.string() })),
});

const CALL_TIMEOUT_MS = 5_000;

export class WorkerClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async putSpec(fleet: string, spec: unknown): Promise<void> {
    await this.#call("PUT", `/v1/fleets/${fleet}`, spec);
  }

  async status(fleet: string): Promise<Status> {
    return status.parse(await this.#call("GET", `/v1/fleets/${fleet}`));
  }

  /** What the doctor finds wrong, as `name: what`. */
  async ailments(fleet: string): Promise<string[]> {
    const { checks } = report.parse(await this.#call("GET", `/v1/fleets/${fleet}/doctor`));
    return checks
      .filter(({ status }) => status === "fail")
      .map(({ name, what }) => `${name}: ${what}`);
  }

  /** The rows of the ledger that are in a phase; without one all, those that are gone included. */
  async instances(fleet: string, phase?: string): Promise<Instance[]> {
    const query = phase === undefined ? "" : `?phase=${phase}`;
    const path = `/v1/fleets/${fleet}/instances${query}`;
    return instances.parse(await this.#call("GET", path)).instances;
  }

  /** Whether the Worker answers; a fleet that does not tick is an answer as well. */
  async answers(): Promise<boolean> {
    try {
      const reply = await fetch(`${this.#url}/healthz`, {
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      return z.object({ ok: z.boolean() }).safeParse(await reply.json()).success;
    } catch (error) {
      if (error instanceof Error) return false;
      throw error;
    }
  }

  /** What Cloudflare does every minute in production. Throws where the Worker's handler fails. */
  async cron(): Promise<void> {
    await this.#call("GET", "/cdn-cgi/handler/scheduled");
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const reply = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path} was answered ${reply.status}: ${text}`);
    return reply.headers.get("content-type")?.includes("json") === true ? JSON.parse(text) : text;
  }
}
