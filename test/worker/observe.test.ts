import { describe, expect, it, vi } from "vitest";
import type { Watch } from "../../durable/rules/world.ts";
import { createEyes } from "../../worker/observe.ts";
import { endingBy } from "../must-end.ts";
import type { ExchangeResult, Transport } from "../../worker/health/transport.ts";
import {
  type FakeAws,
  type ManualClock,
  START_MS,
  awsError,
  fakeAws,
  json,
  manualClock,
  testConfig,
  wireInstance,
  xml,
} from "./aws/support.ts";

const WHOLE = { pagesMax: 100, from: null };

const WATCH: Watch = {
  tick: 12,
  region: "ap-northeast-2",
  owner: "default/media",
  fleet: "media",
  listing: null,
  lookUps: [],
  probes: [],
  health: {
    kind: "http",
    port: 8080,
    path: "/health",
    sessionsPointer: "/sessions",
    capacity: 1,
    intervalSeconds: 5,
    timeoutSeconds: 2,
    header: null,
    host: null,
    drain: null,
    nameRequired: false,
  },
  tag: null,
  bundles: false,
};

const TAG = { resource: "key-1", key: "target" };
const BUNDLE = { bundleId: "nano_3_0", price: 5, cpuCount: 2 };
const NONE: FakeAws = fakeAws(() => Promise.reject(new Error("no call was expected")));

function answering(sessions: number): Transport {
  return () =>
    Promise.resolve({
      kind: "reply",
      status: 200,
      body: new TextEncoder().encode(`{"sessions":${sessions}}`),
    });
}

/** Servers that take their time: each probe ends when it is told, or when its signal says so. */
function slowServers() {
  const answers: (() => void)[] = [];
  const transport: Transport = (_exchange, signal) =>
    new Promise<ExchangeResult>((resolve) => {
      answers.push(() =>
        resolve({ kind: "reply", status: 200, body: new TextEncoder().encode('{"sessions":0}') }),
      );
      signal.addEventListener("abort", () => resolve({ kind: "failed", detail: "given up" }));
    });
  return { answers, transport };
}

function eyesOver(
  fake: FakeAws,
  transport: Transport = answering(0),
  clock: ManualClock = manualClock(),
  env: Record<string, string> = {},
) {
  const eyes = createEyes({ config: testConfig(env), fetch: fake.fetch, clock, transport });
  return endingBy(eyes, "the look", clock);
}

function probes(count: number): Watch["probes"] {
  return Array.from({ length: count }, (_none, index) => ({
    name: `media-a-${index}`,
    revision: index,
    address: `3.34.0.${index}`,
  }));
}

function tagReply(items: string, rest = ""): Response {
  return xml(`<DescribeTagsResponse><tagSet>${items}</tagSet>${rest}</DescribeTagsResponse>`);
}

const TAG_ITEM = "<item><resourceId>key-1</resourceId><key>target</key><value>010</value></item>";

