import { describe, expect, it } from "vitest";
import type { ProbeRequest } from "../../../durable/rules/world.ts";
import { deadlineIn } from "../../../worker/clock.ts";
import { type Asked, InTurn } from "../../../worker/health/in-turn.ts";
import type { ExchangeResult, Transport } from "../../../worker/health/transport.ts";
import { aSpec } from "../../durable/rules/spec-builder.ts";
import { mustEnd } from "../../must-end.ts";
import { Timers } from "../../sim/world/timers.ts";
import { testConfig } from "../aws/support.ts";

const START = 1_800_000_000_000;

/** How long a server takes in milliseconds; null for one that drops packets. */
type Takes = (server: number) => number | null;

interface Look {
  readonly asked: Asked;
  /** Servers in the order in which they were asked, and how many ms after the beginning. */
  readonly begun: readonly { readonly server: number; readonly at: number }[];
  /** The most silent servers that were asked at once. */
  readonly mostSilent: number;
  readonly tookMs: number;
}

function request(server: number, more: Partial<ProbeRequest> = {}): ProbeRequest {
  const address = `3.34.${server >> 8}.${server & 255}`;
  return { name: `media-${server}`, revision: 1, address, ...more };
}

function requests(count: number, doubtful: Takes = () => 1): ProbeRequest[] {
  return Array.from({ length: count }, (_none, server) =>
    request(server, doubtful(server) === null ? { doubtful: true, limitMs: 500 } : {}),
  );
}

/** Two checks of one server, by their hashes. */
const CHECKS = {
  old: { ...aSpec().health, path: "/health" },
  new: { ...aSpec().health, path: "/v2/health" },
};

async function look(
  wanted: readonly ProbeRequest[],
  takes: Takes,
  { sockets = 6, answerMs = null as number | null } = {},
): Promise<Look> {
  const timers = new Timers(START);
  const clock = {
    now: () => timers.now,
    after: (ms: number, run: () => void) => timers.after(ms, run),
  };
  const begun: { server: number; at: number }[] = [];
  let silent = 0;
  let mostSilent = 0;
  const transport: Transport = ({ to }, signal) => {
    const [, , high = 0, low = 0] = to.host.split(".").map(Number);
    const server = high * 256 + low;
    begun.push({ server, at: timers.now - START });
    const ms = takes(server);
    if (ms === null) mostSilent = Math.max(mostSilent, ++silent);
    return new Promise<ExchangeResult>((resolve) => {
      const body = new TextEncoder().encode('{"sessions":0}');
      if (ms !== null) timers.after(ms, () => resolve({ kind: "reply", status: 200, body }));
      signal.addEventListener("abort", () => {
        if (ms === null) silent -= 1;
        resolve({ kind: "failed", detail: "nothing came" });
      });
    });
  };
  const prober = { config: testConfig(), clock, transport, fetch: async () => new Response("") };
  const deadline = deadlineIn(clock, 4_000);
  const inTurn = new InTurn(prober, {
    requests: wanted,
    health: aSpec().health,
    checks: CHECKS,
    pace: { answerMs, silenceMs: null },
    signal: deadline.signal,
    endsAtMs: deadline.atMs,
    sockets,
  });
  let tookMs = 0;
  const finished = inTurn.finish().then((asked) => {
    tookMs = timers.now - START;
    return asked;
  });
  await timers.run(START + 5_000, () => false);
  return { asked: await mustEnd(finished, "the look", timers), begun, mostSilent, tookMs };
}

const kinds = ({ asked }: Look): Readonly<Record<string, number>> => {
  const count = (kind: string): number =>
    asked.readings.filter((reading) => reading.kind === kind).length;
  return { answers: count("answer"), holes: count("hole"), cutShort: asked.cutShort.length };
};

