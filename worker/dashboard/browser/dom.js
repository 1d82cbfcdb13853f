/** The few things that are done to the document. Nothing here takes text for markup. */

/**
 * @typedef {Node | string | null} Child
 * @typedef {Readonly<Record<string, string | boolean | EventListener>>} Attributes
 */

/** What would change how other text reads, and be seen by nobody: controls, marks of direction, joiners. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text with what is invisible in it shown as `\u202E`. @param {string} text */
export function visible(text) {
  return text.replace(
    INVISIBLE,
    (letter) => `\\u${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

/**
 * An element; an attribute that is true is set, one that is false is not, and a function listens.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  const shown = children.filter((child) => child !== null);
  element.append(...shown.map((child) => (typeof child === "string" ? visible(child) : child)));
  return element;
}

/** The element of the shell with that id. @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** Writes only what is new: untouched text costs no layout. @param {Node} node @param {string} text */
export function setText(node, text) {
  const shown = visible(text);
  if (node.textContent !== shown) node.textContent = shown;
}

/** @param {Element} element @param {string} name @param {string} value */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {HTMLElement} element @param {boolean} shown */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

/**
 * Makes the children of a list those of the items, in their order: each by its key, made once and then
 * only updated.
 * @template Item
 * @param {HTMLElement} list
 * @param {readonly Item[]} items
 * @param {{ key: (item: Item) => string, make: (item: Item) => HTMLElement, update?: (element: HTMLElement, item: Item) => void }} how
 */
export function keyed(list, items, { key, make, update }) {
  const wanted = new Set(items.map((item) => key(item)));
  /** @type {Map<string, HTMLElement>} */
  const known = new Map();
  // What is not wanted goes first: the others then stand in their places, and are not moved.
  for (const child of list.querySelectorAll(":scope > *"))
    if (child instanceof HTMLElement) {
      const name = child.dataset["key"] ?? "";
      if (wanted.has(name)) known.set(name, child);
      else child.remove();
    }

  let place = list.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let element = known.get(name);
    if (element === undefined) {
      element = make(item);
      element.dataset["key"] = name;
    }
    update?.(element, item);
    if (element === place) place = place.nextElementSibling;
    else list.insertBefore(element, place);
  }
}
