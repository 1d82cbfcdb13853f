/** What asks before something is changed, and says what will happen. */
import { CallError } from "./api.js";
import { byId, h, setText, show } from "./dom.js";
import { overridePlan, PAUSED, pausePlan } from "./plans.js";

/**
 * @import { Pausable } from "../../../durable/rules/model.ts"
 * @import { Status } from "../../../durable/rules/views.ts"
 * @typedef {{ title: string, fields: readonly HTMLElement[], plan: () => string, verb: string, tone?: "bad", act: () => Promise<void> }} Question
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** @type {readonly (readonly [number, string])[]} */
const SPANS = [
  [15 * MINUTE, "15 minutes"],
  [HOUR, "1 hour"],
  [2 * HOUR, "2 hours"],
  [4 * HOUR, "4 hours"],
  [12 * HOUR, "12 hours"],
  [24 * HOUR, "1 day"],
  [7 * 24 * HOUR, "1 week"],
];

export function theDialog() {
  const dialog = byId("dialog");
  if (!(dialog instanceof HTMLDialogElement)) throw new Error("#dialog is no dialog");
  return dialog;
}

/** @param {string} title @param {...HTMLElement} body */
export function openDialog(title, ...body) {
  const dialog = theDialog();
  const close = h(
    "button",
    { type: "button", class: "plain", click: () => dialog.close() },
    "Close",
  );
  dialog.replaceChildren(
    h("div", { class: "head" }, h("h2", { id: "dialog-title" }, title), close),
    ...body,
  );
  if (!dialog.open) dialog.showModal();
  return dialog;
}

/** Asks; the dialog closes when it was done, and says what was refused. @param {Question} question */
export function ask({ title, fields, plan, verb, tone, act }) {
  const said = h("p", { class: "plan", "aria-live": "polite" }, plan());
  const refused = h("p", { class: "refused", role: "alert", hidden: true });
  const button = h(
    "button",
    { type: "submit", class: "first", ...(tone === undefined ? {} : { "data-tone": tone }) },
    verb,
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    button.disabled = true;
    show(refused, false);
    try {
      await act();
      theDialog().close();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      setText(refused, error.message);
      show(refused, true);
    } finally {
      button.disabled = false;
    }
  };
  const form = h(
    "form",
    { submit: (event) => void submit(event), input: () => setText(said, plan()) },
    ...fields,
    h("h3", {}, "What will happen"),
    said,
    refused,
    h(
      "div",
      { class: "buttons" },
      button,
      h("button", { type: "button", click: () => theDialog().close() }, "Cancel"),
    ),
  );
  openDialog(title, form);
}

/** @param {string} label @param {HTMLElement} control @param {string} id */
export function field(label, control, id) {
  control.id = id;
  return h("div", { class: "field" }, h("label", { for: id }, label), control);
}

/** For the audit trail. */
export function reasonField() {
  return h("input", {
    type: "text",
    maxlength: "200",
    autocomplete: "off",
    placeholder: "for the audit trail",
  });
}

/** @param {readonly (readonly [number, string])[]} spans @param {number} chosen */
function spanField(spans, chosen) {
  return h(
    "select",
    {},
    ...spans.map(([seconds, words]) =>
      h("option", { value: String(seconds), selected: seconds === chosen }, words),
    ),
  );
}

/**
 * @param {Status} status
 * @param {{ capacity: number, usdPerServerHour: number | null, now: () => number, send: (body: unknown) => Promise<void> }} how
 */
export function askOverride(status, { capacity, usdPerServerHour, now, send }) {
  const spares = h("input", {
    type: "text",
    required: true,
    autocomplete: "off",
    inputmode: "text",
    value: String(status.target.spares),
    pattern: "[0-9A-Za-z:.%+ ]{1,40}",
  });
  const span = spanField(SPANS, HOUR);
  const reason = reasonField();
  ask({
    title: "Override the target",
    fields: [
      field(
        "Spares: a number, or an expression such as 10+20% or total:60",
        spares,
        "override-spares",
      ),
      field("For", span, "override-span"),
      field("Reason", reason, "override-reason"),
    ],
    plan: () =>
      overridePlan(status, {
        expression: spares.value,
        seconds: Number(span.value),
        capacity,
        usdPerServerHour,
        now: now(),
      }),
    verb: "Set the override",
    act: () =>
      send({
        spares: spares.value.trim(),
        expiresInSeconds: Number(span.value),
        reason: reason.value,
      }),
  });
}

/** @param {Status} status @param {() => Promise<void>} act */
export function askEndOverride({ target }, act) {
  const below = target.chain.find(({ source, spares }) => source !== "override" && spares !== null);
  ask({
    title: "End the override",
    fields: [],
    plan: () =>
      below === undefined
        ? "The target goes back to what the spec says."
        : `The target goes from ${target.spares} to ${below.spares}, which is what the ${below.source} says. Overrides that are booked for later stay.`,
    verb: "End it",
    act,
  });
}

/** @param {Status} status @param {(body: unknown) => Promise<void>} send */
export function askPause(status, send) {
  const paused = new Set(status.paused.map(({ what }) => what));
  const all = /** @type {Pausable[]} */ (Object.keys(PAUSED));
  const boxes = all.map((what) =>
    h("input", { type: "checkbox", name: what, id: `pause-${what}`, checked: paused.has(what) }),
  );
  const span = spanField([[0, "until it is resumed"], ...SPANS], HOUR);
  const reason = reasonField();
  const chosen = () => all.filter((_, index) => boxes[index]?.checked === true);
  const seconds = () => (span.value === "0" ? null : Number(span.value));
  ask({
    title: "Pause",
    fields: [
      h(
        "fieldset",
        {},
        h("legend", {}, "What"),
        ...boxes.map((box) => h("label", { class: "box", for: box.id }, box, box.name)),
      ),
      field("For", span, "pause-span"),
      field("Reason", reason, "pause-reason"),
    ],
    plan: () => pausePlan(chosen(), seconds()),
    verb: "Pause",
    act: async () => {
      if (chosen().length === 0) throw new CallError(0, "Nothing is chosen yet.");
      await send({ what: chosen(), reason: reason.value, expiresInSeconds: seconds() });
    },
  });
}

/** @param {Pausable} what @param {(body: unknown) => Promise<void>} send */
export function askResume(what, send) {
  ask({
    title: "Resume",
    fields: [],
    plan: () =>
      `${what} goes on from the next tick: what was held back meanwhile may be launched or taken away at once.`,
    verb: "Resume",
    act: () => send({ what: [what] }),
  });
}

/** @param {Status} status @param {"confirm" | "refuse"} verdict @param {(body: unknown) => Promise<void>} send */
export function askHeldTag({ target }, verdict, send) {
  const { heldTag } = target;
  if (heldTag === null) return;
  const { expression } = heldTag;
  const reason = reasonField();
  ask({
    title: verdict === "confirm" ? "Take the tag's value now" : "Refuse the tag's value",
    fields: [field("Reason", reason, "tag-reason")],
    plan: () =>
      verdict === "confirm"
        ? `The target becomes ${expression} with the next tick.`
        : `The target stays ${target.spares} for as long as the tag says ${expression}.`,
    verb: verdict === "confirm" ? "Take it" : "Refuse it",
    act: () => send({ expression, reason: reason.value }),
  });
}
