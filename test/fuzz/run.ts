/** The fuzz against a Worker that runs: so many requests, and whatever of the replies is not allowed. */
import { type Actor, actorOf, contested, makeActors, Rights } from "./actors.ts";
import { type Operation, operationsOf, readDescription } from "./description.ts";
import { type Heard, Judge } from "./judge.ts";
import { Known } from "./known.ts";
import { type Request, requestOf } from "./request.ts";

export interface Target {
  readonly url: string;
  readonly token: string;
  /** Who makes the requests in turn; absent where the operator makes all of them. */
  readonly actors?: readonly Actor[];
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
  const actors = target.actors ?? makeActors(target.token).slice(0, 1);
  const drawn = target.actors === undefined ? operations : contested(operations);
  const rights = new Rights();
  const judge = new Judge(description);
  const known = new Known();
  const tally = new Tally(operations.map(({ operationId }) => operationId));
  const startedAt = performance.now();
  let next = from;

  const lane = async (): Promise<void> => {
    while (next < from + requests && tally.kinds < FINDINGS_MAX && !signal.aborted) {
      const number = next++;
      const actor = actorOf(seed, number, actors);
      const source = { description, operations: drawn, token: actor.token };
      const request = requestOf(seed, number, source, known);
      const heard = await send(target.url, request);
      const url = target.url + request.path;
      const of = judge.operationOf(request.method, url);
      const faults = isUnheard(heard)
        ? [`it was not answered: ${heard.text}`]
        : [
            ...judge.faultsOf(request.method, url, heard),
            ...rights.faultsOf(actor, operationNamed(operations, of), request, heard),
          ];
      const finding = tally.add(request, heard, of, faults);
      if (finding !== null) onFinding?.(finding);
      if (isGood(heard)) learn(known, heard);
      onProgress?.(tally.done);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return tally.report((performance.now() - startedAt) / 1_000);
}

function operationNamed(operations: readonly Operation[], id: string | null): Operation | null {
  return operations.find(({ operationId }) => operationId === id) ?? null;
}

function isUnheard({ status }: Heard): boolean {
  return status === UNHEARD;
}

function isGood(heard: Heard): boolean {
  return !isUnheard(heard) && heard.status < 300;
}

/** What became of the requests so far. */
class Tally {
  done = 0;
  readonly #statuses: Record<string, number> = {};
  readonly #reached: Record<string, number>;
  /** What is wrong in the same way is one finding. */
  readonly #findings = new Map<string, Finding>();

  constructor(operations: readonly string[]) {
    this.#reached = Object.fromEntries(operations.map((id) => [id, 0]));
  }

  /** How many kinds of findings there are. */
  get kinds(): number {
    return this.#findings.size;
  }

  /** @returns the finding, if there was none of its kind before. */
  add(
    request: Request,
    heard: Heard,
    of: string | null,
    faults: readonly string[],
  ): Finding | null {
    const { status } = heard;
    this.done += 1;
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    if (of !== null && isGood(heard)) this.#reached[of] = (this.#reached[of] ?? 0) + 1;
    if (faults.length === 0) return null;
    const kind = `${of ?? request.path} ${status} ${faults.join()}`;
    const before = this.#findings.get(kind);
    const finding = before ?? { request, status, faults, times: 0 };
    this.#findings.set(kind, { ...finding, times: finding.times + 1 });
    return before === undefined ? { ...finding, times: 1 } : null;
  }

  report(seconds: number): Report {
    const [statuses, reached] = [this.#statuses, this.#reached];
    return {
      requests: this.done,
      seconds,
      statuses,
      reached,
      findings: [...this.#findings.values()],
    };
  }
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
