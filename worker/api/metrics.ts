/** The fleets in numbers, for Prometheus and what reads its formats. */
import { z } from "zod";
import { dialectOf, expose, MEDIA_TYPES } from "../metrics/exposition.ts";
import { familiesOf } from "../metrics/families.ts";
import { preferred } from "./accept.ts";
import { VARIES, onAll } from "./operation.ts";
import { askAll } from "./survey.ts";

const LINES = "# TYPE lightfleet_fleets gauge\nlightfleet_fleets 1\n# EOF\n";
const told = { schema: z.string(), example: LINES };

/** A fleet that does not answer in time is told as down, and keeps none of the others. */
export const getMetrics = onAll({
  id: "getMetrics",
  tag: "Service",
  summary: "Every fleet in numbers, for Prometheus",
  description: "OpenMetrics 1.0, or the older text where `Accept` prefers `text/plain`.",
  replies: {
    200: {
      description: "The metrics that docs/monitoring.md describes.",
      content: { "application/openmetrics-text": told, "text/plain": told },
      headers: VARIES,
    },
  },
  answer: async (c, deps) => {
    const answers = await askAll(deps, (fleet) => fleet.metrics());
    const told = answers.flatMap(({ told }) => (told === null ? [] : [told]));
    const silent = answers.flatMap(({ name, answered }) => (answered ? [] : [name]));
    const { dialect, contentType } = dialectOf(preferred(c.req.header("Accept"), MEDIA_TYPES));
    return c.body(expose(familiesOf(told, silent, deps.now()), dialect), 200, {
      "Content-Type": contentType,
      Vary: "Accept",
    });
  },
});
