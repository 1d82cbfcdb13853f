/**
 * I3: only instances with our tag, our row and the same ARN are changed; a create changes none. What a
 * person did to the tags or under the name a moment before, the fleet cannot know yet; nor can the
 * hands of a dead object know that the ledger is lost.
 */
import type { Held } from "../event.ts";
import type { Invariant, Truth } from "./invariant.ts";
import { rowOf } from "./rows.ts";
import { carriedOut, isCreate } from "./sightings.ts";

/** Listings may lag so much. */
const PERSON_UNSEEN_MS = 150_000;
const DEAD_HANDS_MS = 30_000;
const PERSONS_FAULTS = new Set([
  "tagsRemoved",
  "tagsGarbled",
  "deletedByPerson",
  "nameClash",
  "strangerWithPrefix",
]);
/** Its target is a resource of EC2, never an instance. */
const ELSEWHERE = new Set(["CreateTags"]);

export const oursOnly: Invariant = {
  id: "I3",
  says: "only instances with our tag, our row and the same ARN are changed",
  start: () => {
    let personAt = Number.NEGATIVE_INFINITY;
    let lostAt = Number.NEGATIVE_INFINITY;
    return (event, truth) => {
      if (event.kind === "stateLost") lostAt = truth.now;
      if (event.kind === "fault" && PERSONS_FAULTS.has(event.fault)) personAt = truth.now;
      if (event.kind === "call" && event.by === "person" && event.hadEffect) personAt = truth.now;
      const call = carriedOut(event);
      if (call === null || ELSEWHERE.has(call.op) || truth.now - personAt < PERSON_UNSEEN_MS)
        return null;
      if (isCreate(call)) {
        const [there] = call.before;
        return there === undefined ? null : `a create touched ${there.name}, which existed`;
      }
      const rowsCount = truth.now - lostAt >= DEAD_HANDS_MS;
      for (const held of call.before) {
        // An operator wants it adopted: its tags are the first that is changed of it.
        if (call.op === "TagResource" && held.owner === null && truth.isToBeAdopted(held.name))
          continue;
        const wrong = strangeness(held, rowsCount, truth);
        if (wrong !== null) return `${call.op} on ${held.name}: ${wrong}`;
      }
      return null;
    };
  },
};

function strangeness(held: Held, rowsCount: boolean, truth: Truth): string | null {
  if (held.owner !== truth.owner) return `its owner is ${held.owner ?? "nobody"}`;
  if (!rowsCount) return null;
  const row = rowOf(truth, held.name);
  if (row === null) return "the ledger has no row of it";
  // Its create was accepted, and no listing has shown it yet: under its name there is nothing else.
  if (row["arn"] === null && row["phase"] === "starting" && row["createdByUs"] === 1) return null;
  return row["arn"] === held.arn ? null : `its ARN is ${held.arn}, the row's ${row["arn"]}`;
}
