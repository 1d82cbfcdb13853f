/**
 * The attack: a server's address becomes somebody else's, who answers as an empty server would that drains. The
 * server itself lives on at another address, with sessions on it.
 */
import { describe, expect, it } from "vitest";
import type { Exchange, ExchangeResult } from "../../worker/health/transport.ts";
import { PROBE_KEY, specOf, startFleet, type VirtualFleet } from "./fleet.ts";

const REGION = "ap-northeast-2";
const BAIT = '{"sessions":0,"draining":true}';
const SPEC = {
  health: {
    port: 8080,
    path: "/health",
    header: { name: "X-Probe-Key", secretRef: "PROBE_KEY" },
    drain: { path: "/lightfleet/{verb}", secretRef: "DRAIN_SECRET" },
    // The stranger says no name: what holds against it here is AWS's word alone.
    nameRequired: false,
  },
  retire: { idleForSeconds: 5, confirmations: 1, drainSeconds: 5, billing: "none" },
};

/** Addresses of ours that became somebody else's. */
class Strangers {
  readonly addresses = new Set<string>();
  /** What each of them was sent, in order. */
  readonly heard: Exchange[] = [];

  answer = (exchange: Exchange): ExchangeResult | null => {
    if (!this.addresses.has(exchange.to.host)) return null;
    this.heard.push(exchange);
    return { kind: "reply", status: 200, body: new TextEncoder().encode(BAIT) };
  };

  secrets(): readonly string[] {
    return this.heard.flatMap(({ headers }) =>
      headers.flatMap(({ name, value }) =>
        value === PROBE_KEY || name === "X-Lightfleet-Signature" ? [name] : [],
      ),
    );
  }
}

interface Scene {
  readonly fleet: VirtualFleet;
  readonly strangers: Strangers;
  readonly spec: object;
  /** How AWS shows the instance in its next replies, instead of as it is. */
  shown: { readonly name: string; readonly address: string; looks: number } | null;
}

/** Two servers that are ready. */
async function scene(spec: object = SPEC): Promise<Scene> {
  const strangers = new Strangers();
  const the: { shown: Scene["shown"] } = { shown: null };
  const fleet = startFleet({
    spec: { ...spec, spares: { default: "2" } },
    inBetween: strangers.answer,
    edit: (operation, reply) => {
      const instances =
        operation === "GetInstances" ? reply["instances"] : [reply["instance"] ?? {}];
      for (const each of instances as Record<string, unknown>[]) {
        if (the.shown === null || each["name"] !== the.shown.name || the.shown.looks === 0)
          continue;
        the.shown.looks -= 1;
        each["publicIpAddress"] = the.shown.address;
      }
    },
  });
  await fleet.run(40);
  expect(fleet.status()).toMatchObject({ spares: 2, converged: true });
  return Object.assign(the, { fleet, strangers, spec });
}

/** One is cordoned, and says that it drains. @returns its name */
async function oneDrains({ fleet, spec }: Scene): Promise<string> {
  fleet.apply(specOf({ ...spec, spares: { default: "1" } }));
  for (let tick = 0; tick < 20; tick++) {
    const found = fleet.sql.rows("SELECT name FROM instances WHERE phase = 'draining'");
    const [row] = found;
    if (row !== undefined) return String(row["name"]);
    await fleet.run(1);
  }
  throw new Error("nothing drains");
}

function moveAway({ fleet, strangers }: Scene, name: string): void {
  const old = fleet.cloud.moveAddress(REGION, name);
  if (old === null) throw new Error(`${name} does not run`);
  strangers.addresses.add(old);
}

function anyOf({ fleet }: Scene): string {
  const [row] = fleet.sql.rows("SELECT name FROM instances WHERE phase = 'ready' ORDER BY name");
  return String(row?.["name"]);
}

function addressOf({ fleet }: Scene, name: string): unknown {
  return fleet.sql.rows("SELECT publicIp FROM instances WHERE name = ?", name)[0]?.["publicIp"];
}

function isDeleted({ fleet }: Scene, name: string): boolean {
  return fleet.cloud.deletions().some((deletion) => deletion.name === name);
}

it("a stranger without a name gets no server deleted that must say its own", async () => {
  const { health, ...rest } = SPEC;
  const all = await scene({ ...rest, health: { ...health, nameRequired: true } });
  const name = await oneDrains(all);
  moveAway(all, name);

  await all.fleet.run(4);

  expect(isDeleted(all, name)).toBe(false);
});

describe("a stranger at the address of a server that drains", () => {
  it("does not get it deleted: AWS says that the address is another's", async () => {
    const all = await scene();
    const name = await oneDrains(all);
    const wasAt = addressOf(all, name);
    moveAway(all, name);

    await all.fleet.run(4);

    expect(isDeleted(all, name)).toBe(false);
    // It goes in the end: asked at its own address, it says itself that it is empty.
    await all.fleet.run(20);
    expect(addressOf(all, name)).not.toBe(wasAt);
    expect(isDeleted(all, name)).toBe(true);
  });

  it("is sent nothing any more once AWS has shown that the server is elsewhere", async () => {
    const all = await scene();
    moveAway(all, anyOf(all));
    await all.fleet.run(12);
    const heard = all.strangers.heard.length;

    await all.fleet.run(40);

    expect(all.strangers.heard).toHaveLength(heard);
  });
});

describe("an address that a listing shows once", () => {
  it.each([false, true])(
    "is sent no header and no drain call before AWS has shown it again (restart: %s)",
    async (restarts) => {
      const all = await scene();
      const name = anyOf(all);
      const trap = "203.0.113.99";
      all.strangers.addresses.add(trap);
      all.shown = { name, address: trap, looks: 1 };

      await all.fleet.run(20, () => {
        if (restarts) all.fleet.restart();
      });
      await all.fleet.run(40);

      expect(all.shown.looks).toBe(0);
      expect(all.strangers.heard).toEqual([]);
      expect(all.fleet.status()).toMatchObject({ spares: 2, converged: true });
    },
  );

  it("is asked once a second look has shown it: then it is what AWS says", async () => {
    const all = await scene();
    const name = anyOf(all);
    const trap = "203.0.113.99";
    all.strangers.addresses.add(trap);
    all.shown = { name, address: trap, looks: 6 };

    await all.fleet.run(20);

    expect(all.strangers.secrets()).toContain("X-Probe-Key");
  });
});

describe("a server that is started anew at another address", () => {
  it("is heard there", async () => {
    const all = await scene();
    const name = anyOf(all);
    all.fleet.cloud.stopInstance(REGION, name);
    await all.fleet.run(12);
    all.fleet.cloud.startInstance(REGION, name);

    await all.fleet.run(60);

    expect(all.fleet.status()).toMatchObject({ spares: 2, counts: { idle: 2, unknown: 0 } });
  });
});
