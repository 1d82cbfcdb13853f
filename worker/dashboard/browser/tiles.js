/**
 * Every instance as a tile, in the group of its phase. A thousand of them stay smooth: a tile is made
 * once, only what differs is written, and the work is spread over frames.
 */
import { byId, h, setAttribute, setText, show } from "./dom.js";
import { drawPart } from "./part.js";
import { tileOf } from "./tile.js";

/**
 * @import { InstanceView } from "../../../durable/rules/views.ts"
 * @import { Seen } from "./live.js"
 * @import { Group, Tile } from "./tile.js"
 * @typedef {{ tile: Tile, element: HTMLElement, button: HTMLButtonElement, parts: Readonly<Record<string, HTMLElement>>, search: string }} Shown
 * @typedef {{ view: InstanceView, tile: Tile, prefix: string, number: number }} Placed
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

export class Tiles {
  #place = byId("tiles");
  #empty = h("p", { class: "none" });
  #groups = new Map(GROUPS.map(([group, title]) => [group, groupOf(title)]));
  /** @type {Map<string, Shown>} */
  #known = new Map();
  #wanted = "";
  /** @type {Generator<void, void, void> | null} */
  #work = null;
  #frame = 0;

  /** @param {(name: string) => void} onOpen */
  constructor(onOpen) {
    const sections = [...this.#groups.values()].map(({ section }) => section);
    this.#place.replaceChildren(this.#empty, ...sections);
    this.#place.addEventListener("keydown", moveFocus);
    this.#place.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest("button.tile") : null;
      if (button instanceof HTMLButtonElement) onOpen(button.value);
    });
  }

  /** What is still under way of an earlier call is given up: this one has all of it. @param {Seen} seen */
  show(seen) {
    this.#work = this.#arrange(seen);
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#run);
  }

  /** @param {string} text */
  filter(text) {
    this.#wanted = text.trim().toLowerCase();
    for (const { element, search } of this.#known.values())
      show(element, search.includes(this.#wanted));
  }

  clear() {
    this.#work = null;
    for (const { element } of this.#known.values()) element.remove();
    this.#known.clear();
  }

  #run = () => {
    this.#frame = 0;
    const until = performance.now() + FRAME_BUDGET_MS;
    const isWhole = drawPart(this.#place, "The instances", () => {
      while (this.#work !== null && performance.now() < until)
        if (this.#work.next().done === true) this.#work = null;
    });
    // What fails is given up: the next reply brings all of it again.
    if (!isWhole) this.#work = null;
    if (this.#work !== null) this.#frame = requestAnimationFrame(this.#run);
  };

  /** @param {Seen} seen @returns {Generator<void, void, void>} */
  *#arrange({ status, instances, now }) {
    /** @type {Placed[]} */
    const tiles = [];
    for (const view of instances) {
      tiles.push({ view, tile: tileOf(view, status.fleet, now), ...orderOf(view.name) });
      yield;
    }
    const byGroup = Map.groupBy(tiles.toSorted(inOrder), ({ tile }) => tile.group);
    setText(this.#empty, instances.length === 0 ? emptyWords(status.target.spares) : "");
    show(this.#empty, instances.length === 0);
    this.#drop(new Set(instances.map(({ name }) => name)));
    for (const [group, { section, list, count }] of this.#groups) {
      const members = byGroup.get(group) ?? [];
      show(section, members.length > 0);
      setText(count, String(members.length));
      this.#gather(list, members);
      yield* this.#fill(list, members);
    }
    const first = this.#place.querySelector("button.tile");
    if (first !== null && this.#place.querySelector('button.tile[tabindex="0"]') === null)
      setAttribute(first, "tabindex", "0");
  }

  /** @param {ReadonlySet<string>} names */
  #drop(names) {
    for (const [name, { element }] of this.#known) {
      if (names.has(name)) continue;
      element.remove();
      this.#known.delete(name);
    }
  }

  /** Those that come from another group go to the end first; then few are out of place. @param {HTMLElement} list @param {readonly Placed[]} members */
  #gather(list, members) {
    for (const { tile } of members) {
      const shown = this.#known.get(tile.full);
      if (shown !== undefined && shown.element.parentElement !== list) list.append(shown.element);
    }
  }

  /** @param {HTMLElement} list @param {readonly Placed[]} members @returns {Generator<void, void, void>} */
  *#fill(list, members) {
    let place = list.firstElementChild;
    for (const { view, tile } of members) {
      const shown = this.#known.get(tile.full) ?? made(tile);
      this.#known.set(tile.full, shown);
      write(shown, tile);
      shown.search = searchOf(view, tile);
      show(shown.element, shown.search.includes(this.#wanted));
      if (shown.element === place) place = place.nextElementSibling;
      else list.insertBefore(shown.element, place);
      yield;
    }
  }
}

/** @param {InstanceView} view @param {Tile} tile */
function searchOf({ zone, addresses }, { full, state, flags }) {
  return `${full} ${state} ${flags} ${zone} ${addresses.public ?? ""}`.toLowerCase();
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

/** In which they were made, so that a tile keeps its place. @param {string} name */
function orderOf(name) {
  const dash = name.lastIndexOf("-");
  return { prefix: name.slice(0, dash), number: Number(name.slice(dash + 1)) };
}

/** @param {Placed} one @param {Placed} other */
function inOrder(one, other) {
  if (one.prefix !== other.prefix) return one.prefix < other.prefix ? -1 : 1;
  return one.number - other.number || (one.view.name < other.view.name ? -1 : 1);
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
