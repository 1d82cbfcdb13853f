/** The page's headline is the fleet's own verdict, unless it is too old. */
import { expect, it } from "vitest";
import { headlineOf, noContact } from "../../../worker/dashboard/browser/verdict.js";
import { status } from "../../worker/api/views.ts";

const TICK = "2026-11-22T10:00:00.000Z";
const TICKED = Date.parse(TICK);
const FLEET = status("media", TICK);

it("is the fleet's own verdict, up to the moment at which that is stale", () => {
  expect(headlineOf(FLEET, TICKED + 60_000)).toEqual(FLEET.verdict);
});

it("is stale a moment later, with how long ago the last tick was", () => {
  expect(headlineOf(FLEET, TICKED + 60_001)).toMatchObject({
    title: "Stale",
    tone: "bad",
    what: "The last tick was 1 min ago, so nothing is decided and these numbers are old.",
  });
});

it("is the fleet's own verdict where it has not ticked yet", () => {
  const waking = status("media", null);

  expect(headlineOf({ ...waking, lastTick: null }, TICKED)).toEqual(waking.verdict);
});

it("says that the page has no contact, and how old its numbers are", () => {
  expect(noContact(180_000)).toMatchObject({
    title: "No contact",
    what: "What is shown was true 3 min ago.",
  });
});
