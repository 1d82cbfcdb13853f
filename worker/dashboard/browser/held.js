/** What holds the fleet back, one row a cause, with the buttons of its remedy beside it. */
import { byId, h, keyed, setText, show } from "./dom.js";
import { capitalized, clock, fromNow, lasting } from "./format.js";

/**
 * @import { AlertView, BlockerView, PauseView, Status } from "../../../durable/rules/views.ts"
 * @typedef {{ label: string, press: () => void }} Remedy
 * @typedef {{ key: string, title: string, tone: string, lines: readonly string[], remedies: readonly Remedy[] }} Item
 * @typedef {{ resume: (what: PauseView["what"]) => void, judgeTag: (verdict: "confirm" | "refuse") => void }} Remedies
 */

/** Alerts of these kinds are about a guard, which has a row already. @type {ReadonlySet<string>} */
const OF_GUARDS = new Set(["blindEyes", "credentials", "failedBoots", "rollout"]);

/** @param {Status} status @param {number} now @param {Remedies} remedies */
export function showHeld(status, now, remedies) {
  const items = itemsOf(status, now, remedies);
  show(byId("held"), items.length > 0);
  keyed(byId("blockers"), items, {
    key: ({ key }) => key,
    make: ({ tone, remedies: buttons }) =>
      h(
        "li",
        { "data-tone": tone },
        h("strong"),
        h("span"),
        h("span", { class: "quiet" }),
        buttons.length === 0
          ? null
          : h(
              "span",
              { class: "buttons" },
              ...buttons.map(({ label, press }) =>
                h("button", { type: "button", click: press }, label),
              ),
            ),
      ),
    update: (element, { title, lines }) => {
      for (const [index, text] of [title, lines[0] ?? "", lines[1] ?? ""].entries()) {
        const part = element.children[index];
        if (part !== undefined) setText(part, text);
      }
    },
  });
}

/** @param {Status} status @param {number} now @param {Remedies} remedies @returns {Item[]} */
function itemsOf(status, now, remedies) {
  const { blockers, alerts, paused } = status;
  // The pauses say more than the guard that they are.
  const guards = blockers.filter(({ guard }) => guard !== "paused" || paused.length === 0);
  const others = alerts.filter((alert) => !guards.some((blocker) => isAbout(alert, blocker)));
  return [
    ...paused.map((pause) => pauseItem(pause, now, remedies)),
    ...heldTagItems(status, now, remedies),
    ...guards.map((blocker) =>
      guardItem(blocker, alerts.find((alert) => isAbout(alert, blocker)) ?? null, now),
    ),
    ...others.map((alert) => alertItem(alert, now)),
    ...messageItems(status),
  ];
}

/** @param {AlertView} alert @param {BlockerView} blocker */
function isAbout({ kind, subject }, { guard }) {
  return (kind === "guard" && subject === guard) || (OF_GUARDS.has(kind) && kind === guard);
}

/** @param {PauseView} pause @param {number} now @param {Remedies} remedies @returns {Item} */
function pauseItem({ what, reason, actor, until }, now, { resume }) {
  const end =
    until === null ? "Until somebody resumes it." : `Until ${clock(Date.parse(until), now)}.`;
  return {
    key: `pause ${what}`,
    title: `${capitalized(what)} is paused`,
    tone: "warn",
    lines: [`By ${actor}: ${reason}. ${end}`],
    remedies: [{ label: "Resume", press: () => resume(what) }],
  };
}

/** @param {Status} status @param {number} now @param {Remedies} remedies @returns {Item[]} */
function heldTagItems({ target }, now, { judgeTag }) {
  const { heldTag } = target;
  if (heldTag === null) return [];
  const { expression, rulesAt } = heldTag;
  return [
    {
      key: `tag ${expression}`,
      title: `The tag jumps to ${expression}`,
      tone: "bad",
      lines: [
        "It is far above the target before it, and may be a slip.",
        `Unless somebody refuses it, it takes effect ${fromNow(Date.parse(rulesAt), now)}.`,
      ],
      remedies: [
        { label: "Take it now", press: () => judgeTag("confirm") },
        { label: "Refuse it", press: () => judgeTag("refuse") },
      ],
    },
  ];
}

/** In the words of its alert, once there is one. @param {BlockerView} blocker @param {AlertView | null} alert @param {number} now @returns {Item} */
function guardItem({ guard, value, limit, since, retryAt, fix }, alert, now) {
  const figures = [
    value !== null && limit !== null ? `${value} of ${limit}` : "",
    `for ${lasting(now - Date.parse(since))}`,
    retryAt === null ? "" : `tried again ${fromNow(Date.parse(retryAt), now)}`,
  ];
  return {
    key: `guard ${guard}`,
    title: alert === null ? guard : `${guard}: ${alert.what}`,
    tone: alert?.severity === "page" ? "bad" : "warn",
    lines: [
      `To do: ${alert?.canDo ?? `${fix}.`}`,
      figures.filter((part) => part !== "").join(", "),
    ],
    remedies: [],
  };
}

/** @param {AlertView} alert @param {number} now @returns {Item} */
function alertItem({ kind, subject, severity, since, what, canDo }, now) {
  return {
    key: `alert ${kind} ${subject}`,
    title: what,
    tone: severity === "page" ? "bad" : "warn",
    lines: [`To do: ${canDo}`, `for ${lasting(now - Date.parse(since))}`],
    remedies: [],
  };
}

/** @param {Status} status @returns {Item[]} */
function messageItems({ notifyTrouble }) {
  if (notifyTrouble === null) return [];
  const title = "Messages do not get through";
  return [{ key: "notify", title, tone: "warn", lines: [notifyTrouble], remedies: [] }];
}
