import { expect, test } from "vitest";
import { MeteredDisk } from "./metered-disk.ts";

function diskWith(...statements: string[]): MeteredDisk {
  const disk = new MeteredDisk();
  for (const statement of statements) disk.sql.rows(statement);
  return disk;
}

test("each row that is written counts, and its indexes when it comes or goes", () => {
  const disk = diskWith(
    "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)",
    "CREATE INDEX thingsByName ON things (name)",
  );

  disk.rows("INSERT INTO things VALUES (?, ?), (?, ?)", 1, "one", 2, "zwei");
  expect(disk.take()).toEqual({ rowsRead: 0, rowsWritten: 4, bytesWritten: 8 + 3 + 8 + 4 });
  disk.rows("UPDATE things SET name = ? WHERE id = ?", "ein", 1);
  expect(disk.take().rowsWritten).toBe(1);
  disk.rows("DELETE FROM things");
  expect(disk.take().rowsWritten).toBe(4);
});

test("a statement that changes no row writes none", () => {
  const disk = diskWith("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)");

  disk.rows("INSERT INTO things VALUES (1, 'one')");
  disk.rows("UPDATE things SET name = 'two' WHERE id = 7");

  expect(disk.take().rowsWritten).toBe(1);
});

test("rows that a query gives back are rows read", () => {
  const disk = diskWith("CREATE TABLE things (id INTEGER PRIMARY KEY)");
  disk.rows("INSERT INTO things VALUES (1), (2), (3)");
  disk.take();

  disk.rows("SELECT id FROM things WHERE id > ?", 1);

  expect(disk.take()).toEqual({ rowsRead: 2, rowsWritten: 0, bytesWritten: 0 });
});
