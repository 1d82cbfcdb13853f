import { describe, expect, it } from "vitest";
import type { ExchangeResult, Transport } from "../../worker/health/transport.ts";
import { sixSockets } from "./six-sockets.ts";

const EXCHANGE = {
  to: { host: "203.0.113.7", port: 8080 },
  host: "203.0.113.7:8080",
  method: "GET",
  path: "/health",
  headers: [],
} as const;

/** Servers that answer when the test says so. */
function heldServers() {
  const answers: (() => void)[] = [];
  const transport: Transport = () =>
    new Promise<ExchangeResult>((resolve) => {
      answers.push(() => resolve({ kind: "reply", status: 200, body: new Uint8Array(0) }));
    });
  return { answers, transport };
}

const noFetch = async (): Promise<Response> => new Response("");
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the sockets of one invocation", () => {
  it("are six, and a seventh connection waits unseen until one is free", async () => {
    const { answers, transport } = heldServers();
    const sockets = sixSockets({ fetch: noFetch, transport });
    const { signal } = new AbortController();

    const all = Promise.all(Array.from({ length: 8 }, () => sockets.transport(EXCHANGE, signal)));
    await settled();
    expect(answers).toHaveLength(6);
    expect(sockets.use()).toEqual({ open: 6, most: 6, queued: 2 });

    answers[0]?.();
    await settled();
    expect(answers).toHaveLength(7);
    answers[1]?.();
    await settled();
    for (const answer of answers) answer();

    expect((await all).map(({ kind }) => kind)).toEqual(Array<string>(8).fill("reply"));
    expect(sockets.use()).toEqual({ open: 0, most: 6, queued: 2 });
  });

  it("are shared by calls of AWS and by probes", async () => {
    const { answers, transport } = heldServers();
    let asked = 0;
    const fetch = async (): Promise<Response> => {
      asked += 1;
      return new Response("");
    };
    const sockets = sixSockets({ fetch, transport });
    const { signal } = new AbortController();
    const probes = Array.from({ length: 6 }, () => sockets.transport(EXCHANGE, signal));

    const call = sockets.fetch(new Request("http://aws.example.org"));
    await settled();
    expect(asked).toBe(0);

    answers[0]?.();
    await call;
    expect(asked).toBe(1);
    for (const answer of answers) answer();
    await Promise.all(probes);
  });

  it("are not taken by a connection whose signal aborts while it waits", async () => {
    const { answers, transport } = heldServers();
    const sockets = sixSockets({ fetch: noFetch, transport }, 1);
    const controller = new AbortController();
    const first = sockets.transport(EXCHANGE, new AbortController().signal);
    const second = sockets.transport(EXCHANGE, controller.signal);

    controller.abort();
    expect(await second).toMatchObject({ kind: "failed", unsent: true });
    answers[0]?.();
    await first;

    expect(answers).toHaveLength(1);
    expect(sockets.use().open).toBe(0);
  });

  it("are others in each invocation", async () => {
    const { answers, transport } = heldServers();
    const { signal } = new AbortController();
    const invocations = [1, 2].map(() => sixSockets({ fetch: noFetch, transport }));
    const probes = invocations.flatMap((sockets) =>
      Array.from({ length: 6 }, () => sockets.transport(EXCHANGE, signal)),
    );

    await settled();
    expect(answers).toHaveLength(12);
    for (const answer of answers) answer();
    await Promise.all(probes);

    expect(invocations.map(({ use }) => use().most)).toEqual([6, 6]);
  });
});
