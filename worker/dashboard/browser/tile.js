/** What is said of one instance, in a few words. */
import { fromNow, lasting, moment, shortName } from "./format.js";

/**
 * @import { InstanceView } from "../../../durable/rules/views.ts"
 * @import { Tone } from "../../../durable/rules/verdict-views.ts"
 * @typedef {"launching" | "ready" | "draining" | "deleting" | "lost"} Group
 * @typedef {{ name: string, full: string, group: Group, tone: Tone | "busy", state: string, age: string, hour: string, hourShare: number, waits: string, flags: string }} Tile
 */

const HOUR_MS = 3_600_000;

/** @type {Readonly<Record<InstanceView["phase"], Group>>} */
const GROUPS = {
  planned: "launching",
  starting: "launching",
  configuring: "launching",
  warming: "launching",
  ready: "ready",
  draining: "draining",
  deleting: "deleting",
  lost: "lost",
  gone: "lost",
};

/** The step, as what is waited for. @type {Readonly<Record<string, string>>} */
const STEPS = {
  create: "AWS to create it",
  address: "an address",
  ports: "its ports to be set",
  health: "its first readings",
  drain: "its word that it drains",
  delete: "AWS to delete it",
};

/** @param {InstanceView} view @param {string} fleet @param {number} now @returns {Tile} */
export function tileOf(view, fleet, now) {
  const paidMs = paidFor(view, now);
  return {
    name: shortName(view.name, fleet),
    full: view.name,
    group: GROUPS[view.phase],
    tone: toneOf(view),
    state: stateOf(view),
    age: ageOf(view, now),
    hour: paidMs === null ? "" : `${Math.ceil(paidMs / 60_000)} min paid`,
    hourShare: paidMs === null ? 0 : Math.round((paidMs / HOUR_MS) * 20) * 5,
    waits: waitsFor(view, now),
    flags: flagsOf(view),
  };
}

/** @param {InstanceView} view */
function stateOf(view) {
  const { phase, occupancy, sessions, capacity } = view;
  if (phase === "draining" && sessions > 0) return `draining, ${held(view)}`;
  if (phase !== "ready") return phase;
  if (view.saysDraining) return "takes no more";
  if (occupancy !== "busy" || capacity === 1) return occupancy;
  return `${sessions} of ${capacity} busy`;
}

/** @param {InstanceView} view */
function held({ sessions }) {
  return sessions === 1 ? "1 session" : `${sessions} sessions`;
}

/** @param {InstanceView} view @returns {Tone | "busy"} */
function toneOf({ phase, occupancy, attempts }) {
  if (phase === "lost") return "bad";
  if (phase === "deleting" || phase === "draining") return "quiet";
  if (phase !== "ready") return attempts > 1 ? "warn" : "move";
  if (occupancy === "unknown") return "warn";
  return occupancy === "busy" ? "busy" : "good";
}

/** What it waits for: the step, the attempt, and when the next one comes. @param {InstanceView} view @param {number} now */
export function waitsFor(view, now) {
  const { step, attempts, nextAttemptAt, phase } = view;
  if (step !== null) {
    const parts = [`waits for ${STEPS[step] ?? step}`];
    if (attempts > 1) parts.push(`attempt ${attempts}`);
    const next = moment(nextAttemptAt);
    if (next !== null && next > now) parts.push(`next ${fromNow(next, now)}`);
    return parts.join(", ");
  }
  if (phase === "warming") return "waits for its first readings";
  if (phase === "draining") return drainOf(view);
  if (phase === "deleting") return "waits for AWS to delete it";
  if (phase === "lost") return "no longer listed, and not by us";
  return "";
}

/** @param {InstanceView} view */
function drainOf(view) {
  const { drainReason, drainThen, sessions } = view;
  if (sessions > 0) return `waits for ${held(view)} to end`;
  const end = drainThen === "hold" ? "is held when empty" : "waits to be confirmed empty";
  return drainReason === null ? end : `${drainReason}: ${end}`;
}

/** By the earliest of its times that is known. @param {InstanceView} view @param {number} now */
function ageOf(view, now) {
  const times = [moment(view.createdAt), moment(view.readyAt)].filter((at) => at !== null);
  return times.length === 0 ? "" : lasting(now - Math.min(...times));
}

/** How much of the hour that was paid for is left. @param {InstanceView} view @param {number} now */
function paidFor({ paidUntil, phase }, now) {
  const until = moment(paidUntil);
  if (until === null || phase === "planned") return null;
  return Math.min(HOUR_MS, Math.max(0, until - now));
}

/** @param {InstanceView} view */
function flagsOf(view) {
  const flags = [];
  if (view.protected) flags.push("protected");
  if (view.outdated) flags.push("outdated");
  if (view.adopted) flags.push("adopted");
  if (view.leased > 0) flags.push(`${view.leased} leased`);
  return flags.join(", ");
}
