/** A morning and a concert of a whole fleet: the real signatures, the embedded EC2 and its tag. */
import { expect, test } from "vitest";
import type { CloudOptions } from "../aws/cloud/options.ts";
import { startFleet, TICK_MS, type VirtualFleet } from "./fleet.ts";

const REGION = "ap-northeast-2";
const TAG = { resource: "key-0abc1234", key: "여유_서버_목표치" };
const MINUTE_TICKS = 60_000 / TICK_MS;
/** The fleet begins at nine in Seoul; these are ten and fifteen past. */
const SPARES = {
  default: "1",
  tag: TAG,
  schedule: [{ name: "morning", cron: "10 9 * * *", timezone: "Asia/Seoul", spares: "6" }],
  specialDays: [
    {
      name: "concert",
      from: "2026-11-22T09:15",
      until: "2026-11-22T09:20",
      timezone: "Asia/Seoul",
      spares: "9",
    },
  ],
};

function aFleet(cloud: Partial<CloudOptions> = {}): VirtualFleet {
  const fleet = startFleet({ spec: { spares: SPARES, timezone: "Asia/Seoul" }, cloud });
  setTag(fleet, "2");
  return fleet;
}

function setTag(fleet: VirtualFleet, value: string): void {
  fleet.cloud.ec2Tags.set(REGION, TAG.resource, new Map([[TAG.key, value]]), fleet.now());
}

function tagOf(fleet: VirtualFleet): string | undefined {
  return fleet.cloud.ec2Tags.of(REGION, TAG.resource, fleet.now()).get(TAG.key);
}

function ruling(fleet: VirtualFleet): string {
  const { source, expression } = fleet.status().target;
  return `${source} ${expression}`;
}

function boundariesTold(fleet: VirtualFleet): string[] {
  return fleet.sql
    .rows("SELECT message FROM events WHERE kind = 'boundary' ORDER BY id")
    .map(({ message }) => String(message));
}

test("the morning's servers are ready at its minute, and the tag says so a moment later", async () => {
  const fleet = aFleet();
  await fleet.run(10 * MINUTE_TICKS - 1);
  expect(ruling(fleet)).toBe("tag 2");
  expect(tagOf(fleet)).toBe("2");

  await fleet.run(1);

  expect(ruling(fleet)).toBe("schedule 6");
  expect(fleet.status()).toMatchObject({ spares: 6, converged: true });
  await fleet.run(MINUTE_TICKS / 2);
  expect([tagOf(fleet), ruling(fleet)]).toEqual(["6", "tag 6"]);
});

test("servers are not launched long before they are wanted", async () => {
  const fleet = aFleet();

  await fleet.run(6 * MINUTE_TICKS);

  expect(fleet.cloud.everCreated()).toHaveLength(2);
});

test("a concert mutes the tag until it ends, and then the morning's value is in the tag again", async () => {
  const fleet = aFleet();
  await fleet.run(15 * MINUTE_TICKS);
  expect(fleet.status()).toMatchObject({ spares: 9, target: { source: "specialDay" } });
  await fleet.run(MINUTE_TICKS);
  expect(tagOf(fleet)).toBe("9");

  setTag(fleet, "1");
  await fleet.run(MINUTE_TICKS);
  expect(ruling(fleet)).toBe("specialDay 9");
  await fleet.run(4 * MINUTE_TICKS);

  expect([tagOf(fleet), ruling(fleet)]).toEqual(["6", "tag 6"]);
  expect(boundariesTold(fleet).slice(1)).toEqual([
    "morning begins: 6 spares; 6 goes into the tag",
    "concert begins: 9 spares; 9 goes into the tag",
    "concert ends: 6 spares; 6 goes into the tag",
  ]);
});

test("an EC2 that refuses the write keeps no server from coming, and the tag is written when it heals", async () => {
  const fleet = aFleet();
  fleet.wire.faults.add(
    {
      op: "CreateTags",
      times: 4,
      effect: { kind: "error", when: "before", type: "UnauthorizedOperation" },
    },
    fleet.now(),
  );

  await fleet.run(10 * MINUTE_TICKS + 2);
  fleet.restart();
  await fleet.run(MINUTE_TICKS - 2);
  expect([tagOf(fleet), ruling(fleet)]).toEqual(["2", "schedule 6"]);
  expect(fleet.status().spares).toBe(6);
  await fleet.run(2 * MINUTE_TICKS);

  expect([tagOf(fleet), ruling(fleet)]).toEqual(["6", "tag 6"]);
});

test("a tag that lags by a minute lets neither the night rule nor a person be overruled", async () => {
  const fleet = aFleet({ timing: { ec2TagLagMs: 55_000 } });
  const seen = new Set<string>();

  await fleet.run(10 * MINUTE_TICKS);
  await fleet.run(2 * MINUTE_TICKS, () => seen.add(ruling(fleet)));
  expect([...seen]).toEqual(["schedule 6", "tag 6"]);
  setTag(fleet, "4");
  await fleet.run(2 * MINUTE_TICKS);

  expect([tagOf(fleet), ruling(fleet)]).toEqual(["4", "tag 4"]);
});
