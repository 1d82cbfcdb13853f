import { describe, expect, it, vi } from "vitest";
import type { HealthSpec } from "../../durable/rules/spec.ts";
import type { Action, Command } from "../../durable/rules/world.ts";
import { createHands } from "../../worker/act.ts";
import { endingBy } from "../must-end.ts";
import type { Exchange, ExchangeResult, Transport } from "../../worker/health/transport.ts";
import {
  type FakeAws,
  OPERATIONS,
  START_MS,
  awsError,
  fakeAws,
  json,
  manualClock,
  testConfig,
  xml,
} from "./aws/support.ts";

const CREATE: Action = {
  kind: "create",
  names: ["media-a-1"],
  zone: "ap-northeast-2a",
  image: { blueprint: "ubuntu_22_04" },
  bundle: "medium_3_0",
  userData: "",
  keyPair: null,
  tags: {},
};
const PORTS: Action = { kind: "ports", name: "media-a-1", ports: [], portsHash: "h" };

const TAGS: Action = {
  kind: "tags",
  name: "media-a-1",
  arn: "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/media-a-1",
  put: { team: "미디어" },
  remove: ["old"],
  tagsHash: "h",
};
const HEALTH: HealthSpec = {
  kind: "http",
  port: 8080,
  path: "/health",
  sessionsPointer: "/sessions",
  capacity: 1,
  intervalSeconds: 5,
  timeoutSeconds: 30,
  header: null,
  host: null,
  drain: { method: "POST", path: "/{verb}", secretRef: "DRAIN_KEY" },
  nameRequired: true,
};
const DRAIN: Action = {
  kind: "drain",
  verb: "drain",
  name: "media-a-1",
  address: "3.34.0.5",
  health: HEALTH,
};

function remove(name: string): Action {
  return { kind: "delete", name, arn: `arn:${name}` };
}

function commands(...actions: Action[]): Command[] {
  return actions.map((action, index) => ({
    number: 100 + index,
    tick: 12,
    region: "ap-northeast-2",
    pace: { bucket: "all", atOnce: 6 },
    notAfter: START_MS + 20_000,
    action,
  }));
}

const NO_SERVERS: Transport = () => Promise.reject(new Error("no drain call was expected"));

function handsOver(
  fake: FakeAws,
  env: Record<string, string> = {},
  transport: Transport = NO_SERVERS,
) {
  const clock = manualClock();
  const config = testConfig({ DRAIN_KEY: "a-drain-key-of-some-length", ...env });
  const hands = createHands({ config, fetch: fake.fetch, clock, transport });
  return { clock, hands: endingBy(hands, "the act", clock) };
}

/** Media servers that answer `status`, and what they were asked. */
function mediaServers(status = 200) {
  const asked: Exchange[] = [];
  const transport: Transport = (exchange) => {
    asked.push(exchange);
    return Promise.resolve({ kind: "reply", status, body: new Uint8Array() });
  };
  return { asked, transport };
}

function accepting({ operation }: { operation: string }): Response {
  return json(
    operation === "PutInstancePublicPorts" ? { operation: { status: "Succeeded" } } : OPERATIONS,
  );
}

/** Holds those who wait until so many do; then it stands open. */
function gate(count: number): () => Promise<void> {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let waiting = 0;
  return () => {
    waiting += 1;
    if (waiting === count) open();
    return opened;
  };
}

