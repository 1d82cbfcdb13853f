/** The chart: spares against target, with what is busy behind them. */
import { byId, h, keyed, setAttribute, setText } from "./dom.js";
import { clock } from "./format.js";
import { marksPlugin } from "./marks.js";
import { drawPart } from "./part.js";
import { columnsOf, summaryOf } from "./series.js";

/**
 * @import { MarkView } from "../../../durable/rules/history-views.ts"
 * @import { Seen } from "./live.js"
 * @import { Columns } from "./series.js"
 * @typedef {{ text: string, grid: string, accent: string, accentFill: string, target: string, busy: string, busyFill: string, boundary: string, overrideFill: string, guard: string }} Colours
 * @typedef {{ show: (seen: Seen, hours: number) => void, clear: () => void }} Chart
 */

const HEIGHT = 228;
const DAY_SECONDS = 86_400;
const SPAN_MIN_SECONDS = 600;
/** @type {Readonly<Record<number, string>>} */
const SPANS = { 1: "the last hour", 24: "the last 24 hours", 168: "the last 7 days" };
/** @type {readonly (readonly [keyof Colours, string])[]} */
const LEGEND = [
  ["accent", "Spares"],
  ["target", "Target"],
  ["busy", "Busy servers"],
  ["boundary", "Boundary"],
  ["overrideFill", "Override"],
  ["guard", "Guard"],
];

/** @returns {Chart} */
export function createChart() {
  const place = byId("chart");
  /** @type {{ columns: Columns, marks: readonly MarkView[], from: number, until: number, now: number }} */
  const data = { columns: [[], [], [], []], marks: [], from: 0, until: 0, now: 0 };
  /** @type {uPlot | null} */
  let plot = null;

  const paint = () => {
    if (data.columns[0].length === 0 || place.clientWidth === 0) return;
    if (typeof uPlot === "undefined") return setText(place, "The chart could not be loaded.");
    if (plot === null) {
      plot = new uPlot(optionsOf(data, place.clientWidth), data.columns, place);
      plot.over.addEventListener("mouseleave", () => showValues(data.columns, null));
    } else plot.setData(data.columns);
  };
  const draw = () => drawPart(place, "The chart", paint);
  const drop = () => {
    plot?.destroy();
    plot = null;
  };
  new ResizeObserver(() => {
    if (plot === null) draw();
    else if (plot.width !== place.clientWidth)
      plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  // The canvas knows no style sheet: it is painted anew when the colours change.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drop();
    draw();
  });

  return {
    show: ({ history, status, now }, hours) => {
      if (history === null) return;
      data.columns = columnsOf(history, status, now);
      data.marks = history.marks;
      data.until = now / 1_000;
      data.from = beginningOf(data.columns, data.until, hours * 3_600);
      data.now = now;
      draw();
      if (plot === null || typeof plot.cursor.idx !== "number") showValues(data.columns, null);
      setText(
        byId("history-said"),
        summaryOf(data.columns, SPANS[hours] ?? `the last ${hours} hours`, (at) => clock(at, now)),
      );
      showMarks(history.marks, now);
    },
    clear: drop,
  };
}

/** @param {{ marks: readonly MarkView[], columns: Columns, from: number, until: number }} data @param {number} width @returns {uPlot.Options} */
function optionsOf(data, width) {
  const colours = coloursNow();
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const paths = stepped === undefined ? {} : { paths: stepped };
  const axis = {
    stroke: colours.text,
    font: "11px system-ui, sans-serif",
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { range: () => [data.from, data.until] },
      y: { range: (_chart, _least, most) => [0, Math.max(4, Math.ceil((most ?? 0) * 1.25))] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        values: (_chart, splits, _axis, _space, step) => splits.map((at) => tick(at, step)),
      },
      { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
    ],
    series: [
      {},
      { ...paths, stroke: colours.busy, fill: colours.busyFill, width: 1, points: { show: false } },
      {
        ...paths,
        stroke: colours.accent,
        fill: colours.accentFill,
        width: 2,
        points: { show: false },
      },
      { ...paths, stroke: colours.target, width: 1.5, dash: [6, 4], points: { show: false } },
    ],
    hooks: { setCursor: [(chart) => showValues(data.columns, chart.cursor.idx ?? null)] },
    plugins: [marksPlugin(() => data.marks, colours)],
  };
}

/** A young fleet is not drawn into the corner of a day that it has not lived. @param {Columns} columns @param {number} until @param {number} span */
function beginningOf([times], until, span) {
  const first = times[0] ?? until;
  return Math.min(until - SPAN_MIN_SECONDS, Math.max(until - span, first));
}

/** @param {number} at @param {number} step */
function tick(at, step) {
  const date = new Date(at * 1_000);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (step >= DAY_SECONDS || isMidnight)
    return new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric" }).format(date);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** @returns {Colours} */
function coloursNow() {
  const style = getComputedStyle(document.documentElement);
  /** @type {(name: string) => string} */
  const of = (name) => style.getPropertyValue(`--chart-${name}`).trim();
  return {
    text: of("text"),
    grid: of("grid"),
    accent: of("accent"),
    accentFill: of("accent-fill"),
    target: of("target"),
    busy: of("busy"),
    busyFill: of("busy-fill"),
    boundary: of("boundary"),
    overrideFill: of("override-fill"),
    guard: of("guard"),
  };
}

/** The values under the pointer, or the last ones. @param {Columns} columns @param {number | null} index */
function showValues([times, busy, spares, target], index) {
  const at = index ?? times.length - 1;
  const values = { accent: spares[at], target: target[at], busy: busy[at] };
  const time = times[at];
  keyed(byId("legend"), LEGEND, {
    key: ([name]) => name,
    make: ([name, words]) =>
      h(
        "li",
        {},
        h("span", { class: "swatch", "data-mark": name, "aria-hidden": "true" }),
        words,
        " ",
        h("b"),
      ),
    update: (element, [name]) => {
      const value = name in values ? values[/** @type {keyof typeof values} */ (name)] : null;
      const shown = element.querySelector("b");
      if (shown !== null) setText(shown, typeof value === "number" ? String(value) : "");
    },
  });
  setAttribute(
    byId("legend"),
    "data-at",
    time === undefined ? "" : clock(time * 1_000, Date.now()),
  );
}

/** @param {readonly MarkView[]} marks @param {number} now */
function showMarks(marks, now) {
  const newest = marks.toReversed().slice(0, 50);
  setText(
    byId("marks-title"),
    marks.length === 0
      ? "No boundary, override or guard in this time"
      : `Marks in this time: ${marks.length}`,
  );
  keyed(byId("marks"), newest, {
    key: ({ kind, name, from }) => `${kind} ${name} ${from}`,
    make: () => h("li"),
    update: (element, { kind, note, name, from, until }) => {
      const start = clock(Date.parse(from), now);
      const end =
        until === null
          ? " and still"
          : until === from
            ? ""
            : ` to ${clock(Date.parse(until), now)}`;
      setText(element, `${start}${end}: ${kind}, ${note === "" ? name : note}`);
    },
  });
}
