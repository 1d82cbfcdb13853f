/** The page's files, as the bundler puts them beside the Worker: each is imported as its text. */
import uplot from "uplot/dist/uPlot.iife.min.js";
import uplotStyle from "uplot/dist/uPlot.min.css";
import api from "./browser/api.js";
import chart from "./browser/chart.js";
import details from "./browser/details.js";
import dialogs from "./browser/dialogs.js";
import dom from "./browser/dom.js";
import format from "./browser/format.js";
import front from "./browser/front.js";
import glance from "./browser/glance.js";
import held from "./browser/held.js";
import icon from "./browser/icon.svg";
import language from "./browser/language.js";
import live from "./browser/live.js";
import log from "./browser/log.js";
import main from "./browser/main.js";
import marks from "./browser/marks.js";
import shell from "./browser/page.html";
import style from "./browser/page.css";
import part from "./browser/part.js";
import plans from "./browser/plans.js";
import reasons from "./browser/reasons.js";
import series from "./browser/series.js";
import tile from "./browser/tile.js";
import tiles from "./browser/tiles.js";
import verdict from "./browser/verdict.js";
import type { PageFiles } from "./page.ts";

export const PAGE_FILES: PageFiles = {
  shell,
  files: {
    "icon.svg": icon,
    "page.css": style,
    "uplot.css": uplotStyle,
    "uplot.js": uplot,
    "api.js": api,
    "chart.js": chart,
    "details.js": details,
    "dialogs.js": dialogs,
    "dom.js": dom,
    "format.js": format,
    "front.js": front,
    "glance.js": glance,
    "held.js": held,
    "language.js": language,
    "live.js": live,
    "log.js": log,
    "main.js": main,
    "marks.js": marks,
    "part.js": part,
    "plans.js": plans,
    "reasons.js": reasons,
    "series.js": series,
    "tile.js": tile,
    "tiles.js": tiles,
    "verdict.js": verdict,
  },
};