describe("servers that are asked in turn", () => {
  it("are asked in their order, and have their readings when all have answered", async () => {
    const seen = await look(requests(20), () => 100);

    expect(seen.begun.map(({ server }) => server)).toEqual([...requests(20).keys()]);
    expect(kinds(seen)).toEqual({ answers: 20, holes: 0, cutShort: 0 });
    expect(seen.tookMs).toBe(400);
  });

  it("have no reading where the time was over before their turn", async () => {
    const seen = await look(requests(200), () => 200);

    expect(kinds(seen)).toEqual({ answers: 114, holes: 0, cutShort: 0 });
    expect(seen.asked.readings.map(({ name }) => name)).not.toContain("media-199");
  });

  it("that stay silent hold at most half of the sockets, and do not keep the others waiting", async () => {
    const takes: Takes = (server) => (server % 4 === 0 ? null : 100);

    const seen = await look(requests(80, takes), takes);

    expect(seen.mostSilent).toBe(3);
    expect(kinds(seen)).toEqual({ answers: 60, holes: 20, cutShort: 0 });
  });

  it("that stay silent hold one socket, for half of the time, while the others would not all be asked", async () => {
    const takes: Takes = (server) => (server % 10 === 0 ? null : 200);

    const seen = await look(requests(200, takes), takes);

    expect(seen.mostSilent).toBe(1);
    expect(kinds(seen)["holes"]).toBe(4);
    expect(kinds(seen)["answers"]).toBeGreaterThan(100);
  });

  it("that were silent get half of the sockets as soon as they answer again", async () => {
    const wanted = requests(200, (server) => (server % 10 === 0 ? null : 200));

    const seen = await look(wanted, () => 200);

    const returned = seen.asked.readings.filter(({ name }) => name.endsWith("0"));
    expect(returned).toHaveLength(20);
    expect(seen.begun.length).toBe(114 + 6);
  });

  it("are asked even if all of them were silent, on half of the sockets", async () => {
    const seen = await look(
      requests(12, () => null),
      () => null,
    );

    expect(seen.mostSilent).toBe(3);
    expect(kinds(seen)).toEqual({ answers: 0, holes: 12, cutShort: 0 });
  });

  it("are cut short where they keep others from their turn, and that is no hole", async () => {
    const seen = await look(requests(150), (server) => (server % 5 === 0 ? null : 150), {
      answerMs: 150,
    });

    expect(kinds(seen)["answers"]).toBeGreaterThan(80);
    expect(kinds(seen)["cutShort"]).toBeGreaterThan(10);
    expect(kinds(seen)["holes"]).toBeLessThan(5);
  });

  it("get their whole time limit where nobody is kept waiting by it", async () => {
    const seen = await look(requests(12), (server) => (server === 0 ? null : 100), {
      answerMs: 100,
    });

    expect(kinds(seen)).toEqual({ answers: 11, holes: 1, cutShort: 0 });
    expect(seen.tookMs).toBe(2_000);
  });

  it("are not cut short where none answers: then it is the eyes, and they must know it", async () => {
    const seen = await look(requests(100), () => null, { answerMs: 100 });

    expect(kinds(seen)).toEqual({ answers: 0, holes: 12, cutShort: 0 });
  });

  it("are not called silent by the end of the look, but by their own time limit", async () => {
    const wanted = [...requests(100), request(100), request(101)];

    const seen = await look(wanted, (server) => (server >= 90 ? null : 200), { answerMs: 200 });

    // They were begun after the third second, and their limit is two.
    expect(kinds(seen)["holes"]).toBe(0);
    expect(kinds(seen)["answers"]).toBe(90);
  });

  it("asks a server by two checks, and tells the two answers apart", async () => {
    const wanted = [request(1, { check: "old" }), request(1, { check: "new", doubtful: true })];

    const { asked } = await look(wanted, () => 100);

    const answers = asked.readings.map(({ kind, name, check }) => [kind, name, check]);
    expect(answers).toHaveLength(2);
    for (const check of ["old", "new"])
      expect(answers).toContainEqual(["answer", "media-1", check]);
  });

  it("fails where it has not the check that a request names", async () => {
    await expect(look([request(1, { check: "none" })], () => 100)).rejects.toThrow("no check none");
  });
});
