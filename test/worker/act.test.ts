import { describe, expect, it, vi } from "vitest";
import type { Action, Command } from "../../durable/rules/world.ts";
import { createHands } from "../../worker/act.ts";
import {
  type FakeAws,
  OPERATIONS,
  START_MS,
  awsError,
  fakeAws,
  json,
  manualClock,
  testConfig,
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

function remove(name: string): Action {
  return { kind: "delete", name, arn: `arn:${name}` };
}

function commands(...actions: Action[]): Command[] {
  return actions.map((action, index) => ({
    number: 100 + index,
    tick: 12,
    region: "ap-northeast-2",
    notAfter: START_MS + 20_000,
    action,
  }));
}

function handsOver(fake: FakeAws, env: Record<string, string> = {}) {
  const clock = manualClock();
  const hands = createHands({ config: testConfig(env), fetch: fake.fetch, clock });
  return { clock, hands };
}

function accepting({ operation }: { operation: string }): Response {
  return json(
    operation === "PutInstancePublicPorts" ? { operation: { status: "Succeeded" } } : OPERATIONS,
  );
}

/** Holds whoever waits until so many do; then it stands open. */
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

  it("by a throttle keeps the rest of its lane, and no other lane", async () => {
    const together = gate(3);
    const fake = fakeAws(async (seen) => {
      await together();
      return seen.operation === "DeleteInstance"
        ? awsError("ThrottlingException", "slow")
        : accepting(seen);
    });
    const deletes = Array.from({ length: 6 }, (_none, index) => remove(`x${index}`));

    const outcomes = await handsOver(fake).hands.act(commands(...deletes, PORTS));

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
      message: "not sent: lane throttled (AWS refused an earlier delete call)",
      calls: [],
    });
    expect(outcomes[0]?.calls).toEqual([{ lane: "delete", startedAt: START_MS, throttled: true }]);
    expect(fake.seen).toHaveLength(4);
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

    const pending = hands.act(commands(...Array.from({ length: 7 }, () => PORTS)));
    await vi.waitFor(() => expect(fake.seen).toHaveLength(3));
    clock.advance(8_000);
    await vi.waitFor(() => expect(fake.seen).toHaveLength(6));
    clock.advance(4_000);

    expect((await pending).map((outcome) => outcome.kind)).toEqual([
      "unknown",
      "unknown",
      "unknown",
      "unknown",
      "unknown",
      "unknown",
      "unsent",
    ]);
    expect(clock.pending()).toBe(0);
  });
});
