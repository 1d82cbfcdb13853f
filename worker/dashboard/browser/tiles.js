/**
 * Every instance as a tile, in the group of its phase. A thousand of them stay smooth: a tile is made
 * once, only what differs is written, and the work is spread over frames.
 */
import { byId, h, setAttribute, setText, show } from "./dom.js";
import { tileOf } from "./tile.js";

/**
 * @import { InstanceView } from "../../../durable/rules/views.ts"
 * @import { Seen } from "./live.js"
 * @import { Group, Tile } from "./tile.js"
 * @typedef {{ tile: Tile, element: HTMLElement, button: HTMLButtonElement, parts: Readonly<Record<string, HTMLElement>>, search: string }} Shown
 * @typedef {{ show: (seen: Seen) => void, filter: (text: string) => void, clear: () => void }} Tiles
 */

/** Of a frame's sixteen. */
const FRAME_BUDGET_MS = 6;

/** @type {readonly (readonly [Group, string])[]} */
const GROUPS = [
  ["launching", "Launching"],
  ["ready", "Ready"],
  ["draining", "Draining"],
  ["deleting", "Deleting"],
  ["lost", "Lost"],
];
/** What a tile says, row by row; `paid` is a bar. */
const ROWS = [["name", "state"], ["age", "hour"], ["paid"], ["flags"], ["waits"]];
const PARTS = ROWS.flat();

/** @param {(name: string) => void} onOpen @returns {Tiles} */
export function createTiles(onOpen) {
  const place = byId("tiles");
  const empty = h("p", { class: "none" }, "");
  const groups = new Map(GROUPS.map(([group, title]) => [group, groupOf(title)]));
  place.replaceChildren(empty, ...[...groups.values()].map(({ section }) => section));
  place.addEventListener("keydown", moveFocus);
  place.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button.tile") : null;
    if (button instanceof HTMLButtonElement) onOpen(button.value);
  });

  /** @type {Map<string, Shown>} */
  const known = new Map();
  let wanted = "";
  /** @type {Generator<void, void, void> | null} */
  let work = null;
  let frame = 0;

  const run = () => {
    frame = 0;
    const until = performance.now() + FRAME_BUDGET_MS;
    while (work !== null && performance.now() < until) if (work.next().done === true) work = null;
    if (work !== null) frame = requestAnimationFrame(run);
  };

  /** @param {Seen} seen */
  function* arrange({ status, instances, now }) {
    const tiles = instances.map((view) => ({ view, tile: tileOf(view, status.fleet, now) }));
    const byGroup = Map.groupBy(tiles.toSorted(byNumber), ({ tile }) => tile.group);
    setText(empty, instances.length === 0 ? emptyWords(status.target.spares) : "");
    show(empty, instances.length === 0);
    const names = new Set(instances.map(({ name }) => name));
    for (const [name, { element }] of known)
      if (!names.has(name)) {
        element.remove();
        known.delete(name);
      }
    for (const [group, { section, list, count }] of groups) {
      const members = byGroup.get(group) ?? [];
      show(section, members.length > 0);
      setText(count, String(members.length));
      // Those that come from another group go to the end first; then few are out of place.
      for (const { tile } of members) {
        const shown = known.get(tile.full);
        if (shown !== undefined && shown.element.parentElement !== list) list.append(shown.element);
      }
      yield* fill(list, members);
    }
    const first = place.querySelector("button.tile");
    if (place.querySelector('button.tile[tabindex="0"]') === null && first !== null)
      setAttribute(first, "tabindex", "0");
  }

  /** @param {HTMLElement} list @param {readonly { view: InstanceView, tile: Tile }[]} members @returns {Generator<void, void, void>} */
  function* fill(list, members) {
    let place = list.firstElementChild;
    for (const { view, tile } of members) {
      const shown = known.get(tile.full) ?? made(tile);
      known.set(tile.full, shown);
      write(shown, tile);
      shown.search =
        `${tile.full} ${tile.state} ${tile.flags} ${view.zone} ${view.addresses.public ?? ""}`.toLowerCase();
      show(shown.element, shown.search.includes(wanted));
      if (shown.element === place) place = place.nextElementSibling;
      else list.insertBefore(shown.element, place);
      yield;
    }
  }

  return {
    show: (seen) => {
      work = arrange(seen);
      if (frame === 0) frame = requestAnimationFrame(run);
    },
    filter: (text) => {
      wanted = text.trim().toLowerCase();
      for (const { element, search } of known.values()) show(element, search.includes(wanted));
    },
    clear: () => {
      work = null;
      for (const { element } of known.values()) element.remove();
      known.clear();
    },
  };
}

