/**
 * Load on one Worker, and how long its answers took. `saturate` keeps so many requests under way and
 * tells the rate; `arrive` begins work at fixed moments whatever became of the work before, and counts
 * from the moment at which it was due: a server that stalls pays for all that would have come meanwhile.
 */
import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

export interface Ask {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: string;
}

export interface Target {
  readonly port: number;
  readonly token: string;
  readonly agent: Agent;
}

export interface Measured {
  /** Answers per second. */
  readonly rate: number;
  readonly latenciesMs: readonly number[];
}

/** Connections are kept, as a program that asks often would keep them. */
export function targetAt(port: number, token: string): Target {
  return { port, token, agent: new Agent({ keepAlive: true, maxSockets: Infinity }) };
}

/** Longer than what piles up within one measurement: late answers are figures too. */
const CALL_TIMEOUT_MS = 60_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export async function ask(
  { port, token, agent }: Target,
  { method, path, body }: Ask,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(body.length) }),
    };
    const options = { host: "127.0.0.1", port, method, path, headers, agent };
    const sent = request({ ...options, timeout: CALL_TIMEOUT_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in time`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

export async function saturate(
  work: () => Promise<unknown>,
  { atOnce, seconds }: { readonly atOnce: number; readonly seconds: number },
): Promise<Measured> {
  const latenciesMs: number[] = [];
  const beganAt = performance.now();
  const endsAt = beganAt + seconds * 1_000;
  const client = async (): Promise<void> => {
    for (let now = performance.now(); now < endsAt;) {
      await work();
      const after = performance.now();
      latenciesMs.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return { rate: rateOf(latenciesMs.length, beganAt), latenciesMs };
}

/**
 * The same of several kinds of work by turns, in short slices: what else runs on the machine then takes
 * from all of them alike, and their rates can be compared.
 */
export async function saturateByTurns(
  works: readonly (() => Promise<unknown>)[],
  { atOnce, seconds, slices }: { atOnce: number; seconds: number; slices: number },
): Promise<Measured[]> {
  const parts = works.map((): Measured[] => []);
  for (let slice = 0; slice < slices; slice += 1)
    for (const [index, work] of works.entries())
      parts[index]?.push(await saturate(work, { atOnce, seconds: seconds / slices }));
  return parts.map((measured) => ({
    rate: measured.reduce((sum, { rate }) => sum + rate, 0) / slices,
    latenciesMs: measured.flatMap(({ latenciesMs }) => latenciesMs),
  }));
}

export async function arrive(
  work: () => Promise<unknown>,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Measured> {
  const latenciesMs: number[] = [];
  const underWay: Promise<void>[] = [];
  const beganAt = performance.now();
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const dueAt = beganAt + (index * 1_000) / perSecond;
    if (performance.now() < dueAt) await wait(dueAt - performance.now());
    const done = async (): Promise<void> => {
      await work();
      latenciesMs.push(performance.now() - dueAt);
    };
    underWay.push(done());
  }
  await Promise.all(underWay);
  return { rate: rateOf(latenciesMs.length, beganAt), latenciesMs };
}

function rateOf(count: number, beganAt: number): number {
  return (count * 1_000) / (performance.now() - beganAt);
}
