import { describe, expect, it } from "vitest";
import { blindObservation, unreadListing, type Watch } from "../../../durable/rules/world.ts";
import { aSpec, NOW, OWNER } from "./builders.ts";

const WHOLE = { pagesMax: 100, from: null };
const WATCH: Watch = {
  tick: 7,
  region: "ap-northeast-2",
  owner: OWNER,
  fleet: "media",
  listing: WHOLE,
  lookUps: ["media-k3-2"],
  probes: [{ name: "media-k3-1", revision: 4, address: "203.0.113.7" }],
  health: aSpec().health,
  tag: { resource: "key-0abc1234", key: "spares" },
  bundles: true,
};

describe("an observation of a look that failed as a whole", () => {
  const hole = { why: "unknown" as const, rejection: null, detail: "the Worker was stopped" };

  it("is of the same tick, and has a hole for everything that was asked for", () => {
    expect(blindObservation(WATCH, NOW, "the Worker was stopped")).toEqual({
      tick: 7,
      listing: unreadListing(null, NOW, hole),
      lookUps: [{ kind: "hole", name: "media-k3-2", hole }],
      readings: [
        {
          kind: "hole",
          name: "media-k3-1",
          revision: 4,
          startedAt: NOW,
          detail: "the Worker was stopped",
        },
      ],
      tag: { kind: "hole", hole },
      bundles: { kind: "hole", hole },
      calls: [],
    });
  });

  it("has no hole for what was not asked for", () => {
    const nothing: Watch = {
      ...WATCH,
      listing: null,
      lookUps: [],
      probes: [],
      tag: null,
      bundles: false,
    };

    expect(blindObservation(nothing, NOW, "stopped")).toEqual({
      tick: 7,
      listing: { kind: "none" },
      lookUps: [],
      readings: [],
      tag: { kind: "none" },
      bundles: { kind: "none" },
      calls: [],
    });
  });
});
