/** The largest spec that the API takes, and a ledger that is as full as it may be. */
import type { Spec } from "../../../durable/rules/spec.ts";
import { parseSpec } from "../../../worker/api/spec.ts";
import type { MeteredDisk } from "../object/metered-disk.ts";
import { unboundSpec } from "../virtual/spec.ts";

const ENTRIES = 100;
const SPECIAL_DAYS = 366;
const DAY_MS = 86_400_000;
const EVENTS = 200_000;
const GONE = 10_000;
const COMMANDS = 5_000;
const OVERRIDES = 100;
const SAMPLE_EVERY_MS = 60_000;
const SAMPLED_MS = 2 * DAY_MS;

/** The spec of a benchmark's fleet with as much of a schedule as fits. */
export function largest(servers: number): Spec {
  const spec = unboundSpec(servers);
  const read = parseSpec({
    region: spec.region,
    image: spec.image,
    bundle: spec.bundle,
    userData: "x".repeat(16_000),
    health: { port: spec.health.port, path: spec.health.path },
    limits: { maxInstances: 1 },
    spares: {
      default: servers,
      max: servers,
      schedule: Array.from({ length: ENTRIES }, (_, index) => ({
        name: `entry ${index}`,
        cron: `${index % 60} ${index % 3}-${(index % 3) + 13} * * *`,
        timezone: index % 2 === 0 ? "Asia/Seoul" : "America/New_York",
        spares: servers,
      })),
      specialDays: Array.from({ length: SPECIAL_DAYS }, (_, index) => ({
        name: `day ${index}`,
        ...dayAfter(index + 30),
        spares: servers,
      })),
    },
  });
  if (!read.ok) throw new Error(`the largest spec is invalid: ${JSON.stringify(read.errors)}`);
  const { schedule, specialDays } = read.value.spares;
  const { userData } = read.value;
  return { ...spec, userData, spares: { ...spec.spares, schedule, specialDays } };
}

function dayAfter(days: number): { from: string; until: string } {
  const date = (count: number) =>
    new Date(Date.UTC(2027, 0, 1) + count * DAY_MS).toISOString().slice(0, 10);
  return { from: `${date(days)}T02:00`, until: `${date(days)}T22:00` };
}

/** Events, servers that are gone, commands, samples and overrides: what months leave behind. */
export function fill({ sql }: MeteredDisk, now: number): void {
  const numbers =
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)";
  sql.rows("BEGIN");
  sql.rows("UPDATE events SET id = id + 1000000");
  sql.rows("UPDATE chains SET headId = headId + 1000000, afterId = afterId + 1000000");
  sql.rows(
    `${numbers} INSERT INTO events (id, at, tick, kind, instance, actor, message, data, chain, hash)
      SELECT n, ? - (? - n) * 30000, n, iif(n % 3, 'ready', 'guard'), 'media-old-' || (n % 5000), 'lightfleet',
        'a message as long as they are', '{"guard":"noListing","spares":9,"target":10}',
        iif(n % 3, 'routine', 'lasting'), printf('%064d', n) FROM numbers`,
    EVENTS,
    now,
    EVENTS,
  );
  const columns = sql
    .rows(
      "SELECT name FROM pragma_table_info('instances') WHERE name NOT IN ('name', 'phase', 'goneAt')",
    )
    .map(({ name }) => String(name))
    .join(", ");
  sql.rows(
    `${numbers} INSERT INTO instances (name, phase, goneAt, ${columns})
      SELECT 'media-gone-' || n, 'gone', ? - n * 60000, ${columns} FROM numbers,
        (SELECT * FROM instances WHERE phase = 'ready' LIMIT 1)`,
    GONE,
    now,
  );
  sql.rows(
    `${numbers} INSERT INTO commands (number, tick, issuedAt, command, outcome, settledAt)
      SELECT n + 1000000, n, ?, command, outcome, settledAt FROM numbers,
        (SELECT * FROM commands WHERE outcome IS NOT NULL LIMIT 1)`,
    COMMANDS,
    now,
  );
  sql.rows(
    `${numbers} INSERT OR IGNORE INTO samples SELECT ? - n * ${SAMPLE_EVERY_MS}, 1, 2, 3, 4, 5, 6, 7, 0.5 FROM numbers`,
    SAMPLED_MS / SAMPLE_EVERY_MS,
    now,
  );
  sql.rows(
    `${numbers} INSERT INTO overrides SELECT 'o' || n, '9', ? + n * 600000, ? + n * 600000 + 60000, 'a reason', 'olga' FROM numbers`,
    OVERRIDES,
    now,
    now,
  );
  sql.rows("COMMIT");
}
