/** All about one instance, and what an operator may do with it. */
import { ask, field, openDialog, reasonField, theDialog } from "./dialogs.js";
import { h, keyed, setText } from "./dom.js";
import { clock, fromNow, lasting, moment } from "./format.js";
import { eventLine } from "./log.js";
import { drainPlan, protectPlan, undrainPlan } from "./plans.js";
import { waitsFor } from "./tile.js";

/**
 * @import { EventView, InstanceView } from "../../../durable/rules/views.ts"
 * @typedef {{ act: (name: string, verb: string, body: unknown) => Promise<void>, events: (name: string) => Promise<readonly EventView[]> }} Hands
 */

/** @param {InstanceView} view @param {number} now @param {Hands} hands */
export function openDetails(view, now, hands) {
  const facts = h("dl", { class: "facts" });
  keyed(facts, factsOf(view, now), {
    key: ([label]) => label,
    make: ([label, text]) => h("div", {}, h("dt", {}, label), h("dd", {}, text)),
  });
  const log = h("ol", { class: "events" }, h("li", {}, "Loading ..."));
  openDialog(view.name, facts, buttonsOf(view, hands), h("h3", {}, "Its events"), log);
  void showEvents(log, view.name, now, hands);
}

/** @param {HTMLElement} log @param {string} name @param {number} now @param {Hands} hands */
async function showEvents(log, name, now, hands) {
  try {
    const events = await hands.events(name);
    log.replaceChildren(...events.slice(0, 30).map((event) => eventLine(event, now)));
  } catch (error) {
    setText(log, error instanceof Error ? error.message : String(error));
  }
}

/** @param {InstanceView} view @param {number} now @returns {[string, string][]} */
function factsOf(view, now) {
  /** @type {(written: string | null) => string} */
  const at = (written) => {
    const time = moment(written);
    return time === null ? "" : `${clock(time, now)}, ${fromNow(time, now)}`;
  };
  const paid = moment(view.paidUntil);
  const { addresses } = view;
  /** @type {[string, string][]} */
  const facts = [
    ["Phase", view.phase],
    ["Waits for", waitsFor(view, now).replace(/^waits for /u, "")],
    ["Last error", view.lastError ?? ""],
    ["Occupancy", `${view.occupancy}, ${view.sessions} of ${view.capacity} sessions`],
    ["Leased", view.leased > 0 ? `${view.leased} of ${view.capacity}` : ""],
    ["Asked", askedOf(view)],
    ["Last reading", at(view.lastReadingAt)],
    ["Idle since", at(view.idleSince)],
    ["Busy since", at(view.busySince)],
    ["Created", at(view.createdAt)],
    ["Ready", at(view.readyAt)],
    [
      "Hour paid for",
      paid === null
        ? ""
        : paid > now
          ? `${lasting(paid - now)} left, to ${clock(paid, now)}`
          : "over",
    ],
    [
      "Drain",
      view.drainReason === null ? "" : `${view.drainReason}, then ${view.drainThen ?? "delete"}`,
    ],
    ["Protected", view.protected ? `by ${view.protectedBy ?? "somebody"}` : "no"],
    ["Template", view.outdated ? "outdated: it is to be replaced" : "as the spec says"],
    ["Origin", view.adopted ? "adopted" : "launched by this fleet"],
    ["Zone, bundle", [view.zone, view.bundle].filter((part) => part !== null).join(", ")],
    [
      "Addresses",
      [addresses.public, addresses.private, addresses.ipv6]
        .filter((part) => part !== null)
        .join(", "),
    ],
  ];
  return facts.filter(([, text]) => text !== "");
}

/** @param {InstanceView} view */
function askedOf({ asked }) {
  const where = `port ${asked.port}, ${asked.path}`;
  if (asked.by === "spec") return where;
  return asked.by === "built"
    ? `${where}, as it was built`
    : `${where}, as it was built; the spec's way is tried`;
}

/** @param {InstanceView} view @param {Hands} hands */
function buttonsOf(view, hands) {
  const isDraining = view.phase === "draining" && view.drainReason === "operator";
  const mayDrain = view.phase === "ready" || view.phase === "warming";
  return h(
    "div",
    { class: "buttons" },
    mayDrain ? h("button", { type: "button", click: () => askDrain(view, hands) }, "Drain") : null,
    isDraining
      ? h(
          "button",
          {
            type: "button",
            click: () => askPlain(view, "undrain", "Take the drain back", undrainPlan(view), hands),
          },
          "Take the drain back",
        )
      : null,
    view.protected
      ? h(
          "button",
          {
            type: "button",
            click: () => askPlain(view, "unprotect", "Unprotect", protectPlan(view, false), hands),
          },
          "Unprotect",
        )
      : h(
          "button",
          {
            type: "button",
            click: () => askPlain(view, "protect", "Protect", protectPlan(view, true), hands),
          },
          "Protect",
        ),
  );
}

/** @param {InstanceView} view @param {Hands} hands */
function askDrain(view, hands) {
  const then = h(
    "select",
    {},
    h("option", { value: "delete" }, "delete it"),
    h("option", { value: "hold" }, "keep it, without sessions"),
  );
  const reason = reasonField();
  const chosen = () => (then.value === "hold" ? "hold" : "delete");
  ask({
    title: `Drain ${view.name}`,
    fields: [
      field("When it is empty", then, "drain-then"),
      field("Reason", reason, "drain-reason"),
    ],
    plan: () => drainPlan(view, chosen()),
    verb: "Drain",
    tone: "bad",
    act: () => hands.act(view.name, "drain", { then: chosen(), reason: reason.value }),
  });
}

/** @param {InstanceView} view @param {string} verb @param {string} title @param {string} plan @param {Hands} hands */
function askPlain(view, verb, title, plan, hands) {
  const reason = reasonField();
  ask({
    title: `${title}: ${view.name}`,
    fields: [field("Reason", reason, "plain-reason")],
    plan: () => plan,
    verb: title,
    act: () => hands.act(view.name, verb, { reason: reason.value }),
  });
}

export function closeDetails() {
  if (theDialog().open) theDialog().close();
}
