/** What waits in the ledger to be told. */
import { beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../durable/ledger/migrations.ts";
import {
  markSent,
  oldestBulletins,
  putBulletins,
  readAlerts,
  writeAlerts,
} from "../../durable/ledger/outbox.ts";
import type { OpenAlert } from "../../durable/rules/bulletins.ts";
import { aBulletin } from "../worker/notify/bulletins.ts";
import { type NodeSql, nodeSql } from "../virtual/node-sql.ts";

let sql: NodeSql;
beforeEach(() => {
  sql = nodeSql();
  migrate(sql, 0);
  sql.takeWrites();
});

function told(limit = 1_000): string[] {
  return oldestBulletins(sql, limit).map(({ bulletin }) => bulletin.what);
}

function put(count: number, from = 0, severity: "page" | "tell" = "tell"): void {
  const bulletins = Array.from({ length: count }, (_, index) =>
    aBulletin({ what: `${severity} ${from + index}`, severity }),
  );
  putBulletins(sql, bulletins);
}

describe("the outbox", () => {
  it("gives what waits in its order, whole, and as many as are wanted", () => {
    const bulletin = aBulletin({ what: "first" });
    putBulletins(sql, [bulletin, aBulletin({ what: "second" })]);
    putBulletins(sql, [aBulletin({ what: "third" })]);

    expect(told(2)).toEqual(["first", "second"]);
    expect(oldestBulletins(sql, 1)[0]?.bulletin).toEqual(bulletin);
  });

  it("forgets what was sent, and nothing else", () => {
    put(3);

    markSent(sql, oldestBulletins(sql, 2));

    expect(told()).toEqual(["tell 2"]);
  });

  it("writes nothing where there is nothing to tell", () => {
    putBulletins(sql, []);

    expect(sql.takeWrites()).toBe(0);
  });

  it("keeps five hundred as they are", () => {
    put(500);

    expect(told()).toHaveLength(500);
    expect(told()[0]).toBe("tell 0");
  });

  it("puts the oldest together where there are more, and says how many they were", () => {
    put(500);
    put(20, 500);
    put(1, 520);

    expect(told()).toHaveLength(500);
    expect(told()[0]).toBe("and 22 more messages, which could not be sent when they were new.");
    expect(told()[1]).toBe("tell 22");
    expect(told().at(-1)).toBe("tell 520");
  });

  it("keeps what would page somebody, as long as there is anything else", () => {
    put(10, 0, "page");
    put(490);
    put(5, 490);

    expect(told().slice(0, 11)).toEqual([
      ...Array.from({ length: 10 }, (_, index) => `page ${index}`),
      "and 6 more messages, which could not be sent when they were new.",
    ]);
  });

  it("puts pages together where there is nothing else, and still pages", () => {
    put(510, 0, "page");

    const [first] = oldestBulletins(sql, 1);

    expect(told()).toHaveLength(500);
    expect(first?.stands).toBe(11);
    expect(first?.bulletin.severity).toBe("page");
  });

  it("does not lose what was merged into a message that was on its way", () => {
    put(500);
    const onItsWay = oldestBulletins(sql, 1);
    put(5, 500);

    markSent(sql, onItsWay);

    expect(told()[0]).toBe("and 6 more messages, which could not be sent when they were new.");
  });
});

describe("the troubles that were told", () => {
  const alert: OpenAlert = {
    kind: "guard",
    subject: "maxInstances",
    since: 5,
    severity: "tell",
    what: "what",
    canDo: "can do",
    awaySince: null,
  };

  it("are read as they were written", () => {
    writeAlerts(sql, [], [alert, { ...alert, subject: "quota", severity: "off" }]);

    expect(readAlerts(sql)).toEqual([alert, { ...alert, subject: "quota", severity: "off" }]);
  });

  it("are not kept before they were told", () => {
    writeAlerts(sql, [], [{ ...alert, severity: null }]);

    expect(readAlerts(sql)).toEqual([]);
    expect(sql.takeWrites()).toBe(0);
  });

  it("are kept in their newest words", () => {
    const newer = { ...alert, what: "what now", canDo: "can do now" };
    writeAlerts(sql, [], [alert]);

    writeAlerts(sql, [alert], [newer]);

    expect(readAlerts(sql)).toEqual([newer]);
  });

  it("are forgotten when they end, and cost nothing while they last or are away", () => {
    writeAlerts(sql, [], [alert]);
    sql.takeWrites();

    writeAlerts(sql, [alert], [{ ...alert, awaySince: 9 }]);
    expect(sql.takeWrites()).toBe(0);
    writeAlerts(sql, [{ ...alert, awaySince: 9 }], []);

    expect(readAlerts(sql)).toEqual([]);
  });

  it("are forgotten one by one, and the others of their kind or subject stay", () => {
    const others = [{ ...alert, subject: "quota" }, { ...alert, kind: "rollout" } as const];
    writeAlerts(sql, [], [alert, ...others]);

    writeAlerts(sql, [alert, ...others], others);

    expect(readAlerts(sql)).toEqual(others);
  });
});
