/** The decision log: what happened, by whom, in plain words; newest first. */
import { byId, h, keyed, setText } from "./dom.js";
import { clock, seconds } from "./format.js";

/**
 * @import { EventView } from "../../../durable/rules/views.ts"
 * @import { Seen } from "./live.js"
 */

/** The actor where no person acted. */
const ITSELF = "lightfleet";

/** @param {Seen} seen */
export function showLog({ events, now }) {
  const list = byId("log");
  if (events.length === 0)
    return list.replaceChildren(h("li", { class: "none" }, "Nothing has happened yet."));
  keyed(list, events, {
    key: ({ id }) => String(id),
    make: (event) => entry(event, now),
  });
}

/** @param {EventView} event @param {number} now */
function entry({ at, kind, actor, message }, now) {
  const moment = Date.parse(at);
  const isToday = new Date(moment).toDateString() === new Date(now).toDateString();
  const said = message.startsWith(kind)
    ? [h("b", {}, kind), message.slice(kind.length)]
    : [h("b", {}, kind), ` ${message}`];
  const by = actor === ITSELF ? null : h("span", { class: "quiet" }, ` by ${actor}`);
  return h(
    "li",
    {},
    h("time", { datetime: at }, isToday ? seconds(moment) : clock(moment, now)),
    h("span", {}, ...said, by),
  );
}

/** One of them, as a dialog shows it. @param {EventView} event @param {number} now */
export function eventLine(event, now) {
  const line = h("li");
  setText(line, `${clock(Date.parse(event.at), now)} ${event.kind}: ${event.message}`);
  return line;
}