describe("an act", () => {
  it("carries out each command once, and answers in their order", async () => {
    const fake = fakeAws(accepting);
    const { hands } = handsOver(fake);

    const outcomes = await hands.act(
      commands(CREATE, { ...CREATE, image: { snapshot: "media-v3" } }, PORTS, remove("media-a-9")),
    );

    expect(fake.seen.map((call) => call.operation).toSorted()).toEqual([
      "CreateInstances",
      "CreateInstancesFromSnapshot",
      "DeleteInstance",
      "PutInstancePublicPorts",
    ]);
    expect(outcomes).toEqual(
      ["create", "create", "ports", "delete"].map((lane, index) => ({
        number: 100 + index,
        kind: "done",
        requestId: "req-1",
        calls: [{ lane, startedAt: START_MS, throttled: false }],
      })),
    );
  });

  it("of nothing does nothing", async () => {
    const { clock, hands } = handsOver(fakeAws(accepting));

    expect(await hands.act([])).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it("sends three calls at once, not more", async () => {
    const together = gate(3);
    const fake = fakeAws(async (seen) => {
      await together();
      return accepting(seen);
    });

    await handsOver(fake).hands.act(commands(...Array.from({ length: 12 }, () => PORTS)));

    expect(fake.seen).toHaveLength(12);
    expect(fake.atOnceMax()).toBe(3);
  });

  it("goes to the region of the command", async () => {
    const fake = fakeAws(accepting);
    const [command] = commands(PORTS);
    if (command === undefined) throw new Error("no command");

    await handsOver(fake).hands.act([{ ...command, region: "eu-west-1" }]);

    expect(fake.seen[0]?.url).toBe("https://lightsail.eu-west-1.amazonaws.com/");
  });

  it("sends nothing without credentials, and says what to set", async () => {
    const fake = fakeAws(accepting);

    const outcomes = await handsOver(fake, { AWS_ACCESS_KEY_ID: "" }).hands.act(commands(CREATE));

    expect(outcomes).toEqual([
      {
        number: 100,
        kind: "unsent",
        calls: [],
        message: "AWS_ACCESS_KEY_ID is not set: run `wrangler secret put AWS_ACCESS_KEY_ID`",
      },
    ]);
    expect(fake.seen).toHaveLength(0);
  });
});

describe("a command that fails", () => {
  it("says what AWS said, and does not keep the others", async () => {
    const fake = fakeAws((seen) =>
      seen.operation === "CreateInstances"
        ? awsError("InvalidInputException", "Some names are already in use: media-a-1")
        : accepting(seen),
    );

    const outcomes = await handsOver(fake).hands.act(commands(CREATE, remove("x")));

    expect(outcomes).toMatchObject([
      { kind: "rejected", rejection: "nameInUse", code: "InvalidInputException" },
      { kind: "done" },
    ]);
  });

  it.each([
    ["a connection lost", () => Promise.reject(new Error("reset"))],
    ["a server's failure", () => awsError("InternalFailure", "oops", 500)],
    ["a success in HTML", () => new Response("<html>")],
    ["half a success", () => new Response('{"operations":[{"sta')],
  ])("is unknown after %s, and is not tried again", async (_what, answer) => {
    const fake = fakeAws(answer);

    const outcomes = await handsOver(fake).hands.act(commands(CREATE));

    expect(outcomes).toMatchObject([{ number: 100, kind: "unknown", calls: [{ lane: "create" }] }]);
    expect(fake.seen).toHaveLength(1);
  });

  it("by a throttle keeps the rest of its token bucket, and no other", async () => {
    const together = gate(3);
    const fake = fakeAws(async (seen) => {
      await together();
      return seen.operation === "DeleteInstance"
        ? awsError("ThrottlingException", "slow")
        : accepting(seen);
    });
    const deletes = Array.from({ length: 6 }, (_none, index) => remove(`x${index}`));

    const three = commands(...deletes, PORTS).map((command, index) => ({
      ...command,
      pace:
        index < deletes.length ? { bucket: "delete", atOnce: 3 } : { bucket: "ports", atOnce: 1 },
    }));

    const outcomes = await handsOver(fake).hands.act(three);

    // Three were on their way before the first answer came.
    expect(outcomes.map((outcome) => outcome.kind)).toEqual([
      "throttled",
      "throttled",
      "throttled",
      "unsent",
      "unsent",
      "unsent",
      "done",
    ]);
    expect(outcomes[5]).toMatchObject({
      message: "not sent: lane throttled (AWS refused an earlier call of delete)",
      calls: [],
    });
    expect(outcomes[0]?.calls).toEqual([{ lane: "delete", startedAt: START_MS, throttled: true }]);
    expect(fake.seen).toHaveLength(4);
  });

  it("by a throttle keeps calls of other kinds that share its token bucket, too", async () => {
    const fake = fakeAws((seen) =>
      seen.operation === "DeleteInstance"
        ? awsError("ThrottlingException", "slow")
        : accepting(seen),
    );
    const shared = commands(remove("a"), PORTS).map((command) => ({
      ...command,
      pace: { bucket: "all", atOnce: 1 },
    }));

    const outcomes = await handsOver(fake).hands.act(shared);

    expect(outcomes.map(({ kind }) => kind)).toEqual(["throttled", "unsent"]);
    expect(fake.seen).toHaveLength(1);
  });
});

describe("a change of tags", () => {
  it("puts, then removes; each call is told to its lane", async () => {
    const fake = fakeAws(accepting);

    const outcomes = await handsOver(fake).hands.act(commands(TAGS));

    expect(fake.seen.map((call) => call.operation)).toEqual(["TagResource", "UntagResource"]);
    expect(fake.seen.map((call): unknown => JSON.parse(call.body))).toMatchObject([
      { resourceName: "media-a-1", tags: [{ key: "team", value: "미디어" }] },
      { resourceName: "media-a-1", tagKeys: ["old"] },
    ]);
    const call = { lane: "tags", startedAt: START_MS, throttled: false };
    expect(outcomes).toEqual([
      { number: 100, kind: "done", requestId: "req-1", calls: [call, call] },
    ]);
  });

  it("makes no call that would change nothing", async () => {
    const fake = fakeAws(accepting);

    const outcomes = await handsOver(fake).hands.act(
      commands({ ...TAGS, remove: [] }, { ...TAGS, put: {} }, { ...TAGS, put: {}, remove: [] }),
    );

    // Two commands go out side by side: whichever is signed first is sent first.
    expect(fake.seen.map((call) => call.operation).toSorted()).toEqual([
      "TagResource",
      "UntagResource",
    ]);
    expect(outcomes.map(({ kind, calls }) => [kind, calls.length])).toEqual([
      ["done", 1],
      ["done", 1],
      ["done", 0],
    ]);
  });

  it("does not remove where it could not put", async () => {
    const fake = fakeAws(() => awsError("NotFoundException", "does not exist", 404));

    const outcomes = await handsOver(fake).hands.act(commands(TAGS));

    expect(outcomes).toMatchObject([
      { kind: "rejected", rejection: "notFound", calls: [{ lane: "tags" }] },
    ]);
    expect(fake.seen).toHaveLength(1);
  });

  it.each([
    ["refused", () => awsError("ThrottlingException", "slow"), "throttled", true],
    ["lost", () => Promise.reject(new Error("reset")), "unknown", false],
  ])("is what its second call is, where that is %s", async (_what, second, kind, throttled) => {
    const fake = fakeAws((seen, index) => (index === 0 ? accepting(seen) : second()));

    const outcomes = await handsOver(fake).hands.act(commands(TAGS));

    expect(outcomes).toMatchObject([{ kind, calls: [{ throttled: false }, { throttled }] }]);
  });

  it("does not begin its second call late", async () => {
    const fake = fakeAws((seen) => {
      clock.advance(5_001);
      return accepting(seen);
    });
    const { clock, hands } = handsOver(fake);
    const soon = commands(TAGS).map((command) => ({ ...command, notAfter: START_MS + 5_000 }));

    const outcomes = await hands.act(soon);

    expect(outcomes).toMatchObject([{ kind: "unsent", calls: [{ lane: "tags" }] }]);
    expect(fake.seen).toHaveLength(1);
  });
});

describe("a drain call", () => {
  it("goes to the media server, signed, and to no lane of AWS's", async () => {
    const { asked, transport } = mediaServers();
    const fake = fakeAws(accepting);
    const { hands } = handsOver(fake, {}, transport);

    const outcomes = await hands.act(commands(DRAIN, { ...DRAIN, verb: "undrain" }));

    const done = { kind: "done", requestId: null, calls: [] };
    expect(outcomes).toEqual([
      { number: 100, ...done },
      { number: 101, ...done },
    ]);
    expect(asked).toMatchObject([
      { method: "POST", path: "/drain", to: { host: "3.34.0.5", port: 8080 } },
      { method: "POST", path: "/undrain" },
    ]);
    expect(fake.seen).toHaveLength(0);
  });

  it("says what the server says, and needs no credentials of AWS's", async () => {
    const { transport } = mediaServers(401);
    const { hands } = handsOver(fakeAws(accepting), { AWS_ACCESS_KEY_ID: "" }, transport);

    expect(await hands.act(commands(DRAIN))).toMatchObject([
      { number: 100, kind: "rejected", code: "HTTP 401", calls: [] },
    ]);
  });

  it("is not sent without its secret, nor late", async () => {
    const { asked, transport } = mediaServers();
    const keyless = handsOver(fakeAws(accepting), { DRAIN_KEY: "" }, transport);
    const late = handsOver(fakeAws(accepting), {}, transport);
    late.clock.advance(20_001);

    expect(await keyless.hands.act(commands(DRAIN))).toMatchObject([{ kind: "unsent" }]);
    expect(await late.hands.act(commands(DRAIN))).toMatchObject([{ kind: "unsent" }]);
    expect(asked).toEqual([]);
  });

  it("does not wait behind changes, nor changes behind it; six connections in all", async () => {
    const waiting: (() => void)[] = [];
    const asked: Exchange[] = [];
    const slowServers: Transport = (exchange) => {
      asked.push(exchange);
      return new Promise<ExchangeResult>((resolve) => {
        waiting.push(() => resolve({ kind: "reply", status: 200, body: new Uint8Array() }));
      });
    };
    const fake = fakeAws(
      (seen) => new Promise((resolve) => waiting.push(() => resolve(accepting(seen)))),
    );
    const { hands } = handsOver(fake, {}, slowServers);
    const mixed = Array.from({ length: 5 }, () => [PORTS, DRAIN]).flat();

    const pending = hands.act(commands(...mixed));
    await vi.waitFor(() => expect(waiting).toHaveLength(6));
    expect([fake.seen.length, asked.length]).toEqual([4, 2]);
    for (const finish of waiting.splice(0)) finish();
    await vi.waitFor(() => expect(waiting).toHaveLength(3));
    for (const finish of waiting.splice(0)) finish();
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    for (const finish of waiting.splice(0)) finish();

    expect((await pending).every((outcome) => outcome.kind === "done")).toBe(true);
    expect([fake.seen.length, asked.length]).toEqual([5, 5]);
  });

  it("that still waits at the end of the act is unsent", async () => {
    const transport: Transport = (_exchange, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ kind: "failed", detail: "given up" }));
      });
    const { clock, hands } = handsOver(fakeAws(accepting), {}, transport);

    const pending = hands.act(commands(...Array.from({ length: 7 }, () => DRAIN)));
    await vi.waitFor(() => expect(clock.pending()).toBe(7));
    clock.advance(12_000);

    expect((await pending).map((outcome) => outcome.kind)).toEqual([
      ...Array.from({ length: 6 }, () => "unknown"),
      "unsent",
    ]);
    expect(clock.pending()).toBe(0);
  });
});

