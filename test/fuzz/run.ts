/** The fuzz against a Worker that runs: so many requests, and whatever of the replies is not allowed. */
import { operationsOf, readDescription } from "./description.ts";
import { type Heard, Judge } from "./judge.ts";
import { Known } from "./known.ts";
import { type Request, requestOf } from "./request.ts";

export interface Target {
  readonly url: string;
  readonly token: string;
}

export interface Options {
  readonly seed: number;
  /** The number of the first request. */
  readonly from: number;
  readonly requests: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
  /** The first of its kind, as soon as it is there. */
  readonly onFinding?: (finding: Finding) => void;
}

export interface Finding {
  readonly request: Request;
  readonly status: number;
  readonly faults: readonly string[];
  readonly times: number;
}

export interface Report {
  readonly requests: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** By the name of the operation: an operation that was never answered well was not tested. */
  readonly reached: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/** Under way at once: enough that calls on one object meet. */
const LANES = 24;
/** Longer than any limit of the API: a machine under load is slow. */
const REPLY_WITHIN_MS = 60_000;
/** No status at all: the Worker hung, or is gone. */
const UNHEARD = 0;
const FINDINGS_MAX = 20;

export async function fuzz(target: Target, options: Options): Promise<Report> {
  const { seed, from, requests, signal, onProgress, onFinding } = options;
  const description = readDescription(await (await fetch(`${target.url}/openapi.json`)).json());
  const operations = operationsOf(description);
  const judge = new Judge(description);
  const known = new Known();
  const statuses: Record<string, number> = {};
  const reached: Record<string, number> = Object.fromEntries(
    operations.map(({ operationId }) => [operationId, 0]),
  );
  /** What is wrong in the same way is one finding. */
  const findings = new Map<string, Finding>();
  const startedAt = performance.now();
  let next = from;
  let done = 0;

  const lane = async (): Promise<void> => {
    while (next < from + requests && findings.size < FINDINGS_MAX && !signal.aborted) {
      const number = next++;
      const request = requestOf(
        seed,
        number,
        { description, operations, token: target.token },
        known,
      );
      const heard = await send(target.url, request);
      const faults =
        heard.status === UNHEARD
          ? [`it was not answered: ${heard.text}`]
          : judge.faultsOf(request.method, target.url + request.path, heard);
      const of = judge.operationOf(request.method, target.url + request.path);
      if (faults.length > 0) {
        const told = `${of ?? request.path} ${heard.status} ${faults.join()}`;
        const before = findings.get(told);
        const finding = { request, status: heard.status, faults, times: 1 };
        if (before === undefined) onFinding?.(finding);
        findings.set(told, before === undefined ? finding : { ...before, times: before.times + 1 });
      }
      statuses[heard.status] = (statuses[heard.status] ?? 0) + 1;
      if (heard.status !== UNHEARD && heard.status < 300) {
        if (of !== null) reached[of] = (reached[of] ?? 0) + 1;
        learn(known, heard);
      }
      done += 1;
      onProgress?.(done);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const seconds = (performance.now() - startedAt) / 1_000;
  return { requests: done, seconds, statuses, reached, findings: [...findings.values()] };
}

async function send(url: string, { method, path, headers, body }: Request): Promise<Heard> {
  try {
    const reply = await fetch(url + path, {
      method,
      headers,
      // Their types do not know of a body of bytes; they are sent as they are.
      body: body as BodyInit | null,
      redirect: "manual",
      signal: AbortSignal.timeout(REPLY_WITHIN_MS),
    });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  } catch (error) {
    return { status: UNHEARD, headers: new Headers(), text: String(error) };
  }
}

function learn(known: Known, { headers, text }: Heard): void {
  const isJson = headers.get("Content-Type")?.startsWith("application/json") === true;
  const body: unknown = isJson ? JSON.parse(text) : null;
  known.learn(headers, body);
}
