import { describe, expect, test } from "vitest";
import { Timeline } from "./timeline.ts";

describe("a timeline", () => {
  test("says what held at any moment, and what will hold as planned", () => {
    const power = new Timeline(100, "pending");
    power.plan(200, "running");

    expect([50, 100, 199, 200, 900].map((at) => power.at(at))).toEqual([
      "pending",
      "pending",
      "pending",
      "running",
      "running",
    ]);
  });

  test("calls off what was planned for later when something is set, and keeps the past", () => {
    const power = new Timeline(100, "pending");
    power.plan(200, "running");
    power.plan(300, "gone");

    power.set(250, "stopped");

    expect([150, 225, 300].map((at) => power.at(at))).toEqual(["pending", "running", "stopped"]);
  });

  test("says since when something has held without a break", () => {
    const isUp = (state: string) => state !== "off";
    const power = new Timeline(0, "off");
    power.plan(100, "booting");
    power.plan(200, "running");
    power.plan(300, "off");
    power.plan(400, "running");

    expect([50, 250, 350, 450].map((at) => power.since(at, isUp))).toEqual([null, 100, null, 400]);
  });

  test("says when it changes next, as far as that is planned", () => {
    const power = new Timeline(100, "pending");
    power.plan(200, "running");
    power.plan(300, "off");

    expect([150, 200, 300].map((at) => power.nextAfter(at))).toEqual([200, 300, Infinity]);
  });

  test("does not take a plan for a time before its last entry", () => {
    const power = new Timeline(100, "pending");

    expect(() => power.plan(99, "running")).toThrow("after the last entry");
  });
});
