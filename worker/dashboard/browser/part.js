/** The parts of the page: one that fails says so in its place, and takes none of the others with it. */
import { h } from "./dom.js";

const FAILED = "part-failed";

/**
 * Draws one part. What it throws stands before `place`, until it is drawn whole again. True if it was.
 * @param {HTMLElement} place
 * @param {string} name as it begins a sentence
 * @param {() => void} draw
 */
export function drawPart(place, name, draw) {
  const before = place.previousElementSibling;
  const note = before?.classList.contains(FAILED) === true ? before : null;
  try {
    draw();
    note?.remove();
    return true;
  } catch (error) {
    console.error(error);
    const why = error instanceof Error ? error.message : String(error);
    const words = `${name} cannot be shown: ${why}. Everything else on this page is current.`;
    if (note === null) place.before(h("p", { class: `refused ${FAILED}`, role: "alert" }, words));
    else if (note.textContent !== words) note.textContent = words;
    return false;
  }
}
