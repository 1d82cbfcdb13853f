/**
 * I22: a fleet from nothing, with which nothing goes wrong, arrives within a stated multiple of the shortest
 * time that is possible (test/sim/arrival.ts), without knowing AWS's rates. All its servers are ready at once
 * then. A run with faults, and a fleet that is asked for something else meanwhile, is not judged.
 */
import type { Invariant } from "./invariant.ts";

export const arrives: Invariant = {
  id: "I22",
  says: "an undisturbed fleet arrives within a stated multiple of the shortest time",
  start: () => {
    let isThere = false;
    return (event, { arrival, sql, spec, now }) => {
      if (arrival === null || isThere || event.kind !== "alarm" || event.what !== "finished")
        return null;
      if (spec === null) return null;
      const [row] = sql.rows("SELECT count(*) AS ready FROM instances WHERE phase = 'ready'");
      const ready = Number(row?.["ready"]);
      isThere = ready >= arrival.servers;
      if (isThere || now <= arrival.by) return null;
      const lateMs = now - arrival.from;
      return `${ready} of ${arrival.servers} servers are ready after ${lateMs} ms, and ${arrival.shortestMs} are possible`;
    };
  },
};