/** @param {string} title */
function groupOf(title) {
  const count = h("span", { class: "count" });
  const list = h("ul", { class: "tiles", "aria-label": title });
  const section = h(
    "section",
    { class: "group", hidden: true },
    h("h3", {}, title, " ", count),
    list,
  );
  return { section, list, count };
}

/** @param {Tile} tile @returns {Shown} */
function made(tile) {
  const parts = Object.fromEntries(PARTS.map((name) => [name, h("span", { class: name })]));
  const rows = ROWS.map((names) => {
    const [only, ...others] = names.map((name) => parts[name] ?? null);
    return others.length === 0
      ? (only ?? null)
      : h("span", { class: "row" }, only ?? null, ...others);
  });
  const button = h(
    "button",
    { type: "button", class: "tile", tabindex: "-1", value: tile.full, title: tile.full },
    ...rows,
  );
  return {
    tile: { ...tile, tone: "quiet", hourShare: -1 },
    element: h("li", {}, button),
    button,
    parts,
    search: "",
  };
}

/** @param {Shown} shown @param {Tile} tile */
function write(shown, tile) {
  const { button, parts } = shown;
  for (const name of PARTS) {
    const part = parts[name];
    if (part === undefined || name === "paid") continue;
    const text = tile[/** @type {"name"} */ (name)];
    setText(part, text);
  }
  if (shown.tile.tone !== tile.tone) button.dataset["tone"] = tile.tone;
  if (shown.tile.hourShare !== tile.hourShare)
    parts["paid"]?.style.setProperty("--share", `${tile.hourShare}%`);
  shown.tile = tile;
}

/** The order in which they were made, so that a tile keeps its place. @param {{ tile: Tile }} one @param {{ tile: Tile }} other */
function byNumber({ tile: one }, { tile: other }) {
  return one.full.localeCompare(other.full, "en", { numeric: true });
}

/** @param {number} target */
function emptyWords(target) {
  return target === 0
    ? "There is no instance, and none is wanted."
    : "There is no instance yet. The next tick decides how many are launched.";
}

/** The tiles are one stop of the Tab key; the arrows lead from one to the next. @param {KeyboardEvent} event */
function moveFocus(event) {
  const { target, key, currentTarget } = event;
  if (!(target instanceof HTMLButtonElement) || !(currentTarget instanceof HTMLElement)) return;
  const buttons = [...currentTarget.querySelectorAll("button.tile")]
    .filter((each) => each instanceof HTMLButtonElement)
    .filter((each) => each.offsetParent !== null);
  const to = buttons[placeAfter(key, buttons.indexOf(target), buttons)];
  if (to === undefined) return;
  event.preventDefault();
  target.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

/** @param {string} key @param {number} from @param {readonly HTMLElement[]} buttons */
function placeAfter(key, from, buttons) {
  const row = buttons.filter((each) => each.offsetTop === buttons[from]?.offsetTop).length;
  switch (key) {
    case "ArrowRight":
      return from + 1;
    case "ArrowLeft":
      return from - 1;
    case "ArrowDown":
      return Math.min(from + row, buttons.length - 1);
    case "ArrowUp":
      return Math.max(from - row, 0);
    case "Home":
      return 0;
    case "End":
      return buttons.length - 1;
    default:
      return -1;
  }
}