describe("a look", () => {
  it("looks at nothing that it was not asked to", async () => {
    expect(await eyesOver(NONE).observe(WATCH)).toEqual({
      tick: 12,
      listing: { kind: "none" },
      lookUps: [],
      readings: [],
      probing: { cutShort: [], shards: 0, failedShards: [] },
      tag: { kind: "none" },
      bundles: { kind: "none" },
      calls: [],
    });
  });

  it("sees listing, names, tag, prices and servers together", async () => {
    const fake = fakeAws(({ operation }) => {
      if (operation === "GetBundles") return json({ bundles: [BUNDLE] });
      if (operation === "GetInstances") return json({ instances: [wireInstance("media-a-1")] });
      if (operation === "GetInstance") return json({ instance: wireInstance("media-a-2") });
      return tagReply(TAG_ITEM);
    });

    const seen = await eyesOver(fake, answering(3)).observe({
      ...WATCH,
      listing: WHOLE,
      lookUps: ["media-a-2"],
      tag: TAG,
      bundles: true,
      probes: probes(1),
    });

    expect(seen.listing).toMatchObject({ kind: "complete", instances: [{ name: "media-a-1" }] });
    expect(seen.lookUps).toMatchObject([{ kind: "found", name: "media-a-2" }]);
    expect(seen.tag).toEqual({ kind: "value", value: "010", at: START_MS });
    expect(seen.bundles).toEqual({
      kind: "read",
      at: START_MS,
      bundles: [{ id: "nano_3_0", usdPerMonth: 5, vcpus: 2 }],
    });
    expect(seen.readings).toMatchObject([{ kind: "answer", name: "media-a-0", sessions: 3 }]);
    expect(seen.calls.map((call) => call.lane).toSorted()).toEqual(["ec2", "list", "list", "list"]);
    expect(seen.calls.every((call) => !call.throttled)).toBe(true);
  });

  it("is all holes without credentials, but for the servers", async () => {
    const eyes = eyesOver(NONE, answering(1), manualClock(), { AWS_ACCESS_KEY_ID: "" });
    const hole = {
      why: "unsent",
      rejection: null,
      detail: "AWS_ACCESS_KEY_ID is not set: run `wrangler secret put AWS_ACCESS_KEY_ID`",
    };

    const seen = await eyes.observe({
      ...WATCH,
      listing: WHOLE,
      lookUps: ["x"],
      tag: TAG,
      bundles: true,
      probes: probes(1),
    });

    expect(seen.listing).toMatchObject({ kind: "partial", instances: [], hole });
    expect(seen.lookUps).toEqual([{ kind: "hole", name: "x", hole }]);
    expect(seen.tag).toEqual({ kind: "hole", hole });
    expect(seen.bundles).toEqual({ kind: "hole", hole });
    expect(seen.readings).toMatchObject([{ kind: "answer", sessions: 1 }]);
    expect(seen.calls).toEqual([]);
  });
});

describe("a listing", () => {
  const LISTING = { ...WATCH, listing: WHOLE };

  it("follows every page, keeps the fleet's own, and none twice", async () => {
    const pages = [
      { instances: [wireInstance("a"), wireInstance("x", null)], nextPageToken: "p1" },
      { instances: [wireInstance("y", "staging/media")], nextPageToken: "p2" },
      { instances: [wireInstance("a"), wireInstance("b")] },
    ];
    const fake = fakeAws((_seen, index) => json(pages[index]));

    const { listing, calls } = await eyesOver(fake).observe(LISTING);

    expect(fake.seen.map((call) => call.body)).toEqual([
      "{}",
      '{"pageToken":"p1"}',
      '{"pageToken":"p2"}',
    ]);
    expect(listing).toMatchObject({
      kind: "complete",
      startedAt: START_MS,
      instances: [{ name: "a" }, { name: "b" }],
      strangers: [],
    });
    expect(calls).toHaveLength(3);
  });

  it.each([
    ["a throttle", () => awsError("ThrottlingException", "Rate exceeded"), "throttled"],
    ["a page of HTML", () => new Response("<html>"), "malformed"],
    ["a server's failure", () => awsError("InternalFailure", "oops", 500), "unknown"],
    ["a refusal", () => awsError("ExpiredTokenException", "old", 403), "rejected"],
    ["a lost connection", () => Promise.reject(new Error("reset")), "unknown"],
  ])("is partial after %s, and keeps what it saw", async (_what, second, why) => {
    const fake = fakeAws((_seen, index) =>
      index === 0 ? json({ instances: [wireInstance("a")], nextPageToken: "p1" }) : second(),
    );

    const { listing, calls } = await eyesOver(fake).observe(LISTING);

    expect(listing).toMatchObject({ kind: "partial", instances: [{ name: "a" }], hole: { why } });
    expect(calls.map((call) => call.throttled)).toEqual([false, why === "throttled"]);
  });

  it("is partial, not endless, where a page token comes again", async () => {
    const fake = fakeAws(() => json({ instances: [], nextPageToken: "again" }));

    const { listing } = await eyesOver(fake).observe(LISTING);

    expect(listing).toMatchObject({ kind: "partial", hole: { why: "malformed" } });
    expect(fake.seen).toHaveLength(2);
  });

  it("stops after the pages that were asked for, and says where to go on", async () => {
    const fake = fakeAws((_seen, index) => json({ instances: [], nextPageToken: `p${index}` }));

    const { listing } = await eyesOver(fake).observe(LISTING);

    expect(listing).toMatchObject({ kind: "partial", hole: null, pages: 100, next: "p99" });
    expect(fake.seen).toHaveLength(100);
  });

  it("goes on at the page that the watch names", async () => {
    const fake = fakeAws(() => json({ instances: [] }));

    await eyesOver(fake).observe({ ...WATCH, listing: { pagesMax: 3, from: "p7" } });

    expect(fake.seen.map(({ body }): unknown => JSON.parse(body))).toEqual([{ pageToken: "p7" }]);
  });

  it("says where to go on where a page was throttled, and not where AWS refused the page token", async () => {
    const failing = (type: string) =>
      fakeAws((_seen, index) =>
        index === 0 ? json({ instances: [], nextPageToken: "p1" }) : awsError(type, "no"),
      );

    const throttled = await eyesOver(failing("ThrottlingException")).observe(LISTING);
    const refused = await eyesOver(failing("InvalidInputException")).observe(LISTING);

    expect(throttled.listing).toMatchObject({ kind: "partial", pages: 1, next: "p1" });
    expect(refused.listing).toMatchObject({ kind: "partial", pages: 1, next: null });
  });
});

