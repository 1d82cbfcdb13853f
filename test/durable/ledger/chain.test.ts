/** The attack: somebody who can write the ledger's tables bends what the audit trail says. */
import { beforeEach, describe, expect, it } from "vitest";
import { auditPage, readChains } from "../../../durable/ledger/chain.ts";
import { forgetEvents, insertEvent } from "../../../durable/ledger/events.ts";
import { migrate } from "../../../durable/ledger/migrations.ts";
import type { EventKind } from "../../../durable/rules/state.ts";
import type { FleetApi } from "../../../durable/rules/views.ts";
import { verifyAudit } from "../../../worker/api/verify-audit.ts";
import { type NodeSql, nodeSql } from "../../virtual/node-sql.ts";
import { NOW } from "../rules/builders.ts";

const DAY_MS = 86_400_000;
/** More than two pages of the verification. */
const MANY = 2_500;

let sql: NodeSql;
beforeEach(() => {
  sql = nodeSql();
  migrate(sql, NOW);
});

function write(kind: EventKind, daysAgo = 0, message = `a ${kind}`): number {
  const at = NOW - daysAgo * DAY_MS;
  const event = { kind, instance: "media-k3-1", message, data: { sessions: 3 }, actor: "olga" };
  return insertEvent(sql, 7, at, event).id;
}

/** Six rows of both chains: the ids 1 to 6, of which 2, 4 and 6 are routine. */
function trail(): void {
  for (const kind of ["launch", "ready", "forced", "ready", "delete", "ready"] as const)
    write(kind);
}

/** The verdict of the Worker, which sees the ledger only through the object's pages. */
async function verdict(page = (afterId: number) => auditPage(sql, afterId)) {
  const verified = await verifyAudit({ audit: async (id: number) => page(id) } as FleetApi);
  if (verified === null) throw new Error("there is a fleet");
  return verified;
}

async function brokenAt(): Promise<number | null> {
  const { holds, break: broken } = await verdict();
  expect(holds).toBe(broken === null);
  return broken?.eventId ?? null;
}

describe("a trail that nobody bent", () => {
  it("holds, over several pages and both chains", async () => {
    for (let index = 0; index < MANY; index++) write(index % 3 === 0 ? "launch" : "ready");

    expect(await verdict()).toMatchObject({ holds: true, checked: MANY, unchained: 0 });
  });

  it("holds when it is empty", async () => {
    expect(await verdict()).toMatchObject({ holds: true, checked: 0, break: null });
  });

  it("holds after its old rows were thinned and forgotten, again and again", async () => {
    for (const daysAgo of [120, 100, 80, 20, 8, 3])
      for (const kind of ["launch", "ready", "forced"] as const) write(kind, daysAgo);

    for (const later of [0, 15, 60, 200]) {
      forgetEvents(sql, NOW + later * DAY_MS);
      expect(await verdict(), `${later} days later`).toMatchObject({ holds: true });
    }
    expect(auditPage(sql, 0).rows).toEqual([]);
    write("launch");
    expect(await verdict()).toMatchObject({ holds: true, checked: 1 });
  });

  it("holds after a storm of rows made room, the routine ones first", async () => {
    for (let index = 0; index < 4; index++)
      for (const kind of ["launch", "ready"] as const) write(kind);

    forgetEvents(sql, NOW, 3);
    expect(auditPage(sql, 0).rows.map(({ id, kind }) => [id, kind])).toEqual([
      [3, "launch"],
      [5, "launch"],
      [7, "launch"],
    ]);
    expect(await verdict()).toMatchObject({ holds: true, checked: 3 });

    write("ready");
    forgetEvents(sql, NOW, 3);
    expect(await verdict()).toMatchObject({ holds: true, checked: 3 });
  });

  it("holds when rows are forgotten and written while it is read", async () => {
    for (let index = 0; index < MANY; index++) write("ready", index < 1_000 ? 8 : 3);
    let pages = 0;

    const verified = await verdict((afterId) => {
      if (++pages === 2) {
        forgetEvents(sql, NOW);
        write("launch");
      }
      return auditPage(sql, afterId);
    });

    expect(verified.holds).toBe(true);
  });

  it("counts the rows from before there were chains, for which nothing vouches", async () => {
    const old = nodeSql();
    migrate(old, NOW);
    old.rows("DELETE FROM chains");
    old.rows(
      "INSERT INTO events (at, tick, kind, actor, message, data) VALUES (?, 1, 'launch', 'fleet', 'old', '{}')",
      NOW,
    );
    old.rows(
      `INSERT INTO chains SELECT name, 1, 1, '${"0".repeat(64)}', 1, '${"0".repeat(64)}' FROM (SELECT 'lasting' AS name UNION SELECT 'routine')`,
    );
    sql = old;
    write("launch");

    expect(await verdict()).toMatchObject({ holds: true, checked: 1, unchained: 1 });
  });
});

