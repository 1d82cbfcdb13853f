/** An API in the browser's own network layer: fleets that no embedded AWS could bring about in time. */
import type { BrowserContext } from "playwright-core";
import type { HistoryView } from "../../durable/rules/history-views.ts";
import type { Verdict } from "../../durable/rules/verdict-views.ts";
import type { EventView, InstanceView, Status } from "../../durable/rules/views.ts";
import { instance, status } from "../worker/api/views.ts";

/** What the API answers; a test changes it as it likes. */
export interface Fake {
  fleets: string[];
  status: Status;
  instances: InstanceView[];
  events: EventView[];
  history: HistoryView;
  /** So many instances are told at once; the rest on the next page of the list. */
  pageSize: number;
  /** Null: all is well. Otherwise every call has this answer. */
  broken: { readonly status: number; readonly detail: string } | "unreachable" | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const INCARNATION = "k3d9";

export function iso(at: number): string {
  return new Date(at).toISOString();
}

export function aFake(count: number, now = Date.now()): Fake {
  const instances = manyInstances(count, now);
  return {
    fleets: ["media"],
    status: statusOf(instances, now),
    instances,
    events: [],
    history: historyOf(now, 24),
    pageSize: 1_000,
    broken: null,
  };
}

/** Answers everything under /v1 from the fake; the page's own files still come from the Worker. */
export async function serveFake(context: BrowserContext, fake: Fake): Promise<void> {
  await context.route("**/v1/**", async (route) => {
    const { broken } = fake;
    if (broken === "unreachable") return await route.abort();
    if (broken !== null) {
      const body = JSON.stringify({ detail: broken.detail });
      return await route.fulfill({
        status: broken.status,
        body,
        contentType: "application/problem+json",
      });
    }
    const url = new URL(route.request().url());
    await route.fulfill({ json: answerOf(fake, url) });
  });
}

function answerOf(fake: Fake, { pathname, searchParams }: URL): unknown {
  if (pathname === "/v1/fleets") return { fleets: fake.fleets.map((name) => ({ name })) };
  if (pathname.endsWith("/instances")) {
    const from = Number(searchParams.get("cursor") ?? 0);
    const to = from + fake.pageSize;
    const nextCursor = to < fake.instances.length ? String(to) : null;
    return { instances: fake.instances.slice(from, to), nextCursor };
  }
  if (pathname.endsWith("/events")) return { events: fake.events, nextCursor: null };
  if (pathname.endsWith("/history")) return fake.history;
  return fake.status;
}

/** Most of them ready, half of these busy, and some of every other kind. */
export function manyInstances(count: number, now: number, turn = 0): InstanceView[] {
  return Array.from({ length: count }, (_, index): InstanceView => {
    const createdAt = now - ((index * 7) % 300) * MINUTE_MS - 90_000;
    const isBusy = (index * 13 + turn * 29) % 100 < 45;
    return {
      ...instance(`media-${INCARNATION}-${index + 1}`),
      occupancy: isBusy ? "busy" : "idle",
      sessions: isBusy ? 1 : 0,
      zone: index % 2 === 0 ? "ap-northeast-2a" : "ap-northeast-2c",
      createdAt: iso(createdAt),
      readyAt: iso(createdAt + 70_000),
      paidUntil: iso(createdAt + Math.ceil((now - createdAt) / HOUR_MS) * HOUR_MS),
      lastReadingAt: iso(now - 2_000),
      ...kindOf(index, now),
    };
  });
}

function kindOf(index: number, now: number): Partial<InstanceView> {
  switch (index % 50) {
    case 7:
      return {
        phase: "configuring",
        step: "ports",
        attempts: 3,
        nextAttemptAt: iso(now + 25_000),
        lastError: "throttled by AWS: ThrottlingException",
        occupancy: "unknown",
        sessions: 0,
        readyAt: null,
      };
    case 17:
      return {
        phase: "draining",
        drainReason: "surplus",
        drainThen: "delete",
        occupancy: "idle",
        sessions: 0,
      };
    case 27:
      return { phase: "warming", step: "health", occupancy: "unknown", sessions: 0, readyAt: null };
    case 37:
      return { protected: true, protectedBy: "olga", outdated: true };
    case 47:
      return { phase: "deleting", occupancy: "idle", sessions: 0 };
    default:
      return {};
  }
}

const EYES = { intervalSeconds: 5, probeSeconds: 0.042, waiting: 0, shards: 0 };

function wellWith(idle: number, now: number): Verdict {
  const words = { what: `${idle} of ${idle} spares.`, doing: null, canDo: null };
  return {
    kind: "well",
    title: "Well",
    tone: "good",
    cause: null,
    staleAt: iso(now + 58_000),
    ...words,
  };
}

export function statusOf(instances: readonly InstanceView[], now: number): Status {
  const ready = instances.filter(({ phase }) => phase === "ready");
  const of = (phase: string): number => instances.filter((each) => each.phase === phase).length;
  const idle = ready.filter(({ occupancy }) => occupancy === "idle").length;
  const busy = ready.length - idle;
  const launching = of("configuring") + of("warming");
  const link = { expression: null, spares: null, won: false, ageSeconds: null, until: null };
  return {
    ...status("media", iso(now - 2_000)),
    alerts: [],
    rollout: null,
    strangers: [],
    unread: [],
    eyes: { ...EYES, listedAt: iso(now - 4_000) },
    verdict: wellWith(idle, now),
    spares: idle,
    sessions: busy,
    counts: {
      idle,
      busy,
      unknown: 0,
      launching,
      waiting: 0,
      draining: of("draining"),
      deleting: of("deleting"),
      total: instances.length,
    },
    target: {
      spares: idle,
      source: "schedule",
      expression: String(idle),
      reason: null,
      until: null,
      heldTag: null,
      chain: [
        { ...link, source: "override", note: "none rules now" },
        { ...link, source: "specialDay", note: "none is today" },
        { ...link, source: "tag", note: "the spec names no tag" },
        {
          ...link,
          source: "schedule",
          expression: String(idle),
          spares: idle,
          won: true,
          note: "weekday morning",
        },
        {
          ...link,
          source: "default",
          expression: "5",
          spares: 5,
          note: "spares.default of the spec",
        },
      ],
      next: {
        at: iso(now + 2 * HOUR_MS),
        source: "schedule",
        name: "night and weekend",
        expression: "3",
        spares: 3,
        launchFrom: null,
      },
    },
  };
}

/** A day of demand: it rises, is short of spares at its top, and an override helps. */
export function historyOf(now: number, hours: number): HistoryView {
  const from = now - hours * HOUR_MS;
  const points = Array.from({ length: 720 }, (_, index) => {
    const at = from + (index * hours * HOUR_MS) / 720;
    const wave = Math.sin(((index / 720) * 2 - 0.6) * Math.PI);
    const target = index < 300 ? 6 : index > 470 && index < 560 ? 20 : 12;
    const busy = Math.round(10 + 8 * wave + 2 * Math.sin(index / 9));
    const lag = index < 300 ? 0 : Math.max(0, 14 - (index - 300) / 2);
    const spares = Math.max(0, Math.round(target - lag - Math.max(0, 2 * Math.sin(index / 5))));
    const rest = { unknown: 0, launching: 0, draining: 0, sessions: busy, usdPerHour: 0.6 };
    return { at: iso(at), spares, target, busy, ...rest };
  });
  const at = (share: number): string => iso(from + share * hours * HOUR_MS);
  return {
    from: iso(from),
    until: iso(now),
    points,
    marks: [
      {
        kind: "boundary",
        name: "weekday morning",
        note: "weekday morning begins: 12 spares",
        from: at(300 / 720),
        until: at(300 / 720),
      },
      {
        kind: "guard",
        name: "awsRequestRate",
        note: "AWS takes no more calls now",
        from: at(0.42),
        until: at(0.46),
      },
      {
        kind: "override",
        name: "20",
        note: "target 20: concert",
        from: at(470 / 720),
        until: at(560 / 720),
      },
    ],
    today: { since: iso(now - 9 * HOUR_MS), usd: 4.31 },
  };
}
