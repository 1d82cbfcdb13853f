/** Whether the fleet is well: its own verdict, unless it is too old to say anything. */
import { lasting } from "./format.js";

/**
 * @import { Status } from "../../../durable/rules/views.ts"
 * @import { Tone } from "../../../durable/rules/verdict-views.ts"
 * @typedef {{ title: string, tone: Tone, what: string, doing: string | null, canDo: string | null }} Headline
 */

/** @param {Status} status @param {number} now by the server's clock @returns {Headline} */
export function headlineOf({ verdict, lastTick }, now) {
  const { staleAt } = verdict;
  if (lastTick === null || staleAt === null || now <= Date.parse(staleAt)) return verdict;
  return {
    title: "Stale",
    tone: "bad",
    what: `The last tick was ${lasting(now - Date.parse(lastTick.at))} ago, so nothing is decided and these numbers are old.`,
    doing: "The cron trigger starts the fleet again within a minute, if it can.",
    canDo: "If that does not help, look into the Worker's log.",
  };
}

/** The fleet may be well: it is this page that does not hear of it. @param {number} silentMs @returns {Headline} */
export function noContact(silentMs) {
  return {
    title: "No contact",
    tone: "bad",
    what: `What is shown was true ${lasting(silentMs)} ago.`,
    doing: "The fleet goes on without this page, which asks again by itself.",
    canDo: null,
  };
}
