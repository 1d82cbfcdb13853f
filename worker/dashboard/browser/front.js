/** What is shown in the place of a fleet: the form that asks for a token, and what to do where there is no fleet. */
import { NO_TOKEN } from "./api.js";
import { h } from "./dom.js";

/**
 * @param {HTMLElement} place
 * @param {{ refused: string | null, onToken: (token: string) => void }} options
 */
export function showSignIn(place, { refused, onToken }) {
  const field = h("input", {
    id: "token",
    type: "password",
    name: "token",
    required: true,
    autocomplete: "current-password",
    spellcheck: "false",
    autocapitalize: "none",
    ...(refused === null ? {} : { "aria-invalid": "true", "aria-describedby": "refused" }),
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const token = field.value.trim();
    if (token !== "") onToken(token);
  };
  place.replaceChildren(
    h(
      "form",
      { class: "card", submit },
      h("h1", {}, "Sign in"),
      h("p", {}, "A token shows the fleets. One of an operator may change them, too."),
      refused === null ? null : h("p", { id: "refused", class: "refused", role: "alert" }, refused),
      h("label", { for: "token" }, "Token"),
      field,
      h("button", { type: "submit", class: "first" }, "Sign in"),
      h(
        "p",
        { class: "quiet" },
        "It is one of those in OPERATOR_TOKEN or VIEWER_TOKEN, without its name. It stays in this tab until you sign out or close it.",
      ),
      h(
        "p",
        { class: "quiet" },
        "Did Cloudflare Access let you in? Where the Worker knows of it, you need none. ",
        h("button", { type: "button", click: () => onToken(NO_TOKEN) }, "Go on without a token"),
      ),
    ),
  );
  field.focus();
}

/** @param {HTMLElement} place @param {string} origin */
export function showNoFleet(place, origin) {
  const spec = {
    mode: "observe",
    region: "ap-northeast-2",
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    health: { port: 8080, path: "/health" },
    spares: { default: 2 },
    limits: { maxInstances: 10, maxMonthlyUsd: 250 },
  };
  place.replaceChildren(
    h(
      "div",
      { class: "card broad" },
      h("h1", {}, "No fleet yet"),
      h(
        "p",
        {},
        "A fleet begins with its spec. In observe mode it looks and decides, and changes nothing:",
      ),
      h(
        "pre",
        { tabindex: "0", "aria-label": "A command that creates a fleet" },
        `curl -X PUT -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n  ${origin}/v1/fleets/media -d '${JSON.stringify(spec, null, 2)}'`,
      ),
      h("p", { class: "quiet" }, "This page shows the fleet as soon as it is there."),
    ),
  );
}

/** @param {HTMLElement} place @param {string} title @param {string} text */
export function showMessage(place, title, text) {
  place.replaceChildren(h("div", { class: "card" }, h("h1", {}, title), h("p", {}, text)));
}
