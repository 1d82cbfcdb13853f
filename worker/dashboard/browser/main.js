/** The page: who looks at it, at which fleet, and what is shown of it. */
import { CallError, createApi } from "./api.js";
import { createChart } from "./chart.js";
import { closeDetails, openDetails } from "./details.js";
import { askEndOverride, askHeldTag, askOverride, askPause, askResume } from "./dialogs.js";
import { byId, h, keyed, setAttribute, setText, show } from "./dom.js";
import { showMessage, showNoFleet, showSignIn } from "./front.js";
import { showGlance, showPulse } from "./glance.js";
import { showHeld } from "./held.js";
import { Live } from "./live.js";
import { showLog } from "./log.js";
import { drawPart } from "./part.js";
import { seconds } from "./format.js";
import { showReasons } from "./reasons.js";
import { Tiles } from "./tiles.js";

/**
 * @import { EventView } from "../../../durable/rules/views.ts"
 * @import { Pausable } from "../../../durable/rules/model.ts"
 * @import { Api } from "./api.js"
 * @import { Seen } from "./live.js"
 */

const TOKEN = "lightfleet.token";
const LOOK_FOR_FLEETS_MS = 5_000;
const SECOND_MS = 1_000;
/** @type {readonly (readonly [number, string])[]} */
const RANGES = [
  [1, "1 h"],
  [24, "24 h"],
  [168, "7 d"],
];

/** @type {{ api: Api | null, live: Live | null, fleet: string, seen: Seen | null, hours: number, failure: CallError | null, heardAt: number | null, fleets: ReturnType<typeof setTimeout> | undefined }} */
const page = {
  api: null,
  live: null,
  fleet: "",
  seen: null,
  hours: 1,
  failure: null,
  heardAt: null,
  fleets: undefined,
};

/** Null where not even its frame could be made. @type {import("./chart.js").Chart | null} */
let chart = null;
drawPart(byId("chart"), "The chart", () => {
  chart = createChart();
});

const tiles = new Tiles(openInstance);

signIn(sessionStorage.getItem(TOKEN), null);
byId("sign-out").addEventListener("click", () => signIn(null, null));
window.addEventListener("hashchange", () => {
  if (page.api !== null) void chooseFleet(page.api);
});
byId("fleets").addEventListener("change", ({ target }) => {
  if (target instanceof HTMLSelectElement) location.hash = `fleet=${target.value}`;
});
byId("filter").addEventListener("input", ({ target }) => {
  if (target instanceof HTMLInputElement) tiles.filter(target.value);
});
byId("do-override").addEventListener("click", () => withSeen(openOverride));
byId("do-end-override").addEventListener("click", () =>
  withSeen(({ status }) => askEndOverride(status, () => change("DELETE", "/target"))),
);
byId("do-pause").addEventListener("click", () =>
  withSeen(({ status }) => askPause(status, (body) => change("POST", "/pause", body))),
);
byId("ranges").append(
  ...RANGES.map(([hours, words]) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(hours === page.hours),
        value: String(hours),
        click: () => chooseHours(hours),
      },
      words,
    ),
  ),
);
drawPart(byId("footer"), "The zone of the times", () =>
  setText(
    byId("footer"),
    `Times are those of this browser (${Intl.DateTimeFormat().resolvedOptions().timeZone}). Costs are at bundle prices: this month as AWS bills it, in UTC; today since midnight in the fleet's zone.`,
  ),
);
setInterval(everySecond, SECOND_MS);

/** With a token, the fleets are looked for; without one, it is asked for. @param {string | null} token @param {string | null} refused */
function signIn(token, refused) {
  forget();
  page.api = token === null ? null : createApi(token);
  if (token === null) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, token);
  show(byId("sign-out"), token !== null);
  if (page.api !== null) void chooseFleet(page.api);
  else {
    front();
    document.title = "Lightfleet";
    showSignIn(byId("front"), { refused, onToken: (given) => signIn(given, null) });
  }
}

/** Ends what is shown, data and all. */
function forget() {
  clearTimeout(page.fleets);
  page.live?.stop();
  Object.assign(page, { live: null, fleet: "", seen: null, failure: null, heardAt: null });
  tiles.clear();
  chart?.clear();
  closeDetails();
  for (const id of ["picker", "pulse", "notice", "fleet", "footer"]) show(byId(id), false);
  for (const id of ["where", "verdict-why", "verdict-todo", "announce"]) setText(byId(id), "");
  for (const id of ["numbers", "chain", "next", "blockers", "log", "marks"])
    byId(id).replaceChildren();
}

/** Shows the place for what is no fleet. */
function front() {
  show(byId("fleet"), false);
  show(byId("front"), true);
}

/** The one that the address names, or the first. @param {Api} api */
async function chooseFleet(api) {
  clearTimeout(page.fleets);
  try {
    const fleets = /** @type {{ name: string }[]} */ (await api.list("/v1/fleets", "fleets"));
    if (page.api !== api) return;
    const names = fleets.map(({ name }) => name);
    const wanted = /^#fleet=([a-z0-9-]{1,32})$/u.exec(location.hash)?.[1] ?? names[0];
    fillPicker(names, wanted);
    if (wanted === undefined || !names.includes(wanted)) {
      forgetFleet();
      if (wanted === undefined) showNoFleet(byId("front"), location.origin);
      else
        showMessage(
          byId("front"),
          `There is no fleet ${wanted}`,
          names.length === 0 ? "There is none at all yet." : `There are: ${names.join(", ")}.`,
        );
      page.fleets = setTimeout(() => void chooseFleet(api), LOOK_FOR_FLEETS_MS);
    } else if (wanted !== page.fleet) watch(api, wanted);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (page.api !== api) return;
    if (error.status === 401) return signIn(null, error.message);
    forgetFleet();
    showMessage(
      byId("front"),
      "The fleets cannot be shown",
      `${error.message} It is tried again by itself.`,
    );
    page.fleets = setTimeout(() => void chooseFleet(api), LOOK_FOR_FLEETS_MS);
  }
}

