/**
 * Keeps what is shown up to date, by asking again (docs/adr/0011 has the sum). A page that nobody sees
 * asks nothing.
 */

import { CallError } from "./api.js";

/**
 * @import { HistoryView } from "../../../durable/rules/history-views.ts"
 * @import { EventView, InstanceView, Status } from "../../../durable/rules/views.ts"
 * @import { Api } from "./api.js"
 * @typedef {{ status: Status, instances: readonly InstanceView[], events: readonly EventView[], history: HistoryView | null, now: number }} Seen
 * @typedef {{ instances: boolean, events: boolean, history: boolean }} Wants
 * @typedef {{ hours: number, onSeen: (seen: Seen) => void, onFailure: (error: CallError, heardAt: number | null) => void }} Options
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

export class Live {
  /** @type {Api} */
  #api;
  /** @type {string} */
  #path;
  /** @type {Options} */
  #options;
  /** @type {Seen | null} */
  #seen = null;
  /** The last status without what changes in every tick. */
  #shown = "";
  #polls = 0;
  #failures = 0;
  /** @type {number | null} */
  #heardAt = null;
  #historyAt = 0;
  #tickMs = POLL_MAX_MS;
  #hours;
  #everything = true;
  #stopped = false;
  #running = false;
  #again = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Api} api @param {string} fleet @param {Options} options */
  constructor(api, fleet, options) {
    this.#api = api;
    this.#path = `/v1/fleets/${fleet}`;
    this.#options = options;
    this.#hours = options.hours;
  }

  start() {
    document.addEventListener("visibilitychange", this.#onVisible);
    void this.#poll();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  /** Asks for everything, now: after a change, nobody wants to wait for the next poll. */
  refresh() {
    this.#everything = true;
    void this.#poll();
  }

  /** @param {number} hours */
  setHours(hours) {
    this.#hours = hours;
    this.refresh();
  }

  #onVisible = () => {
    if (document.hidden) clearTimeout(this.#timer);
    else void this.#poll();
  };

  async #poll() {
    this.#again = this.#running;
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      const seen = await this.#look();
      this.#failures = 0;
      if (!this.#stopped) this.#options.onSeen(seen);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#failures += 1;
      if (!this.#stopped) this.#options.onFailure(error, this.#heardAt);
    } finally {
      this.#running = false;
      this.#next();
    }
  }

  #next() {
    if (this.#stopped) return;
    const base = Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, this.#tickMs));
    const waits = Math.min(RETRY_MAX_MS, base * 2 ** Math.min(this.#failures, 5));
    if (this.#again) void this.#poll();
    else if (!document.hidden) this.#timer = setTimeout(() => void this.#poll(), waits);
  }

  async #look() {
    const status = /** @type {Status} */ (await this.#api.get(this.#path));
    const now = Date.now() + this.#api.skewMs();
    this.#learnTick(status);
    const shown = JSON.stringify({ ...status, lastTick: status.lastTick?.decision });
    const { instances, events, history } = await this.#fetch(this.#wants(status, shown, now));
    this.#shown = shown;
    this.#polls += 1;
    this.#heardAt = now;
    if (history !== null) this.#historyAt = now;
    this.#seen = {
      status,
      now,
      instances: instances ?? this.#seen?.instances ?? [],
      events: events ?? this.#seen?.events ?? [],
      history: history ?? this.#seen?.history ?? null,
    };
    return this.#seen;
  }

  /** @param {Status} status @param {string} shown @param {number} now @returns {Wants} */
  #wants(status, shown, now) {
    const all = this.#everything;
    this.#everything = false;
    const isLarge = status.counts.total > LARGE_FLEET;
    return {
      instances: all || !isLarge || this.#polls % LARGE_EVERY_POLLS === 0,
      events: all || shown !== this.#shown || this.#polls % EVENTS_EVERY_POLLS === 0,
      history: all || now - this.#historyAt >= HISTORY_EVERY_TICKS * this.#tickMs,
    };
  }

  /** @param {Wants} wants */
  async #fetch(wants) {
    const path = this.#path;
    const [instances, events, history] = await Promise.all([
      wants.instances ? this.#api.list(`${path}/instances`, "instances") : null,
      wants.events ? this.#api.get(`${path}/events?limit=${EVENTS_SHOWN}`) : null,
      wants.history ? this.#api.get(`${path}/history?hours=${this.#hours}`) : null,
    ]);
    const told = /** @type {{ events: EventView[] } | null} */ (events);
    return {
      instances: /** @type {InstanceView[] | null} */ (instances),
      events: told?.events ?? null,
      history: /** @type {HistoryView | null} */ (history),
    };
  }

  /** How long a tick is: the time between two, by the number of ticks between them. @param {Status} status */
  #learnTick({ lastTick: after }) {
    const before = this.#seen?.status.lastTick ?? null;
    if (before === null || after === null || after.number <= before.number) return;
    const ms = (Date.parse(after.at) - Date.parse(before.at)) / (after.number - before.number);
    if (ms > 0) this.#tickMs = Math.min(POLL_MAX_MS, ms);
  }
}
