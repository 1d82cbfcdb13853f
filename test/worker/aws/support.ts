/** A clock that stands still until it is told, and an AWS that answers what it is told. */
import type { CallSite } from "../../../worker/aws/client.ts";
import type { Clock } from "../../../worker/clock.ts";
import { type Config, parseConfig } from "../../../worker/env.ts";
import type { Send } from "../../../worker/fetch.ts";
import type { StandingClock } from "../../must-end.ts";

export interface ManualClock extends Clock, StandingClock {
  /** Lets time pass, and runs what was due in its order. */
  advance(ms: number): void;
  /** How many timers are set: zero means that nothing was left behind. */
  readonly pending: () => number;
}

export const START_MS = Date.UTC(2026, 10, 22, 10, 0, 5);

export function manualClock(): ManualClock {
  let nowMs = START_MS;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  let moves = 0;
  return {
    now: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      moves += 1;
      return () => {
        moves += 1;
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (ms) => {
      nowMs += ms;
      moves += 1;
      const due = timers.filter((timer) => timer.atMs <= nowMs);
      timers = timers.filter((timer) => timer.atMs > nowMs);
      for (const timer of due.toSorted((a, b) => a.atMs - b.atMs)) timer.run();
    },
    pending: () => timers.length,
    moves: () => moves,
    describe: () => {
      const set = timers.map(({ atMs }) => `+${atMs - START_MS} ms`);
      const words = set.length === 0 ? "no timer is set" : `timers are set for ${set.join(", ")}`;
      return `the clock stands at +${nowMs - START_MS} ms, and ${words}`;
    },
  };
}

/** One request as the fake saw it. */
export interface Seen {
  readonly url: string;
  /** The operation: `GetInstances`, `DescribeTags`. */
  readonly operation: string;
  readonly headers: Headers;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface FakeAws {
  readonly fetch: Send;
  readonly seen: Seen[];
  /** How many were under way at once, at the most. */
  readonly atOnceMax: () => number;
}

/** `answer` is asked for each request, in order; a throw is a failure of the network. */
export function fakeAws(
  answer: (seen: Seen, index: number) => Response | Promise<Response>,
): FakeAws {
  const seen: Seen[] = [];
  let now = 0;
  let most = 0;
  const fetch: Send = async (request) => {
    now += 1;
    most = Math.max(most, now);
    try {
      const body = await request.text();
      const { url, headers, signal } = request;
      const target = headers.get("x-amz-target")?.split(".")[1];
      const operation = target ?? new URLSearchParams(body).get("Action") ?? "";
      const call = { url, operation, headers, body, signal };
      seen.push(call);
      return await answer(call, seen.length - 1);
    } finally {
      now -= 1;
    }
  };
  return { fetch, seen, atOnceMax: () => most };
}

export function testConfig(env: Record<string, string> = {}): Config {
  return parseConfig({
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    ...env,
  });
}

export function siteIn(region = "ap-northeast-2", signal?: AbortSignal): CallSite {
  return { region, signal: signal ?? new AbortController().signal, notAfter: Number.MAX_VALUE };
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "req-1" },
  });
}

export function awsError(code: string, message: string, status = 400): Response {
  return json({ __type: code, message }, status);
}

export function xml(body: string, status = 200): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`, { status });
}

/** An `InstancePortInfo` as Lightsail's own example has it, lower case and all. */
export function wirePort(differently: object = {}): object {
  return {
    fromPort: 22,
    toPort: 22,
    protocol: "tcp",
    accessFrom: "Anywhere (0.0.0.0/0)",
    accessType: "public",
    commonName: "",
    accessDirection: "inbound",
    cidrs: ["0.0.0.0/0"],
    ipv6Cidrs: ["::/0"],
    cidrListAliases: [],
    ...differently,
  };
}

/** An instance as Lightsail tells it. */
export function wireInstance(name: string, owner: string | null = "default/media"): object {
  return {
    name,
    arn: `arn:aws:lightsail:ap-northeast-2:123456789012:Instance/${name}`,
    supportCode: "1/i-1",
    createdAt: 1569447986.061,
    location: { availabilityZone: "ap-northeast-2a", regionName: "ap-northeast-2" },
    resourceType: "Instance",
    tags:
      owner === null
        ? []
        : [
            { key: "lightfleet:owner", value: owner },
            { key: "lightfleet:spec", value: "t1" },
          ],
    bundleId: "medium_3_0",
    privateIpAddress: "172.26.0.5",
    publicIpAddress: "3.34.0.5",
    ipv6Addresses: ["2406:da12::1"],
    networking: { monthlyTransfer: { gbPerMonthAllocated: 4096 }, ports: [wirePort()] },
    state: { code: 16, name: "running" },
  };
}

export const OPERATIONS = { operations: [{ id: "op-1", status: "Started", isTerminal: false }] };
