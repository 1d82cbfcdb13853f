/** The fleets in numbers, for Prometheus and what reads its formats. */
import { dialectFor, expose } from "../metrics/exposition.ts";
import { familiesOf } from "../metrics/families.ts";
import type { Handler } from "./deps.ts";
import { askAll } from "./survey.ts";

/** A fleet that does not answer in time is told as down, and keeps none of the others. */
export const getMetrics: Handler = async (c, deps) => {
  const answers = await askAll(deps, (fleet) => fleet.metrics());
  const told = answers.flatMap(({ told }) => (told === null ? [] : [told]));
  const silent = answers.flatMap(({ name, answered }) => (answered ? [] : [name]));
  const { dialect, contentType } = dialectFor(c.req.header("Accept") ?? "");
  return c.body(expose(familiesOf(told, silent, deps.now()), dialect), 200, {
    "Content-Type": contentType,
    Vary: "Accept",
  });
};
