/** The fleet at a glance: one word, why, and the few numbers that matter. */
import { byId, h, keyed, setAttribute, setText, show } from "./dom.js";
import { dollars, lasting, whole } from "./format.js";
import { headlineOf, noContact } from "./verdict.js";

/**
 * @import { Status } from "../../../durable/rules/views.ts"
 * @import { Seen } from "./live.js"
 * @typedef {{ key: string, label: string, value: string, note: string }} Figure
 */

/** @param {Seen} seen @param {number | null} silentMs since when nothing is heard; null while all is well */
export function showGlance({ status, history, now }, silentMs) {
  const { title, tone, what, doing, canDo } =
    silentMs === null ? headlineOf(status, now) : noContact(silentMs);
  const verdict = byId("verdict");
  const isNews = verdict.textContent !== title;
  setText(verdict, title);
  setAttribute(verdict, "data-tone", tone);
  setText(byId("verdict-why"), doing === null ? what : `${what} ${doing}`);
  setText(byId("verdict-todo"), canDo ?? "");
  // Read aloud only when the word changes, not with every number.
  if (isNews) setText(byId("announce"), `${status.fleet}: ${title}. ${what}`);
  document.title = `${title}: ${status.fleet}, Lightfleet`;
  setText(byId("where"), `${status.region}${status.mode === "observe" ? ", observe mode" : ""}`);

  keyed(
    byId("numbers"),
    figuresOf(status, history?.today.usd ?? null, history?.points.at(-1)?.usdPerHour ?? null),
    {
      key: ({ key }) => key,
      make: ({ label }) =>
        h(
          "div",
          {},
          h("dt", {}, label),
          h("dd", {}, h("span", { class: "value" }), h("span", { class: "note" })),
        ),
      update: (element, { value, note }) => {
        const [first, second] = element.querySelectorAll("dd > span");
        if (first !== undefined) setText(first, value);
        if (second !== undefined) setText(second, note);
      },
    },
  );

  show(byId("do-end-override"), status.target.source === "override");
}

/** @param {Status} status @param {number | null} today @param {number | null} hourly @returns {Figure[]} */
function figuresOf({ spares, leased, target, sessions, counts, spend }, today, hourly) {
  const { spentUsd, committedUsd, capUsd, priced } = spend;
  const month = `${whole(committedUsd)}${capUsd === null ? "" : ` of ${whole(capUsd)}`} by its end`;
  return [
    {
      key: "spares",
      label: "Spares",
      value: String(spares),
      note: `of ${target.spares} wanted${leased > 0 ? `, ${leased} leased` : ""}`,
    },
    {
      key: "busy",
      label: "Busy",
      value: String(counts.busy),
      note: sessions === 1 ? "1 session" : `${sessions} sessions`,
    },
    {
      key: "launching",
      label: "Launching",
      value: String(counts.launching),
      note: counts.waiting > 0 ? `${counts.waiting} wait for AWS` : "on their way",
    },
    {
      key: "leaving",
      label: "Leaving",
      value: String(counts.draining + counts.deleting),
      note: `${counts.draining} draining`,
    },
    { key: "unknown", label: "Unknown", value: String(counts.unknown), note: "not heard of" },
    {
      key: "today",
      label: "Today",
      value: today === null ? "unknown" : dollars(today),
      note: hourly === null ? "price unknown" : `${dollars(hourly)} an hour`,
    },
    {
      key: "month",
      label: "This month",
      value: priced ? dollars(spentUsd) : "unknown",
      note: priced ? month : "price unknown",
    },
  ];
}

/** How fresh it all is; called each second. @param {Status} status @param {number} now */
export function showPulse(status, now) {
  const pulse = byId("pulse");
  show(pulse, true);
  const { lastTick } = status;
  if (lastTick === null) return setText(pulse, "no tick yet");
  setText(pulse, `last tick ${lasting(now - Date.parse(lastTick.at))} ago`);
  setAttribute(pulse, "title", `The last tick took ${lastTick.durationMs} ms.`);
}
