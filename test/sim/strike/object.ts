/** What befalls the object and its clockwork, and what the demand does. */
import type { Strike } from "./striker.ts";

const NEWER_SCHEMA = 99;
const OUTAGE_MS_MAX = 600_000;

export const OBJECT = {
  crash: ({ world, fired }, { fault }) => {
    fired(fault);
    world.host.kill(false);
  },
  crashAll: ({ world, fired }, { fault }) => {
    fired(fault);
    world.host.kill(true);
  },
  crashAgain: ({ world, fired, atPointIn }, { fault, n }) => {
    fired(fault);
    world.host.kill(n % 2 === 0);
    atPointIn(1 + (n % 11), () => world.host.kill(n % 3 === 0));
  },
  redeploy: ({ world, fired }, { fault }) => {
    fired(fault);
    world.host.kill(true);
  },
  storageError: ({ world, fired, lasting }, { fault, forMs }) => {
    fired(fault);
    world.host.storageFails = true;
    lasting(Math.min(forMs, 20_000), () => {
      world.host.storageFails = false;
    });
  },
  outage: ({ world, fired, lasting }, { fault, forMs }) => {
    fired(fault);
    world.host.storageFails = true;
    lasting(Math.min(3 * forMs, OUTAGE_MS_MAX), () => {
      world.host.storageFails = false;
    });
  },
  alarmLate: ({ world, fired }, { fault, forMs }) => {
    fired(fault);
    world.host.alarmLateMs = Math.min(forMs, 60_000);
    world.host.rearm();
  },
  alarmLost: ({ world, fired }, { fault }) => {
    fired(fault);
    world.host.dropAlarm();
  },
  alarmTwice: ({ world, fired }, { fault }) => {
    fired(fault);
    world.host.ringsTwice = true;
  },
  cronTwice: ({ world, fired, lasting }, { fault, forMs }) => {
    fired(fault);
    world.cronsExtra = 1;
    lasting(Math.max(forMs, 60_000), () => {
      world.cronsExtra = 0;
    });
  },
  stateLost: ({ world, fired, putSpec, callOffLies }, { fault, n }) => {
    fired(fault);
    world.host.wipe();
    callOffLies();
    world.timers.after(5_000 + (n % 60) * 1_000, putSpec);
  },
  newerSchema: ({ world, fired, lasting }, { fault, forMs }) => {
    const { sql } = world;
    if (sql.rows("SELECT name FROM sqlite_master WHERE name = 'schema_versions'").length === 0)
      return;
    fired(fault);
    world.host.kill(true);
    sql.rows("INSERT OR IGNORE INTO schema_versions VALUES (?, 0)", NEWER_SCHEMA);
    lasting(Math.min(forMs, 60_000), () => {
      const isThere = world.sql.rows(
        "SELECT name FROM sqlite_master WHERE name = 'schema_versions'",
      );
      if (isThere.length > 0)
        world.sql.rows("DELETE FROM schema_versions WHERE version = ?", NEWER_SCHEMA);
    });
  },
  clockJump: ({ world, fired, lasting }, { fault, n, forMs }) => {
    const jump = (1 + (n % 20)) * 1_000 * (n % 2 === 0 ? 1 : -1);
    fired(fault);
    world.skewMs += jump;
    world.host.rearm();
    lasting(forMs, () => {
      world.skewMs -= jump;
      world.host.rearm();
    });
  },
  sessionOnVictim: ({ world, fired }, { fault, n }) => {
    const born = world.sql.rows("SELECT name FROM sqlite_master WHERE name = 'instances'");
    if (born.length === 0) return;
    const victims = world.sql.rows(
      "SELECT name FROM instances WHERE phase IN ('draining', 'deleting', 'ready') ORDER BY phase, name",
    );
    const victim = victims[n % Math.max(1, victims.length)];
    if (victim === undefined) return;
    fired(fault);
    world.dispatcher.place(String(victim["name"]));
  },
  demandSpike: ({ world, fired, lasting }, { fault, n, forMs }) => {
    fired(fault);
    world.dispatcher.setRate(60 + (n % 10) * 30);
    lasting(forMs, () => world.dispatcher.setRate(world.scenario.sessionsPerHour));
  },
  demandStops: ({ world, fired, lasting }, { fault, forMs }) => {
    fired(fault);
    world.dispatcher.setRate(0);
    lasting(forMs, () => world.dispatcher.setRate(world.scenario.sessionsPerHour));
  },
} as const satisfies Record<string, Strike>;
