/** What a death leaves on the disk of the simulated object. */
import { expect, test } from "vitest";
import { migrate } from "../../../durable/ledger/migrations.ts";
import { insertCommand } from "../../../durable/ledger/records.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import { aDelete } from "../oracle/builders.ts";
import { Disk } from "./disk.ts";

function aDisk(): { disk: Disk; commands: () => number } {
  const disk = new Disk();
  disk.transaction(
    () => migrate(sqlOf(disk), 0),
    () => {},
  );
  return { disk, commands: () => disk.sql.rows("SELECT 1 FROM commands").length };
}

function sqlOf(disk: Disk): Sql {
  return {
    rows: (statement, ...bindings) => disk.rows(statement, ...bindings),
    transaction: (work) => work(),
  };
}

function write(disk: Disk, number: number): void {
  disk.transaction(
    () => insertCommand(sqlOf(disk), aDelete(number), 0),
    () => {},
  );
}

test("a commit with commands is lost with an object that dies before it is durable", () => {
  const { disk, commands } = aDisk();

  write(disk, 1);
  expect(commands()).toBe(1);
  disk.loseInFlight();

  expect(commands()).toBe(0);
});

test("what is durable is not lost, nor what was written before another commit", () => {
  const { disk, commands } = aDisk();

  write(disk, 1);
  write(disk, 2);
  disk.loseInFlight();
  expect(commands()).toBe(1);

  write(disk, 3);
  disk.makeDurable();
  disk.loseInFlight();
  expect(commands()).toBe(2);
});

test("a transaction that throws leaves nothing, and nothing in flight", () => {
  const { disk, commands } = aDisk();
  const fails = () =>
    disk.transaction(
      () => insertCommand(sqlOf(disk), aDelete(1), 0),
      () => {
        throw new Error("the storage fails");
      },
    );

  expect(fails).toThrow("the storage fails");

  expect(commands()).toBe(0);
  expect(disk.isInFlight).toBe(false);
});
