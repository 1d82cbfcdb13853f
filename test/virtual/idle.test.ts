import { expect, test } from "vitest";
import { startFleet, type VirtualFleet } from "./fleet.ts";

const HOURS = 2;
const TICKS = HOURS * 720;
/** One for each begun block of a thousand tick numbers. */
const BLOCKS_MAX = 2;

test("an idle tick runs no statement on the ledger", async () => {
  const fleet = startFleet({ spec: { spares: { default: "2" } } });
  await fleet.run(80);
  const statements: string[] = [];
  const rows = fleet.sql.rows.bind(fleet.sql);
  fleet.sql.rows = (statement, ...bindings) => {
    statements.push(statement);
    return rows(statement, ...bindings);
  };

  await fleet.run(60);

  expect(fleet.status()).toMatchObject({ spares: 2, converged: true });
  expect(statements).toEqual([]);
});

function rowsWritten({ sql }: VirtualFleet): number {
  return Number(sql.rows("SELECT total_changes() AS written")[0]?.["written"]);
}

test("hours of idle ticks write one row an hour for the history and one for each block of tick numbers", async () => {
  const fleet = startFleet({ spec: { spares: { default: "2" } } });
  await fleet.run(80);
  const ticks: number[] = [];
  let before = rowsWritten(fleet);

  await fleet.run(TICKS, () => {
    const written = rowsWritten(fleet);
    ticks.push(written - before);
    before = written;
  });

  const wrote = ticks.filter((rows) => rows > 0);
  expect(fleet.status()).toMatchObject({ spares: 2, converged: true });
  expect(wrote).toEqual(wrote.map(() => 1));
  expect(wrote.length).toBeGreaterThanOrEqual(HOURS);
  expect(wrote.length).toBeLessThanOrEqual(HOURS + BLOCKS_MAX);
});