describe("the strangers", () => {
  const LISTING = { ...WATCH, listing: WHOLE };

  async function strangersOf(...instances: object[]) {
    const { listing } = await eyesOver(fakeAws(() => json({ instances }))).observe(LISTING);
    if (listing.kind !== "complete") throw new Error("the listing is not complete");
    return listing.strangers;
  }

  it.each(["staging/media", "defaults/media", "somebody", "/", "default"])(
    "are no servers of somebody's: the owner %s",
    async (owner) => {
      expect(await strangersOf(wireInstance("media-000000-12", owner))).toEqual([]);
    },
  );

  it("are those that are named like the fleet's own, and nobody's", async () => {
    const strangers = await strangersOf(
      wireInstance("media-k3v9qa-7", null),
      wireInstance("media-k3v9qa-8"),
      wireInstance("media-000000-12", "default/gone"),
    );

    expect(strangers).toEqual([
      {
        name: "media-000000-12",
        arn: "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/media-000000-12",
        owner: "default/gone",
      },
      {
        name: "media-k3v9qa-7",
        arn: "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/media-k3v9qa-7",
        owner: null,
      },
    ]);
  });

  it.each([
    "media",
    "media-1",
    "media-abc-1",
    "media-abcdefg-1",
    "media-abcdef-",
    "media-abcdef-1x",
    "media-ABCDEF-1",
    "media-abcdef-1\n",
    "media-eu-abcdef-1",
    "xmedia-abcdef-1",
  ])("are not named %j", async (name) => {
    expect(await strangersOf(wireInstance(name, null))).toEqual([]);
  });

  it("are told twenty at the most, the first by their names", async () => {
    const names = Array.from({ length: 30 }, (_none, index) => `media-abcdef-${99 - index}`);

    const strangers = await strangersOf(...names.map((name) => wireInstance(name, null)));

    expect(strangers.map(({ name }) => name)).toEqual(names.toSorted().slice(0, 20));
  });

  it("are strangers whatever else of them cannot be read", async () => {
    const odd = { ...wireInstance("media-k3v9qa-7", null), state: null, bundleId: 5 };

    expect(await strangersOf(odd)).toMatchObject([{ name: "media-k3v9qa-7", owner: null }]);
  });

  it("may be ours where their tags cannot be read: the listing says so", async () => {
    const odd = { ...wireInstance("media-abcdef-1"), tags: "?" };
    const fake = fakeAws((_seen, index) =>
      index === 0
        ? json({ instances: [odd, wireInstance("a")], nextPageToken: "p1" })
        : json({ instances: [wireInstance("b")] }),
    );

    const { listing } = await eyesOver(fake).observe(LISTING);

    expect(listing).toMatchObject({
      kind: "complete",
      instances: [{ name: "a" }, { name: "b" }],
      unread: [{ name: "media-abcdef-1", isClaimed: false }],
    });
  });
});

