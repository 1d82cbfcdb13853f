import { describe, expect, it } from "vitest";
import {
  drainPlan,
  overridePlan,
  pausePlan,
  protectPlan,
} from "../../../worker/dashboard/browser/plans.js";
import { instance, status } from "../../worker/api/views.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z");
/** Nine spares of ten, one launch under way. */
const STATUS = status("media");

function override(expression: string, capacity = 1): string {
  const wish = { expression, seconds: 3_600, capacity, usdPerServerHour: 0.05, now: NOW };
  return overridePlan(STATUS, wish);
}

describe("an override is said to", () => {
  it("launch what is missing, at a price, and give way again", () => {
    expect(override("20")).toContain("the fleet keeps 20 spares instead of 10");
    expect(override("20")).toContain("About 10 servers will be launched, about $0.50 more an hour");
    expect(override("20")).toContain("Then the tag (now 10) rules again.");
  });

  it("let idle servers go, and none with a session", () => {
    expect(override("4")).toContain(
      "About 6 idle servers can go; a server with a session is never touched.",
    );
  });

  it.each([
    [20, "About 2 servers will be launched, about $0.10 more an hour"],
    [13, "That is what there is now."],
    [10, "No whole server is surplus then."],
    [4, "About 2 idle servers can go; a server with a session is never touched."],
  ])(
    "keep %i spares by whole servers, where each takes four sessions and one is on its way",
    (spares, effect) => {
      expect(override(String(spares), 4)).toContain(effect);
    },
  );

  it("be reckoned in each tick, where it is an expression", () => {
    expect(override("10+20%")).toContain("the target is 10+20%, reckoned anew in each tick");
  });

  it("cost nothing that is not known", () => {
    const said = overridePlan(STATUS, {
      expression: "20",
      seconds: 60,
      capacity: 1,
      usdPerServerHour: null,
      now: NOW,
    });

    expect(said).not.toContain("$");
  });
});

describe("other plans", () => {
  it("say what a pause keeps back, and when it ends", () => {
    expect(pausePlan(["launch"], 900)).toMatch(
      /^No server is launched.*ends by itself after 15 min\.$/u,
    );
    expect(pausePlan(["retire", "rollout"], null)).toContain("until somebody resumes it");
    expect(pausePlan([], null)).toBe("Choose what to pause.");
  });

  it("say what becomes of the sessions of a server that is drained", () => {
    const busy = { ...instance("media-1"), sessions: 2 };

    expect(drainPlan(busy, "delete")).toContain("Its 2 sessions may go on to the end.");
    expect(drainPlan(busy, "delete")).toContain("it is deleted");
    expect(drainPlan(busy, "hold")).not.toContain("deleted");
  });

  it("say that protection costs, and that nothing gets past it", () => {
    expect(protectPlan(instance("media-1"), true)).toContain(
      "neither surplus nor a rollout nor force",
    );
    expect(protectPlan(instance("media-1"), false)).toContain("as any other again");
  });
});