describe("the time of a command", () => {
  it("is looked at before each call: what is late is not sent", async () => {
    const fake = fakeAws(accepting);
    const { clock, hands } = handsOver(fake);
    clock.advance(20_001);

    const outcomes = await hands.act(commands(CREATE, PORTS));

    expect(outcomes.map((outcome) => outcome.kind)).toEqual(["unsent", "unsent"]);
    expect(fake.seen).toHaveLength(0);
  });

  it("is looked at again after waiting for a slot", async () => {
    const held: (() => void)[] = [];
    const fake = fakeAws(
      (seen) => new Promise((resolve) => held.push(() => resolve(accepting(seen)))),
    );
    const { clock, hands } = handsOver(fake);
    const soon = commands(PORTS, PORTS, PORTS, PORTS).map((command) => ({
      ...command,
      pace: { bucket: "all", atOnce: 3 },
      notAfter: START_MS + 5_000,
    }));

    const pending = hands.act(soon);
    await vi.waitFor(() => expect(held).toHaveLength(3));
    clock.advance(5_001);
    for (const finish of held) finish();

    expect((await pending).map((outcome) => outcome.kind)).toEqual([
      "done",
      "done",
      "done",
      "unsent",
    ]);
  });

  it("ends with the act: what is under way is unknown, what waits is unsent", async () => {
    const fake = fakeAws(() => new Promise<Response>(() => undefined));
    const { clock, hands } = handsOver(fake);

    const pending = hands.act(commands(...Array.from({ length: 13 }, () => PORTS)));
    await vi.waitFor(() => expect(fake.seen).toHaveLength(6));
    clock.advance(8_000);
    await vi.waitFor(() => expect(fake.seen).toHaveLength(12));
    clock.advance(4_000);

    expect((await pending).map((outcome) => outcome.kind)).toEqual([
      ...Array.from({ length: 12 }, () => "unknown"),
      "unsent",
    ]);
    expect(clock.pending()).toBe(0);
  });
});

