/**
 * Keeps what is shown up to date, by asking again (docs/adr/0011 has the sum). A page that nobody sees
 * asks nothing.
 */

import { CallError } from "./api.js";

/**
 * @import { EventView, HistoryView, InstanceView, Status } from "../../../durable/rules/views.ts"
 * @import { Api } from "./api.js"
 * @typedef {{ status: Status, instances: readonly InstanceView[], events: readonly EventView[], history: HistoryView | null, now: number }} Seen
 * @typedef {{ refresh: () => void, setHours: (hours: number) => void, stop: () => void }} Live
 */

/** As often as the fleet ticks, which is learned from its ticks; within these bounds. */
const POLL_MIN_MS = 2_000;
const POLL_MAX_MS = 5_000;
const RETRY_MAX_MS = 30_000;
/** The instances of a large fleet are a large reply: every so many polls. */
const LARGE_FLEET = 200;
const LARGE_EVERY_POLLS = 3;
/** Events are asked for when the status shows that something happened, and now and then all the same. */
const EVENTS_EVERY_POLLS = 6;
const EVENTS_SHOWN = 60;
/** Samples come once a minute, at five seconds a tick. */
const HISTORY_EVERY_TICKS = 12;

/**
 * @param {Api} api
 * @param {string} fleet
 * @param {{ hours: number, onSeen: (seen: Seen) => void, onFailure: (error: CallError, heardAt: number | null) => void }} options
 * @returns {Live}
 */
export function startLive(api, fleet, { hours, onSeen, onFailure }) {
  const path = `/v1/fleets/${fleet}`;
  /** @type {{ seen: Seen | null, shown: string, polls: number, failures: number, heardAt: number | null, historyAt: number, tickMs: number, hours: number, everything: boolean }} */
  const memory = {
    seen: null,
    shown: "",
    polls: 0,
    failures: 0,
    heardAt: null,
    historyAt: 0,
    tickMs: POLL_MAX_MS,
    hours,
    everything: false,
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let [stopped, running, again] = [false, false, false];

  const look = async () => {
    const { seen, polls, everything } = memory;
    memory.everything = false;
    const status = /** @type {Status} */ (await api.get(path));
    const now = Date.now() + api.skewMs();
    learnTick(memory, status);
    const shown = JSON.stringify({ ...status, lastTick: status.lastTick?.decision });
    const isLarge = status.counts.total > LARGE_FLEET;
    const wants = {
      instances: seen === null || everything || !isLarge || polls % LARGE_EVERY_POLLS === 0,
      events:
        seen === null || everything || shown !== memory.shown || polls % EVENTS_EVERY_POLLS === 0,
      history:
        everything ||
        seen?.history === null ||
        seen === null ||
        now - memory.historyAt >= HISTORY_EVERY_TICKS * memory.tickMs,
    };
    const [instances, events, history] = await Promise.all([
      wants.instances ? api.get(`${path}/instances`) : null,
      wants.events ? api.get(`${path}/events?limit=${EVENTS_SHOWN}`) : null,
      wants.history ? api.get(`${path}/history?hours=${memory.hours}`) : null,
    ]);
    if (history !== null) memory.historyAt = now;
    memory.shown = shown;
    memory.polls += 1;
    memory.heardAt = now;
    const named = /** @type {{ instances: InstanceView[] } | null} */ (instances);
    const told = /** @type {{ events: EventView[] } | null} */ (events);
    memory.seen = {
      status,
      now,
      instances: named?.instances ?? seen?.instances ?? [],
      events: told?.events ?? seen?.events ?? [],
      history: /** @type {HistoryView | null} */ (history) ?? seen?.history ?? null,
    };
    return memory.seen;
  };

  const poll = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    clearTimeout(timer);
    try {
      const seen = await look();
      memory.failures = 0;
      if (!stopped) onSeen(seen);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      memory.failures += 1;
      if (!stopped) onFailure(error, memory.heardAt);
    } finally {
      running = false;
      if (!stopped) next();
    }
  };
  const next = () => {
    const base = Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, memory.tickMs));
    const waits = Math.min(RETRY_MAX_MS, base * 2 ** Math.min(memory.failures, 5));
    if (again) void poll();
    else if (!document.hidden) timer = setTimeout(() => void poll(), waits);
    again = false;
  };
  const seenAgain = () => {
    if (document.hidden) clearTimeout(timer);
    else void poll();
  };
  document.addEventListener("visibilitychange", seenAgain);
  void poll();

  const refresh = () => {
    memory.everything = true;
    void poll();
  };
  return {
    refresh,
    setHours: (wanted) => {
      memory.hours = wanted;
      refresh();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seenAgain);
    },
  };
}

/** How long a tick is: the time between two that were heard of, by the number of ticks between them. @param {{ seen: Seen | null, tickMs: number }} memory @param {Status} status */
function learnTick(memory, status) {
  const [before, after] = [memory.seen?.status.lastTick ?? null, status.lastTick];
  if (before === null || after === null || after.number <= before.number) return;
  const ms = (Date.parse(after.at) - Date.parse(before.at)) / (after.number - before.number);
  if (ms > 0) memory.tickMs = Math.min(POLL_MAX_MS, ms);
}