describe("a bent trail breaks at the place where it was bent", () => {
  beforeEach(() => trail());

  it.each([
    ["actor", "'nobody'"],
    ["message", "'nothing happened'"],
    ["kind", "'launch'"],
    ["instance", "NULL"],
    ["at", "at - 1"],
    ["tick", "8"],
    ["data", `'{"sessions":0}'`],
    ["hash", "upper(hash)"],
    ["hash", "NULL"],
    ["chain", "'routine'"],
    ["chain", "NULL"],
  ])("if the %s of a row becomes %s", async (column, value) => {
    sql.rows(`UPDATE events SET ${column} = ${value} WHERE id = 3`);

    expect(await brokenAt()).toBe(3);
  });

  it("if a row in the middle is removed: at the next one of its chain", async () => {
    sql.rows("DELETE FROM events WHERE id = 3");

    expect(await brokenAt()).toBe(5);
  });

  it("if the oldest row is removed", async () => {
    sql.rows("DELETE FROM events WHERE id = 1");

    expect(await brokenAt()).toBe(3);
  });

  it("if the newest row is removed", async () => {
    sql.rows("DELETE FROM events WHERE id = 6");

    expect(await verdict()).toMatchObject({ break: { chain: "routine", eventId: 4 } });
  });

  it("if every row is removed", async () => {
    sql.rows("DELETE FROM events");

    expect((await verdict()).holds).toBe(false);
  });

  it("if a row is added past the chains", async () => {
    sql.rows(
      "INSERT INTO events (at, tick, kind, actor, message, data) VALUES (?, 1, 'protect', 'olga', 'I protected it', '{}')",
      NOW,
    );
    write("launch");

    expect(await brokenAt()).toBe(7);
  });

  it("if two rows are swapped", async () => {
    sql.rows("UPDATE events SET id = 99 WHERE id = 1");
    sql.rows("UPDATE events SET id = 1 WHERE id = 3");
    sql.rows("UPDATE events SET id = 3 WHERE id = 99");

    expect(await brokenAt()).toBe(1);
  });

  it("if its checkpoint is moved, so that the row looks forgotten", async () => {
    sql.rows("UPDATE chains SET afterId = 3 WHERE name = 'lasting'");

    expect(await brokenAt()).toBe(1);
  });

  it("and goes on to show it after more was written, and after old rows were forgotten", async () => {
    sql.rows("UPDATE events SET actor = 'nobody' WHERE id = 3");
    write("launch");
    forgetEvents(sql, NOW + DAY_MS);

    expect(await brokenAt()).toBe(3);
  });
});

describe("a trail that was written anew as a whole", () => {
  it("holds in itself, and another head than the copy that is kept elsewhere gives it away", async () => {
    trail();
    const copied = (await verdict()).heads;
    const forged = nodeSql();
    migrate(forged, NOW);
    sql = forged;
    for (const kind of ["launch", "ready", "delete", "ready", "delete", "ready"] as const)
      write(kind);

    const { holds, heads } = await verdict();

    expect(holds).toBe(true);
    expect(heads.find(({ chain }) => chain === "lasting")).not.toEqual(
      copied.find(({ chain }) => chain === "lasting"),
    );
  });
});

it("an id is never given twice, though all rows before it are forgotten", () => {
  const last = write("launch", 100);
  forgetEvents(sql, NOW);

  expect(write("launch")).toBe(last + 1);
  expect(readChains(sql).find(({ name }) => name === "lasting")?.headId).toBe(last + 1);
});
