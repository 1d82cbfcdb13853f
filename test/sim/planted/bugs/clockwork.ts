/** Mistakes in what keeps the ticks going. */
import type { PlantedBug } from "../bug.ts";

const FLEET = "durable/fleet.ts";
const REARMED =
  "const rearmed = alarm === null || alarm < now - DEAD_AFTER_TICKS * this.settings.tickMs;";

export const CLOCKWORK: readonly PlantedBug[] = [
  {
    name: "alarm-set-last",
    what: "the next alarm is set at the end of a tick, if it gets there",
    incident: null,
    invariants: ["I14"],
    file: FLEET,
    find: "    // First and bare: whatever happens below, there is a next tick.\n    const beganAt = Date.now();\n    void this.ctx.storage.setAlarm(beganAt + this.settings.tickMs);\n",
    replace: "    const beganAt = Date.now();\n",
    more: [
      {
        file: FLEET,
        find: "      this.#log();\n",
        replace:
          "      this.#log();\n      await this.ctx.storage.setAlarm(Date.now() + this.settings.tickMs);\n",
      },
    ],
  },
  {
    name: "cron-arms-nothing",
    what: "the cron looks at each fleet, and arms no alarm",
    incident: null,
    invariants: ["I14"],
    file: FLEET,
    find: REARMED,
    replace: "const rearmed = alarm !== null && alarm < 0;",
  },
  {
    name: "cron-misses-the-missing",
    what: "the cron arms an alarm that is late, and not one that is missing",
    incident: null,
    invariants: ["I14"],
    file: FLEET,
    find: REARMED,
    replace:
      "const rearmed = alarm !== null && alarm < now - DEAD_AFTER_TICKS * this.settings.tickMs;",
  },
  {
    name: "cron-forgets-who-does-not-answer",
    what: "a fleet that cannot be visited once leaves the directory",
    incident: null,
    invariants: ["I14"],
    file: "worker/cron.ts",
    find: 'log({ event: "cron.visit.failed", fleet: name, error: String(visit.reason) });',
    replace:
      'log({ event: "cron.visit.failed", fleet: name, error: String(visit.reason) });\n      await directory().forget(name);',
  },
  {
    name: "failed-tick-ends-the-chain",
    what: "a tick that fails takes the next one with it",
    incident: null,
    invariants: ["I14"],
    file: FLEET,
    find: 'console.error(JSON.stringify({ event: "tick.failed", error: String(error) }));',
    replace:
      'console.error(JSON.stringify({ event: "tick.failed", error: String(error) }));\n      await this.ctx.storage.deleteAlarm().catch(() => {});',
  },
  {
    name: "ten-ticks-at-once",
    what: "the alarm rings ten times as often as it should",
    incident: "Durable Object alarm loop, 34,895 dollars in eight days",
    invariants: ["I14"],
    file: FLEET,
    find: "    void this.ctx.storage.setAlarm(beganAt + this.settings.tickMs);\n",
    replace: "    void this.ctx.storage.setAlarm(beganAt + this.settings.tickMs / 10);\n",
  },
  {
    name: "alarm-without-a-fleet",
    what: "an object whose fleet was removed goes on ringing, with nothing to do",
    incident: "Durable Object alarm loop, 34,895 dollars in eight days",
    invariants: ["I14"],
    file: FLEET,
    find: "if (!alive) return await this.ctx.storage.deleteAlarm();",
    replace: "if (!alive) return;",
    more: [
      {
        file: FLEET,
        find: "await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()]);",
        replace:
          "await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()]);\n    await this.ctx.storage.setAlarm(Date.now() + this.settings.tickMs);",
      },
    ],
  },
];
