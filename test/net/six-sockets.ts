/**
 * The six connections of one invocation, as Cloudflare enforces them and `wrangler dev` does not: a
 * seventh waits, unseen by its caller, while the caller's time limit runs. Make one for each invocation:
 * for each `observe`, each `act`, each call of a shard:
 * `observe: (watch) => createEyes({ ...deps, ...sixSockets(deps) }).observe(watch)`.
 */
import type { Send } from "../../worker/fetch.ts";
import type { Transport } from "../../worker/health/transport.ts";

/** Connections that one invocation of a Worker may have at once. */
export const SOCKETS = 6;

interface Ports {
  readonly fetch: Send;
  readonly transport: Transport;
}

/** What the sockets of an invocation have seen. */
export interface SocketUse {
  /** Connections that are open now. */
  readonly open: number;
  /** The most that were open at once. */
  readonly most: number;
  /** How many connections had to wait for a socket. */
  readonly queued: number;
}

export interface SixSockets extends Ports {
  readonly use: () => SocketUse;
}

/** The two ways out of an invocation, behind `count` sockets that both share. */
export function sixSockets({ fetch, transport }: Ports, count = SOCKETS): SixSockets {
  const waiting: (() => void)[] = [];
  let open = 0;
  let most = 0;
  let queued = 0;

  const begin = (): void => {
    open += 1;
    most = Math.max(most, open);
  };
  const end = (): void => {
    open -= 1;
    waiting.shift()?.();
  };
  /** Resolves with a socket, or with false if `signal` aborts before one is free. */
  const take = (signal: AbortSignal): boolean | Promise<boolean> => {
    if (open < count) {
      begin();
      return true;
    }
    queued += 1;
    return new Promise((resolve) => {
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(enter), 1);
        resolve(false);
      };
      const enter = (): void => {
        signal.removeEventListener("abort", giveUp);
        begin();
        resolve(true);
      };
      waiting.push(enter);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  };

  return {
    fetch: async (request) => {
      const taken = take(request.signal);
      if (!(taken === true || (await taken))) throw new TypeError("aborted before it had a socket");
      try {
        return await fetch(request);
      } finally {
        end();
      }
    },
    transport: async (exchange, signal) => {
      const taken = take(signal);
      if (!(taken === true || (await taken)))
        return { kind: "failed", detail: "aborted before it had a socket", unsent: true };
      try {
        return await transport(exchange, signal);
      } finally {
        end();
      }
    },
    use: () => ({ open, most, queued }),
  };
}
