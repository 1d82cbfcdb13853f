/** What a change will do, said before it is made. */
import { clock, dollars, lasting, many } from "./format.js";

/**
 * @import { InstanceView, Status } from "../../../durable/rules/views.ts"
 * @import { Pausable } from "../../../durable/rules/model.ts"
 */

/**
 * @param {Status} status
 * @param {{ expression: string, seconds: number, capacity: number, usdPerServerHour: number | null, now: number }} wish
 */
export function overridePlan(status, { expression, seconds, capacity, usdPerServerHour, now }) {
  const end = now + seconds * 1_000;
  const head = `For ${lasting(seconds * 1_000)}, until ${clock(end, now)},`;
  const after = `Then ${status.target.source === "override" ? "what is booked or set below it" : `the ${sourceName(status.target.source)} (now ${status.target.expression})`} rules again.`;
  if (!/^\d{1,6}$/u.test(expression.trim()))
    return `${head} the target is ${expression.trim() || "..."}, reckoned anew in each tick. ${after}`;

  const spares = Number(expression);
  const { target, counts } = status;
  const more = spares - status.spares - (counts.launching + counts.waiting) * capacity;
  return `${head} the fleet keeps ${many(spares, "spare")} instead of ${target.spares}. ${effect(more, capacity, usdPerServerHour)} ${after}`;
}

/** @param {number} more spares @param {number} capacity of a server @param {number | null} usdPerServerHour */
function effect(more, capacity, usdPerServerHour) {
  if (more === 0) return "That is what there is now.";
  const surplus = Math.floor(-more / capacity);
  if (more < 0 && surplus === 0) return "No whole server is surplus then.";
  if (more < 0)
    return `About ${many(surplus, "idle server")} can go; a server with a session is never touched.`;
  const servers = Math.ceil(more / capacity);
  const cost =
    usdPerServerHour === null ? "" : `, about ${dollars(servers * usdPerServerHour)} more an hour`;
  return `About ${many(servers, "server")} will be launched${cost}, as far as the limits allow.`;
}

/** @type {Readonly<Record<Pausable, string>>} */
export const PAUSED = {
  launch: "No server is launched, even where spares are short. Half-made ones are still finished.",
  retire: "No server is taken away for surplus or age. Drains that are under way stay drains.",
  schedule: "Boundaries of the schedule and of special days pass without effect.",
  rollout: "Outdated servers stay as they are.",
};

/** @param {readonly Pausable[]} what @param {number | null} seconds */
export function pausePlan(what, seconds) {
  if (what.length === 0) return "Choose what to pause.";
  const end =
    seconds === null
      ? "It lasts until somebody resumes it."
      : `It ends by itself after ${lasting(seconds * 1_000)}.`;
  return [...what.map((one) => PAUSED[one]), end].join(" ");
}

/** @param {InstanceView} view @param {"delete" | "hold"} then */
export function drainPlan(view, then) {
  const cordon = `${view.name} counts as a spare no more, and anyone who places sessions must leave it out.`;
  const sessions =
    view.sessions > 0
      ? `Its ${many(view.sessions, "session")} may go on to the end.`
      : "It holds no session now.";
  const end =
    then === "hold"
      ? "When it is empty it is kept, until you take the drain back."
      : "When it is confirmed empty, by two fresh readings after the drain time, it is deleted.";
  return `${cordon} ${sessions} ${end} If spares are short without it, another one is launched.`;
}

/** @param {InstanceView} view */
export function undrainPlan(view) {
  return `${view.name} takes sessions again, and counts as a spare as soon as a reading says that it is idle.`;
}

/** @param {InstanceView} view @param {boolean} protect */
export function protectPlan(view, protect) {
  return protect
    ? `Nothing deletes ${view.name}, neither surplus nor a rollout nor force, until the protection is taken off. It is billed as long.`
    : `${view.name} is as any other again: it may be drained and deleted when it is surplus or outdated.`;
}

/** @param {Status["target"]["source"]} source */
export function sourceName(source) {
  return source === "specialDay" ? "special day" : source;
}