describe("a boundary's value for the tag", () => {
  const WRITE: Action = {
    kind: "targetTag",
    tag: { resource: "key-0abc1234", key: "여유_서버_목표치" },
    value: "20",
  };
  const written = (): Response =>
    xml("<CreateTagsResponse><requestId>r-1</requestId><return>true</return></CreateTagsResponse>");
  const refused = (code: string): Response =>
    xml(
      `<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors><RequestID>r-2</RequestID></Response>`,
      400,
    );

  it("is written by one call of EC2, in its own lane", async () => {
    const fake = fakeAws(written);

    const outcomes = await handsOver(fake).hands.act(commands(WRITE));

    expect(fake.seen.map(({ operation }) => operation)).toEqual(["CreateTags"]);
    expect(outcomes).toMatchObject([
      {
        number: 100,
        kind: "done",
        calls: [{ lane: "ec2", startedAt: START_MS, throttled: false }],
      },
    ]);
  });

  it("is neither kept back by a refused create, nor keeps one back", async () => {
    const fake = fakeAws((seen) =>
      seen.operation === "CreateTags" ? refused("RequestLimitExceeded") : accepting(seen),
    );

    const outcomes = await handsOver(fake).hands.act(commands(WRITE, CREATE));

    expect(outcomes).toMatchObject([
      { kind: "throttled", calls: [{ lane: "ec2", throttled: true }] },
      { kind: "done" },
    ]);
  });

  it("tells AWS's refusal, and is not tried again by the hands", async () => {
    const fake = fakeAws(() => refused("UnauthorizedOperation"));

    const outcomes = await handsOver(fake).hands.act(commands(WRITE));

    expect(outcomes).toMatchObject([
      { kind: "rejected", rejection: "credentials", code: "UnauthorizedOperation" },
    ]);
    expect(fake.seen).toHaveLength(1);
  });

  it("is not sent after its last moment", async () => {
    const fake = fakeAws(written);
    const { clock, hands } = handsOver(fake);
    clock.advance(20_001);

    expect(await hands.act(commands(WRITE))).toMatchObject([{ kind: "unsent", calls: [] }]);
    expect(fake.seen).toEqual([]);
  });

  it("is perhaps written where the answer cannot be read", async () => {
    const fake = fakeAws(() => new Response("<html>"));

    expect(await handsOver(fake).hands.act(commands(WRITE))).toMatchObject([{ kind: "unknown" }]);
  });
});
