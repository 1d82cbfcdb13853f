import { describe, expect, it } from "vitest";
import type { Watch } from "../../durable/rules/world.ts";
import { createEyes } from "../../worker/observe.ts";
import { NO_INSTANCES, ODDITIES } from "../aws/odd-instances.ts";
import { aSpec } from "../durable/rules/spec-builder.ts";
import {
  type FakeAws,
  fakeAws,
  json,
  manualClock,
  testConfig,
  wireInstance,
} from "./aws/support.ts";

const WATCH: Watch = {
  tick: 12,
  region: "ap-northeast-2",
  owner: "default/media",
  fleet: "media",
  listing: null,
  lookUps: [],
  probes: [],
  health: aSpec().health,
  tag: null,
  bundles: false,
};

function eyesOver({ fetch }: FakeAws) {
  const transport = () => Promise.reject(new Error("no server is asked"));
  return createEyes({ config: testConfig(), fetch, clock: manualClock(), transport });
}

describe("an instance in a form that cannot be read", () => {
  const tagless = ODDITIES.filter(({ member }) => member !== "tags");

  async function listed(odd: unknown) {
    const fake = fakeAws(() => json({ instances: [odd, wireInstance("a")] }));
    const { listing } = await eyesOver(fake).observe({
      ...WATCH,
      listing: { pagesMax: 100, from: null },
    });
    if (listing.kind !== "complete") throw new Error(`the listing is ${listing.kind}`);
    return listing;
  }

  it.each(tagless)("is skipped if its tags say that it is another's ($what)", async ({ spoil }) => {
    for (const owner of [null, "staging/media", "default/other"]) {
      const { instances, unread } = await listed(spoil({ ...wireInstance("their-1", owner) }));

      expect([instances.map(({ name }) => name), unread]).toEqual([["a"], []]);
    }
  });

  it.each(tagless)("is read or unread if it carries our tag ($what)", async ({ spoil, member }) => {
    const { instances, unread } = await listed(spoil({ ...wireInstance("media-abcdef-1") }));

    const names = new Set([...instances, ...unread].map(({ name }) => name));
    expect(names).toEqual(new Set(["a", member === "name" ? null : "media-abcdef-1"]));
    expect(unread.every(({ isClaimed }) => isClaimed)).toBe(true);
  });

  it.each(NO_INSTANCES)(
    "may be anybody's if nothing of it can be read ($what)",
    async ({ spoil }) => {
      const { unread } = await listed(spoil({}));

      expect(unread).toMatchObject([{ name: null, arn: null, isClaimed: false }]);
    },
  );

  it.each([
    ["another's", "staging/media"],
    ["nobody's", null],
  ])("is known as %s by its name too", async (_whose, owner) => {
    const fake = fakeAws(() => json({ instance: { ...wireInstance("x", owner), state: null } }));

    const { lookUps } = await eyesOver(fake).observe({ ...WATCH, lookUps: ["x"] });

    expect(lookUps).toMatchObject([{ kind: "foreign", name: "x", owner }]);
  });

  it("is a hole by its name if it may be ours", async () => {
    const fake = fakeAws(() => json({ instance: { ...wireInstance("x"), state: null } }));

    const { lookUps } = await eyesOver(fake).observe({ ...WATCH, lookUps: ["x"] });

    const [seen] = lookUps;
    if (seen?.kind !== "hole") throw new Error("it is no hole");
    expect(seen.hole.why).toBe("malformed");
    expect(seen.hole.detail).toMatch(/^GetInstance gives x oddly: state: /u);
  });
});
