import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Engine } from "../../../durable/engine.ts";
import { blindObservation } from "../../../durable/rules/world.ts";
import { nodeSql } from "../../virtual/node-sql.ts";

const FOLDER = join(import.meta.dirname, "fixtures");
const NOW = Date.UTC(2026, 10, 22, 1, 0, 0);

function opened(file: string): Engine {
  const sql = nodeSql();
  const statements = readFileSync(join(FOLDER, file), "utf8").split("\n--\n");
  for (const statement of statements.filter((text) => text.trim() !== "")) sql.rows(statement);
  return new Engine(sql, { tickMs: 5_000 });
}

test.each(readdirSync(FOLDER))("the ledger %s is opened, and a tick goes on from it", (file) => {
  const engine = opened(file);

  const live = engine.read(NOW);
  const watch = engine.begin(NOW);

  expect(live?.state.instances.size).toBe(3);
  expect(watch?.owner).toBe("default/media");
  if (watch === null) return;
  expect(engine.plan(blindObservation(watch, NOW, "nothing to see"), NOW)).toEqual([]);
});

test("a ledger that newer code wrote is refused, and not damaged", () => {
  const engine = opened("v1.sql");
  engine.sql.rows("INSERT INTO schema_versions VALUES (?, ?)", 99, NOW);

  expect(() => engine.read(NOW)).toThrow("the ledger has schema 99");
});
