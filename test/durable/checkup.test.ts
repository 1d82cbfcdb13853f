/** What a fleet tells its doctor: of the real engine, which is the same afterwards. */
import { describe, expect, it } from "vitest";
import { checkupOf } from "../../durable/checkup.ts";
import type { Checkup } from "../../durable/rules/checkup-views.ts";
import type { Command, Outcome } from "../../durable/rules/world.ts";
import { aFleet, done, everything, type Fleet, tick, unborn } from "./fleet-builder.ts";
import { aCloudInstance, complete } from "./rules/builders.ts";

const DAY_MS = 86_400_000;
const NO_RIGHT = {
  kind: "rejected",
  rejection: "credentials",
  code: "AccessDeniedException",
  message: "not authorized to perform: lightsail:CreateInstances",
  requestId: null,
} as const;

const FULL = {
  rejection: "quota",
  code: "InvalidInputException",
  message: "Sorry, you've reached the maximum number of instances for your account.",
} as const;

function told(fleet: Fleet): Checkup {
  const before = everything(fleet);
  const checkup = checkupOf(fleet.engine, fleet.now);
  expect(everything(fleet)).toEqual(before);
  if (checkup === null) throw new Error("the fleet is gone");
  return checkup;
}

function refused({ number }: Command): Outcome {
  return { number, calls: [], ...NO_RIGHT };
}

/** Every row as AWS lists it: running, with an address of its own. */
function listing(fleet: Fleet) {
  const rows = [...(fleet.engine.read(fleet.now)?.state.instances.values() ?? [])];
  return complete(
    rows.map(({ name, plannedAt, template }) =>
      aCloudInstance({ name, createdAt: plannedAt, template }),
    ),
    fleet.now + 5_000,
  );
}

describe("a fleet's checkup", () => {
  it("is null where none was configured, and leaves nothing behind", () => {
    const fleet = unborn();

    expect(checkupOf(fleet.engine, fleet.now)).toBeNull();
    expect(fleet.sql.rows("SELECT name FROM sqlite_master")).toEqual([]);
  });

  it("has no proof and no server before anything was done", () => {
    const checkup = told(aFleet());

    expect(checkup).toMatchObject({
      lastTickAt: null,
      evidence: [],
      quotaHeld: null,
      candidate: null,
      answering: 0,
      probed: 0,
      probeMs: null,
    });
  });

  it("tells of a create that AWS carried out, and of when", () => {
    const fleet = aFleet({ spares: { default: "1" } });
    tick(fleet);

    const { evidence, lastTickAt } = told(fleet);

    const at = new Date(fleet.now).toISOString();
    expect(evidence).toEqual([{ action: "create", at, refusal: null }]);
    expect(lastTickAt).toBe(at);
  });

  it("tells of a refusal of the key that came later, and not of one for another reason", () => {
    const fleet = aFleet({ spares: { default: "1" } });
    tick(fleet, { outcome: refused });

    expect(told(fleet).evidence).toEqual([
      {
        action: "create",
        at: new Date(fleet.now).toISOString(),
        refusal: {
          rejection: NO_RIGHT.rejection,
          code: NO_RIGHT.code,
          message: NO_RIGHT.message,
        },
      },
    ]);

    const other = aFleet({ spares: { default: "1" } });
    tick(other, { outcome: (command) => ({ ...refused(command), rejection: "invalid" }) });
    expect(told(other).evidence).toEqual([]);
  });

  it("tells of a create when its command is long forgotten", () => {
    const fleet = aFleet({ spares: { default: "1" } });
    tick(fleet);
    const at = new Date(fleet.now).toISOString();
    fleet.sql.rows("DELETE FROM commands");
    fleet.now += 30 * DAY_MS;

    expect(told(fleet).evidence).toEqual([{ action: "create", at, refusal: null }]);
  });

  it("tells that AWS's quota holds it back, while it does", () => {
    const fleet = aFleet({ spares: { default: "1" } });
    tick(fleet, {
      outcome: (command) => ({ ...refused(command), ...FULL }),
    });

    expect(told(fleet).quotaHeld).toContain("quota");
    fleet.now += DAY_MS;
    expect(told(fleet).quotaHeld).toBeNull();
  });

  it("names a server that can be asked", () => {
    const fleet = aFleet({ spares: { default: "2" } });
    tick(fleet);
    tick(fleet, { listing: listing(fleet), outcome: done });
    tick(fleet, { listing: listing(fleet), outcome: done });

    const { candidate } = told(fleet);

    const rows = [...(fleet.engine.read(fleet.now)?.state.instances.values() ?? [])];
    expect(rows.map(({ phase }) => phase)).toEqual(["warming", "warming"]);
    expect(candidate).toMatchObject({ name: rows[0]?.name, address: rows[0]?.publicIp });
    expect(candidate?.health).toMatchObject({ port: 8080, path: "/health" });
  });

  it("names no server whose address has just changed: it would be sent the probe's header", () => {
    const fleet = aFleet({ spares: { default: "1" } });
    tick(fleet, { outcome: done });
    tick(fleet, { listing: listing(fleet), outcome: done });
    tick(fleet, { listing: listing(fleet), outcome: done });
    const moved = listing(fleet);
    if (moved.kind !== "complete") throw new Error("the listing is whole");
    const instances = moved.instances.map((each) => ({ ...each, publicIp: "198.51.100.9" }));

    expect(told(fleet).candidate).not.toBeNull();
    tick(fleet, { listing: { ...moved, instances }, outcome: done });

    expect(told(fleet).candidate).toBeNull();
  });
});
