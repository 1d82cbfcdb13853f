/** Mistakes between the API and the object: what one of them means by a number. */
import type { PlantedBug } from "../bug.ts";

export const SEAMS: readonly PlantedBug[] = [
  {
    name: "seconds-of-a-pause-are-milliseconds",
    what: "a pause of ten minutes is over after half a second",
    incident: null,
    invariants: ["I13"],
    file: "durable/fleet.ts",
    find: "Date.now() + expiresInSeconds * 1000",
    replace: "Date.now() + expiresInSeconds",
  },
  {
    name: "pause-without-an-end-has-one",
    what: "a pause that nobody gave an end ends after an hour",
    incident: null,
    invariants: ["I13"],
    file: "durable/fleet.ts",
    find: "expiresInSeconds === null ? null : Date.now() + expiresInSeconds * 1000",
    replace: "Date.now() + (expiresInSeconds ?? 3_600) * 1000",
  },
  {
    name: "seconds-of-an-override-are-minutes",
    what: "an override rules sixty times as long as was asked for",
    incident: null,
    invariants: ["I13"],
    file: "durable/operate-target.ts",
    find: "(expiresInSeconds ?? 0) * 1000",
    replace: "(expiresInSeconds ?? 0) * 60_000",
  },
];