function forgetFleet() {
  const isShown = !byId("picker").hidden;
  forget();
  show(byId("picker"), isShown);
  front();
}

/** @param {readonly string[]} names @param {string | undefined} wanted */
function fillPicker(names, wanted) {
  keyed(byId("fleets"), names, {
    key: (name) => name,
    make: (name) => h("option", { value: name }, name),
  });
  const picker = byId("fleets");
  if (picker instanceof HTMLSelectElement && wanted !== undefined) picker.value = wanted;
  show(byId("picker"), names.length > 0);
}

/** @param {Api} api @param {string} fleet */
function watch(api, fleet) {
  forget();
  show(byId("picker"), true);
  page.fleet = fleet;
  show(byId("front"), false);
  show(byId("fleet"), true);
  show(byId("footer"), true);
  setAttribute(byId("fleet"), "aria-busy", "true");
  setText(byId("verdict"), "Loading");
  setAttribute(byId("verdict"), "data-tone", "quiet");
  page.live = new Live(api, fleet, { hours: page.hours, onSeen, onFailure });
  page.live.start();
}

/** @param {Seen} seen */
function onSeen(seen) {
  Object.assign(page, { seen, failure: null, heardAt: seen.now });
  setAttribute(byId("fleet"), "aria-busy", "false");
  show(byId("notice"), false);
  drawGlance(seen, null);
  showReasons(seen);
  drawPart(byId("blockers"), "What holds the fleet back", () =>
    showHeld(seen.status, seen.now, { resume: openResume, judgeTag: openHeldTag }),
  );
  drawPart(byId("log"), "The log of decisions", () => showLog(seen));
  tiles.show(seen);
  // A frame of its own: the chart is the dearest to draw.
  requestAnimationFrame(() => {
    if (page.seen === seen)
      drawPart(byId("legend"), "The history", () => chart?.show(seen, page.hours));
  });
}

/** @param {Seen} seen @param {number | null} silentMs */
function drawGlance(seen, silentMs) {
  drawPart(byId("pulse"), "The age of the last tick", () => showPulse(seen.status, seen.now));
  drawPart(byId("numbers"), "The state at a glance", () => showGlance(seen, silentMs));
}

/** @param {CallError} error @param {number | null} heardAt */
function onFailure(error, heardAt) {
  if (error.status === 401) return signIn(null, `${error.message} You were signed out.`);
  if (error.status === 404 && page.api !== null) {
    const { api } = page;
    page.fleet = "";
    page.live?.stop();
    return void chooseFleet(api);
  }
  page.failure = error;
  const since =
    heardAt === null ? "Nothing was heard yet." : `What is shown is of ${seconds(heardAt)}.`;
  setText(byId("notice"), `${error.message} ${since} It is tried again by itself.`);
  setAttribute(byId("notice"), "data-tone", "bad");
  show(byId("notice"), true);
}

/** Time passes, also where nothing is heard. */
function everySecond() {
  const { seen, api, failure, heardAt } = page;
  if (seen === null || api === null || document.hidden) return;
  const now = Date.now() + api.skewMs();
  drawGlance({ ...seen, now }, failure === null ? null : now - (heardAt ?? now));
}

/** @param {number} hours */
function chooseHours(hours) {
  page.hours = hours;
  for (const button of byId("ranges").children)
    if (button instanceof HTMLButtonElement)
      setAttribute(button, "aria-pressed", String(Number(button.value) === hours));
  page.live?.setHours(hours);
}

/** @param {(seen: Seen) => void} use */
function withSeen(use) {
  if (page.seen !== null) use(page.seen);
}

/** @param {Seen} seen */
function openOverride({ status, instances, history, now }) {
  const hourly = history?.points.at(-1)?.usdPerHour ?? null;
  const { total } = status.counts;
  askOverride(status, {
    // A fleet without an instance has not shown yet how many sessions one takes.
    capacity: instances[0]?.capacity ?? 1,
    usdPerServerHour: hourly === null || total === 0 ? null : hourly / total,
    now: () => now,
    send: (body) => change("PUT", "/target", body),
  });
}

/** @param {Pausable} what */
function openResume(what) {
  askResume(what, (body) => change("POST", "/resume", body));
}

/** @param {"confirm" | "refuse"} verdict */
function openHeldTag(verdict) {
  withSeen(({ status }) =>
    askHeldTag(status, verdict, (body) => change("POST", `/target/${verdict}`, body)),
  );
}

/** @param {string} name */
function openInstance(name) {
  const view = page.seen?.instances.find((each) => each.name === name);
  if (view === undefined || page.seen === null || page.api === null) return;
  const { api } = page;
  const path = `/v1/fleets/${page.fleet}/instances/${name}`;
  openDetails(view, page.seen.now, {
    act: (_name, verb, body) => change("POST", `/instances/${name}/${verb}`, body),
    events: async () => /** @type {{ events: EventView[] }} */ (await api.get(path)).events,
  });
}

/** A change, and what came of it at once. @param {string} method @param {string} path @param {unknown} [body] */
async function change(method, path, body) {
  if (page.api === null) throw new CallError(401, "You are signed out.");
  await page.api.send(method, `/v1/fleets/${page.fleet}${path}`, body);
  page.live?.refresh();
}
