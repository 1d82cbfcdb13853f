/** Boundaries, overrides and guards, drawn behind and over the chart. */

/**
 * @import { MarkView } from "../../../durable/rules/history-views.ts"
 * @import { Colours } from "./chart.js"
 */

const STRIP = 5;
const LABEL_ROOM = 72;

/**
 * @param {() => readonly MarkView[]} marks
 * @param {Colours} colours
 * @returns {uPlot.Plugin}
 */
export function marksPlugin(marks, colours) {
  return {
    hooks: {
      drawClear: (chart) => inPlot(chart, () => drawStretches(chart, marks(), colours)),
      draw: (chart) =>
        inPlot(chart, () => {
          drawBoundaries(chart, marks(), colours);
          drawNames(chart, marks(), colours);
        }),
    },
  };
}

/** @param {uPlot} chart @param {() => void} draw */
function inPlot({ ctx, bbox }, draw) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}

/** Overrides shade the whole height; guards are a strip along the top. @param {uPlot} chart @param {readonly MarkView[]} marks @param {Colours} colours */
function drawStretches(chart, marks, colours) {
  const { ctx, bbox } = chart;
  const { devicePixelRatio: ratio } = window;
  for (const { kind, from, until } of marks) {
    if (kind === "boundary") continue;
    const left = chart.valToPos(Date.parse(from) / 1_000, "x", true);
    const right =
      until === null
        ? bbox.left + bbox.width
        : chart.valToPos(Date.parse(until) / 1_000, "x", true);
    const width = Math.max(right - left, 2 * ratio);
    ctx.fillStyle = kind === "override" ? colours.overrideFill : colours.guard;
    ctx.fillRect(left, bbox.top, width, kind === "override" ? bbox.height : STRIP * ratio);
    if (kind !== "override") continue;
    ctx.fillStyle = colours.accent;
    ctx.fillRect(left, bbox.top + bbox.height - 2 * ratio, width, 2 * ratio);
  }
}

/** Over the grid, so that no line goes through them. @param {uPlot} chart @param {readonly MarkView[]} marks @param {Colours} colours */
function drawNames(chart, marks, colours) {
  const { ctx, bbox } = chart;
  const { devicePixelRatio: ratio } = window;
  for (const { kind, from, until, name } of marks) {
    if (kind !== "override") continue;
    const left = Math.max(bbox.left, chart.valToPos(Date.parse(from) / 1_000, "x", true));
    const right =
      until === null
        ? bbox.left + bbox.width
        : chart.valToPos(Date.parse(until) / 1_000, "x", true);
    if (right - left < LABEL_ROOM * ratio) continue;
    label(ctx, `override ${name}`, left, bbox.top + (STRIP + 11) * ratio, colours.accent);
  }
}

/** @param {uPlot} chart @param {readonly MarkView[]} marks @param {Colours} colours */
function drawBoundaries(chart, marks, colours) {
  const { ctx, bbox } = chart;
  const { devicePixelRatio: ratio } = window;
  let free = bbox.left;
  for (const { kind, from, name } of marks) {
    if (kind !== "boundary") continue;
    const at = Math.round(chart.valToPos(Date.parse(from) / 1_000, "x", true));
    ctx.strokeStyle = colours.boundary;
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    // Names that would stand on each other are left to the list below.
    if (at < free) continue;
    free = at + label(ctx, name, at, bbox.top + (STRIP + 11) * ratio, colours.text) + 8 * ratio;
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {string} text @param {number} left @param {number} baseline @param {string} colour */
function label(ctx, text, left, baseline, colour) {
  const { devicePixelRatio: ratio } = window;
  ctx.font = `${10.5 * ratio}px system-ui, sans-serif`;
  ctx.fillStyle = colour;
  ctx.textAlign = "left";
  ctx.fillText(text, left + 4 * ratio, baseline);
  return ctx.measureText(text).width + 4 * ratio;
}
