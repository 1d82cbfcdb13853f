/** How long a reply took, and how much of it was spent waiting for objects: the header Server-Timing. */
import type { ApiDeps } from "./deps.ts";

/** Counts the time in which at least one of the things that it times is under way. */
export class Stopwatch {
  readonly #now: () => number;
  #running = 0;
  #since = 0;
  #totalMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Until now, should something still be under way: a call that is not waited for any more. */
  get totalMs(): number {
    return this.#totalMs + (this.#running > 0 ? this.#now() - this.#since : 0);
  }

  async time<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running++ === 0) this.#since = this.#now();
    try {
      return await work();
    } finally {
      if (--this.#running === 0) this.#totalMs += this.#now() - this.#since;
    }
  }
}

/** The same ways in and out, with every call on an object timed. */
export function timed(deps: ApiDeps, stopwatch: Stopwatch): ApiDeps {
  return {
    ...deps,
    fleet: (name, region) => timedObject(deps.fleet(name, region), stopwatch),
    directory: () => timedObject(deps.directory(), stopwatch),
  };
}

export function serverTiming(totalMs: number, objectMs: number): string {
  return `total;dur=${totalMs}, object;dur=${objectMs}`;
}

function timedObject<Api extends object>(object: Api, stopwatch: Stopwatch): Api {
  return new Proxy(object, {
    get: (target, name) => {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== "function") return call;
      return async (...args: unknown[]): Promise<unknown> =>
        await stopwatch.time(async (): Promise<unknown> => {
          const reply: unknown = await Reflect.apply(call, target, args);
          return reply;
        });
    },
  });
}
