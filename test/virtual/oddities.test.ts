/** Rows of a listing that cannot be read, beside a whole fleet. */
import { describe, expect, it, test } from "vitest";
import { NO_INSTANCES, ODDITIES } from "../aws/odd-instances.ts";
import { specOf, startFleet, type VirtualFleet } from "./fleet.ts";

type Json = Readonly<Record<string, unknown>>;
type Edit = (row: Json) => unknown;

const THEIRS: Json = {
  name: "wordpress",
  arn: "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/theirs",
  createdAt: 1569447986.061,
  location: { availabilityZone: "ap-northeast-2a", regionName: "ap-northeast-2" },
  resourceType: "Instance",
  tags: [],
  bundleId: "nano_3_0",
  networking: { ports: [] },
  state: { code: 16, name: "running" },
};

function spares(count: number): Json {
  return specOf({ spares: { default: String(count) }, retire: RETIRE });
}

const RETIRE = { billing: "none", idleForSeconds: 0, drainSeconds: 0 };

/** A fleet of three beside such rows, which then needs one only. */
async function beside(rows: readonly unknown[]): Promise<VirtualFleet> {
  const fleet = startFleet({ spec: spares(3), edit: adding(rows) });
  await fleet.run(25);
  expect(fleet.status()).toMatchObject({ spares: 3, converged: true, blockers: [] });
  fleet.apply(spares(1));
  await fleet.run(50);
  return fleet;
}

function adding(rows: readonly unknown[]) {
  return (operation: string, reply: Record<string, unknown>): void => {
    if (operation === "GetInstances")
      reply["instances"] = [...rows, ...(reply["instances"] as readonly unknown[])];
  };
}

const EVERY = ODDITIES.map(({ spoil }, index) =>
  spoil({ ...THEIRS, name: `theirs-${index}`, arn: `arn:aws:lightsail:theirs-${index}` }),
);

describe("somebody else's instance in a form that cannot be read", () => {
  it.each<[string, readonly unknown[]]>([
    ["one without a state", [{ ...THEIRS, state: null }]],
    ["one whose date is a text", [{ ...THEIRS, createdAt: "2026-11-30T10:00:00Z" }]],
    ["one of each form that a member can have", EVERY],
    ["rows that are no instances", NO_INSTANCES.map(({ spoil }) => spoil({}))],
  ])("does not keep the fleet from launching and deleting: %s", async (_what, rows) => {
    const fleet = await beside(rows);

    expect(fleet.status()).toMatchObject({ spares: 1, converged: true, blockers: [], alerts: [] });
    expect(fleet.cloud.deletions()).toHaveLength(2);
  });
});

/** Spoils the rows of one server of the fleet, in listings and by its name. */
function spoiling(spoil: Edit) {
  const victim: { name: string | null } = { name: null };
  const of = (row: unknown): unknown =>
    victim.name !== null && (row as Json)["name"] === victim.name ? spoil(row as Json) : row;
  const edit = (operation: string, reply: Record<string, unknown>): void => {
    if (operation === "GetInstances")
      reply["instances"] = (reply["instances"] as readonly unknown[]).map((row) => of(row));
    if (operation === "GetInstance") reply["instance"] = of(reply["instance"]);
  };
  return { victim, edit };
}

describe("a server of ours in a form that cannot be read", () => {
  it.each<[string, Edit]>([
    ["without a state", (row) => ({ ...row, state: null })],
    ["with a date as text", (row) => ({ ...row, createdAt: "2026-11-30T10:00:00Z" })],
    ["without tags", (row) => ({ ...row, tags: null })],
    ["without a name", (row) => ({ ...row, name: 5 })],
    ["without an ARN", (row) => ({ ...row, arn: null })],
    ["without anything but its name", ({ name }) => ({ name })],
    ["without anything but its tags", ({ tags }) => ({ tags })],
  ])("is left alone, and only that one (%s)", async (_what, spoil) => {
    const { victim, edit } = spoiling(spoil);
    const fleet = startFleet({ spec: spares(3), edit });
    await fleet.run(30);
    const [name = ""] = fleet.cloud.list("ap-northeast-2").map(({ instance }) => instance.name);
    victim.name = name;
    await fleet.run(10);
    fleet.apply(spares(0));

    await fleet.run(90);

    const left = fleet.cloud.list("ap-northeast-2").map(({ instance }) => instance.name);
    expect(left).toEqual([name]);
    expect(fleet.status()).toMatchObject({
      counts: { total: 1 },
      unread: [{}],
      alerts: [{ kind: "unread", severity: "tell" }],
    });

    victim.name = null;
    await fleet.run(60);
    expect(fleet.cloud.list("ap-northeast-2")).toEqual([]);
    expect(fleet.status()).toMatchObject({ unread: [], alerts: [], counts: { total: 0 } });
  });
});

test("a server that a person deletes beside a row that says nothing is missed by its name", async () => {
  const fleet = startFleet({ spec: spares(2), edit: adding([null]) });
  await fleet.run(60);
  const [first] = fleet.cloud.servers();
  fleet.cloud.deleteInstance("ap-northeast-2", first?.name ?? "");

  await fleet.run(120);

  expect(fleet.status()).toMatchObject({ spares: 2 });
  expect(fleet.cloud.servers().map(({ name }) => name)).not.toContain(first?.name);
  expect(fleet.cloud.everCreated()).toHaveLength(3);
});
