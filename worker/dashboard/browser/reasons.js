/** Why the target is what it is, and what comes next. */
import { byId, h, keyed, setText } from "./dom.js";
import { capitalized, clock, fromNow, many, moment } from "./format.js";
import { drawPart } from "./part.js";
import { sourceName } from "./plans.js";

/**
 * @import { NextTarget, TargetLink } from "../../../durable/rules/target-views.ts"
 * @import { Status } from "../../../durable/rules/views.ts"
 * @import { Seen } from "./live.js"
 */

/** @param {Seen} seen */
export function showReasons({ status, now }) {
  drawPart(byId("chain"), "The reasons of the target", () => showChain(status, now));
  drawPart(byId("next"), "What comes next", () => showNext(status, now));
}

/** @param {Status} status @param {number} now */
function showChain({ target }, now) {
  setText(byId("why-title"), `Why the target is ${target.spares}`);
  keyed(byId("chain"), target.chain, {
    key: ({ source }) => source,
    make: () => h("li"),
    update: (element, link) => fill(element, linkParts(link, now)),
  });
}

/** @param {Status} status @param {number} now */
function showNext(status, now) {
  keyed(byId("next"), nextLines(status, now), {
    key: ([key]) => key,
    make: ([, label]) => h("div", {}, h("dt", {}, label), h("dd")),
    update: (element, [, , text]) => {
      if (element.lastElementChild !== null) setText(element.lastElementChild, text);
    },
  });
}

/** @param {HTMLElement} element @param {{ won: boolean, parts: [string, string][] }} filled */
function fill(element, { won, parts }) {
  element.classList.toggle("won", won);
  if (element.childElementCount === 0)
    element.append(...parts.map(([name]) => h("span", { class: name })));
  for (const [index, [, text]] of parts.entries()) {
    const part = element.children[index];
    if (part !== undefined) setText(part, text);
  }
}

/** @param {TargetLink} link @param {number} now @returns {{ won: boolean, parts: [string, string][] }} */
function linkParts({ source, expression, spares, won, until, note }, now) {
  const end = moment(until);
  const value = spares === null ? "none" : String(spares);
  const written = expression === null || expression === value ? "" : ` (${expression})`;
  return {
    won,
    parts: [
      ["source", capitalized(sourceName(source))],
      ["value", `${value}${written}`],
      ["rules", won ? "rules" : ""],
      ["note", `${note}${won && end !== null ? `, until ${clock(end, now)}` : ""}`],
    ],
  };
}

/** @param {Status} status @param {number} now @returns {[key: string, label: string, text: string][]} */
function nextLines({ target, lastTick, rollout }, now) {
  /** @type {[string, string, string][]} */
  const lines = [
    ["decision", "The last tick decided", lastTick === null ? "nothing yet" : lastTick.decision],
  ];
  const { next } = target;
  if (next === null)
    lines.push(["then", "The next target", "No other one is booked or scheduled."]);
  else {
    const at = Date.parse(next.at);
    // The tag and the default have no name but their own.
    const source = sourceName(next.source);
    const name = next.name === "" || next.name.includes(source) ? "" : `: ${next.name}`;
    lines.push([
      "then",
      "The next target",
      `${next.spares} ${fromNow(at, now)}, at ${clock(at, now)} (${source}${name}). ${launchesOf(next, now)}`,
    ]);
  }
  if (rollout !== null)
    lines.push([
      "rollout",
      `Rollout: ${rollout.stage}`,
      `${many(rollout.outdated, "outdated server")}, ${rollout.waitingForBusy} of which wait for their sessions to end.`,
    ]);
  return lines;
}

/** @param {NextTarget} next @param {number} now */
function launchesOf({ launchFrom }, now) {
  const from = moment(launchFrom);
  if (from === null) return "No launch is needed for it.";
  return from <= now
    ? "Launches for it have begun."
    : `Launches for it begin at ${clock(from, now)}, to be ready by then.`;
}