describe("the prices", () => {
  const PRICED = { ...WATCH, bundles: true };

  it("are of every page, from the moment when it began", async () => {
    const clock = manualClock();
    const fake = fakeAws((_seen, index) => {
      clock.advance(100);
      return index === 0
        ? json({ bundles: [BUNDLE], nextPageToken: "p1" })
        : json({ bundles: [{ ...BUNDLE, bundleId: "micro_3_0", price: 7 }] });
    });

    const { bundles, calls } = await eyesOver(fake, answering(0), clock).observe(PRICED);

    expect(bundles).toEqual({
      kind: "read",
      at: START_MS,
      bundles: [
        { id: "nano_3_0", usdPerMonth: 5, vcpus: 2 },
        { id: "micro_3_0", usdPerMonth: 7, vcpus: 2 },
      ],
    });
    expect(calls.map((call) => call.lane)).toEqual(["list", "list"]);
  });

  it("are a hole where a page fails or they have no end", async () => {
    const failing = fakeAws((_seen, index) =>
      index === 0
        ? json({ bundles: [BUNDLE], nextPageToken: "p1" })
        : awsError("ThrottlingException", "Rate exceeded"),
    );
    const endless = fakeAws(() => json({ bundles: [BUNDLE], nextPageToken: "p" }));

    const seen = await eyesOver(failing).observe(PRICED);
    expect(seen.bundles).toMatchObject({ kind: "hole", hole: { why: "throttled" } });
    expect(seen.calls.map((call) => call.throttled)).toEqual([false, true]);

    expect((await eyesOver(endless).observe(PRICED)).bundles).toMatchObject({
      kind: "hole",
      hole: { why: "malformed" },
    });
    expect(endless.seen).toHaveLength(20);
  });

  it("are asked beside the servers, which leave them their connections", async () => {
    const { answers, transport } = slowServers();
    const clock = manualClock();
    const priced = Promise.withResolvers<Response>();
    const fake = fakeAws(() => priced.promise);

    const pending = eyesOver(fake, transport, clock).observe({ ...PRICED, probes: probes(10) });
    await vi.waitFor(() => expect(fake.seen).toHaveLength(1));
    expect(answers).toHaveLength(5);
    priced.resolve(json({ bundles: [BUNDLE] }));
    await vi.waitFor(() => expect(answers).toHaveLength(6));
    clock.advance(4_000);

    expect((await pending).bundles.kind).toBe("read");
  });
});

describe("a look-up by name", () => {
  const BY_NAME = { ...WATCH, lookUps: ["a"] };

  it("shows a stranger's instance too", async () => {
    const fake = fakeAws(() => json({ instance: wireInstance("a", "other/fleet") }));

    const { lookUps } = await eyesOver(fake).observe(BY_NAME);

    expect(lookUps).toMatchObject([{ kind: "found", instance: { owner: "other/fleet" } }]);
  });

  it("says absent only where AWS says so", async () => {
    const absent = fakeAws(() => awsError("NotFoundException", "does not exist", 404));
    const broken = fakeAws(() => new Response("not found", { status: 404 }));

    expect((await eyesOver(absent).observe(BY_NAME)).lookUps).toEqual([
      { kind: "absent", name: "a", startedAt: START_MS },
    ]);
    expect((await eyesOver(broken).observe(BY_NAME)).lookUps).toMatchObject([
      { kind: "hole", hole: { why: "unknown" } },
    ]);
  });

  it("is a hole where another instance comes back", async () => {
    const fake = fakeAws(() => json({ instance: wireInstance("b") }));

    expect((await eyesOver(fake).observe(BY_NAME)).lookUps).toMatchObject([{ kind: "hole" }]);
  });

  it("is not tried in a lane that AWS has just throttled", async () => {
    const fake = fakeAws(() => awsError("ThrottlingException", "Rate exceeded"));

    const { lookUps, calls } = await eyesOver(fake).observe({
      ...WATCH,
      lookUps: ["a", "b", "c", "d"],
    });

    expect(fake.seen.length).toBeLessThan(4);
    expect(calls).toHaveLength(fake.seen.length);
    expect(lookUps.at(-1)).toMatchObject({ name: "d", hole: { why: "unsent" } });
  });
});

describe("the tag", () => {
  const TAGGED = { ...WATCH, tag: TAG };

  it("is missing only where every page lacks it", async () => {
    const fake = fakeAws((_seen, index) =>
      index === 0 ? tagReply("", "<nextToken>n1</nextToken>") : tagReply(""),
    );

    expect((await eyesOver(fake).observe(TAGGED)).tag).toEqual({ kind: "missing", at: START_MS });
    expect(fake.seen).toHaveLength(2);
  });

  it("is found on a later page", async () => {
    const fake = fakeAws((_seen, index) =>
      index === 0 ? tagReply("", "<nextToken>n1</nextToken>") : tagReply(TAG_ITEM),
    );

    expect((await eyesOver(fake).observe(TAGGED)).tag).toMatchObject({ kind: "value" });
  });

  it("is a hole, not missing, where the pages have no end or an answer fails", async () => {
    const endless = fakeAws(() => tagReply("", "<nextToken>n</nextToken>"));
    const refused = fakeAws(() =>
      xml(
        "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>",
        503,
      ),
    );

    expect((await eyesOver(endless).observe(TAGGED)).tag).toMatchObject({ kind: "hole" });
    expect(endless.seen).toHaveLength(5);
    const seen = await eyesOver(refused).observe(TAGGED);
    expect(seen.tag).toMatchObject({ kind: "hole", hole: { why: "throttled" } });
    expect(seen.calls).toEqual([{ lane: "ec2", startedAt: START_MS, throttled: true }]);
  });
});

describe("the servers", () => {
  it("are asked six at a time, and each reading begins when its probe does", async () => {
    const clock = manualClock();
    const { answers, transport } = slowServers();

    const pending = eyesOver(NONE, transport, clock).observe({ ...WATCH, probes: probes(7) });
    await vi.waitFor(() => expect(answers).toHaveLength(6));
    clock.advance(500);
    answers[0]?.();
    await vi.waitFor(() => expect(answers).toHaveLength(7));
    for (const answer of answers) answer();
    const { readings } = await pending;

    expect(readings.map((reading) => reading.startedAt - START_MS)).toEqual([
      0, 0, 0, 0, 0, 0, 500,
    ]);
    expect(readings.map((reading) => reading.revision)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(readings.every((reading) => reading.kind === "answer")).toBe(true);
  });

  it("leave two sockets to a look that asks AWS, and get them back when AWS has answered", async () => {
    const clock = manualClock();
    const { answers, transport } = slowServers();
    const tagged = Promise.withResolvers<Response>();
    const listed = Promise.withResolvers<Response>();
    const fake = fakeAws(({ operation }) =>
      operation === "DescribeTags" ? tagged.promise : listed.promise,
    );

    const pending = eyesOver(fake, transport, clock).observe({
      ...WATCH,
      listing: WHOLE,
      tag: TAG,
      probes: probes(20),
    });
    await vi.waitFor(() => expect(fake.seen).toHaveLength(2));
    expect(answers).toHaveLength(4);
    tagged.resolve(tagReply(TAG_ITEM));
    await vi.waitFor(() => expect(answers).toHaveLength(5));
    listed.resolve(json({ instances: [] }));
    await vi.waitFor(() => expect(answers).toHaveLength(6));
    clock.advance(4_000);

    expect((await pending).listing.kind).toBe("complete");
  });
});

describe("the time limit of a look", () => {
  it("turns what is unfinished into holes, keeps what is done, and says nothing of who was not asked", async () => {
    const clock = manualClock();
    const { answers, transport } = slowServers();
    const fake = fakeAws(({ operation }, index) => {
      if (operation === "DescribeTags") return tagReply(TAG_ITEM);
      if (index < 2) return json({ instances: [wireInstance("a")], nextPageToken: "p1" });
      return new Promise<Response>(() => undefined);
    });

    const pending = eyesOver(fake, transport, clock).observe({
      ...WATCH,
      health: { ...WATCH.health, timeoutSeconds: 30 },
      listing: WHOLE,
      tag: TAG,
      probes: probes(8),
    });
    await vi.waitFor(() => expect(fake.seen).toHaveLength(3));
    await vi.waitFor(() => expect(answers).toHaveLength(5));
    answers[0]?.();
    await vi.waitFor(() => expect(answers).toHaveLength(6));
    clock.advance(4_000);
    const seen = await pending;

    expect(seen.tag.kind).toBe("value");
    expect(seen.listing).toMatchObject({
      kind: "partial",
      instances: [{ name: "a" }],
      hole: { why: "unknown" },
    });
    expect(seen.readings.map((reading) => reading.kind)).toEqual([
      "answer",
      "hole",
      "hole",
      "hole",
      "hole",
      "hole",
    ]);
    expect(seen.readings.map(({ name }) => name)).not.toContain("media-a-6");
    expect(seen.probing).toEqual({ cutShort: [], shards: 0, failedShards: [] });
    expect(clock.pending()).toBe(0);
  });
});
