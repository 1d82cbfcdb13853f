/** Mistakes in when the schedule rules, and in how its value comes into the tag. */
import type { PlantedBug } from "../bug.ts";

const SCHEDULE = "durable/rules/schedule.ts";
const TARGET = "durable/rules/target.ts";
const TAG = "durable/rules/absorb-tag.ts";
const TIMEZONE = "durable/calendar/timezone.ts";
const BOUNDARIES = "durable/calendar/boundaries.ts";
const ENTRIES = "durable/calendar/entry-times.ts";
const DAYLIGHT = "Azure: an hour off, or stopped, at daylight saving";

export const SCHEDULES: readonly PlantedBug[] = [
  {
    name: "boundary-lives-in-memory",
    what: "a boundary is applied again after a restart",
    incident: null,
    invariants: ["I15"],
    file: "durable/ledger/ledger.ts",
    find: "ruling: readRuling(sql),",
    replace: "ruling: readRuling(sql) === null ? null : null,",
  },
  {
    name: "missed-boundary-is-not-made-up",
    what: "a boundary that nobody saw at its minute is never applied",
    incident: null,
    invariants: ["I15"],
    file: SCHEDULE,
    find: "if (last === null || (ruling.boundary !== null && last.at <= ruling.boundary.at))",
    replace:
      "if (\n      last === null ||\n      last.at < state.now - 60_000 ||\n      (ruling.boundary !== null && last.at <= ruling.boundary.at)\n    )",
  },
  {
    name: "boundary-before-its-time",
    what: "a boundary is applied a quarter of a minute too early",
    incident: null,
    invariants: ["I15"],
    file: "durable/engine.ts",
    find: "return { record, state: { ...state, now, agenda: this.agendaOf(state.spec, now) } };",
    replace:
      "return { record, state: { ...state, now, agenda: this.agendaOf(state.spec, now + 15_000) } };",
  },
  {
    name: "paused-schedule-goes-on",
    what: "a schedule that is paused applies its boundaries all the same",
    incident: null,
    invariants: ["I15"],
    file: SCHEDULE,
    find: 'if (state.removing !== null || isPaused(state, "schedule")) return NO_MOVES;',
    replace: "if (state.removing !== null) return NO_MOVES;",
  },
  {
    name: "another-schedule-waits-for-its-boundary",
    what: "after a change of the schedule the old value rules until the next boundary",
    incident: null,
    invariants: ["I15"],
    file: SCHEDULE,
    find: "if (ruling !== null && ruling.scheduleHash === scheduleHash) {",
    replace: "if (ruling !== null) {",
  },
  {
    name: "skipped-hour-is-left-out",
    what: "an entry whose time the clock skips does not begin on that day",
    incident: DAYLIGHT,
    invariants: ["I15"],
    file: ENTRIES,
    find: "return this.#next !== null && this.#next.at <= this.#now + HORIZON ? this.#next : null;",
    replace:
      'return this.#next !== null && this.#next.dst !== "skipped" && this.#next.at <= this.#now + HORIZON\n      ? this.#next\n      : null;',
  },
  {
    name: "skipped-hour-by-the-old-offset",
    what: "an entry whose time the clock skips begins as if it had not been set",
    incident: DAYLIGHT,
    invariants: ["I15"],
    file: TIMEZONE,
    find: 'if (due < first.from) return { at: first.from, due, dst: "skipped" };',
    replace:
      'if (due < first.from) return { at: local - (first.offset - 3_600_000), due, dst: "skipped" };',
  },
  {
    name: "offset-of-the-day-before",
    what: "for a day after a change of the clock its times are an hour off",
    incident: DAYLIGHT,
    invariants: ["I14", "I15"],
    file: TIMEZONE,
    find: "const due = local - first.offset;",
    replace:
      "const due = local - offsetAt(zoneOf(timezone).format, Math.floor((local - DAY) / SECOND) * SECOND);",
  },
  {
    name: "special-day-mutes-nothing",
    what: "on a special day the ordinary schedule goes on",
    incident: null,
    invariants: ["I15", "crash"],
    file: BOUNDARIES,
    find: "rulingAt(this.#days, this.#now) === null ? Math.max(edge, this.#lastOfEntries()) : edge;",
    replace: "Math.max(edge, this.#lastOfEntries());",
    more: [
      {
        file: BOUNDARIES,
        find: "rulingAt(this.#days, this.#now) === null ? Math.min(edge, this.#nextOfEntries()) : edge;",
        replace: "Math.min(edge, this.#nextOfEntries());",
      },
    ],
  },
  {
    name: "pending-value-does-not-rule",
    what: "until the tag says the boundary's value, last night's value rules the morning",
    incident: null,
    invariants: ["I15"],
    file: TARGET,
    find: "...(moment.pending ? [schedule, tag] : [tag, schedule]),",
    replace: "...(moment.boundary?.value === null ? [schedule, tag] : [tag, schedule]),",
  },
  {
    name: "accepted-write-counts-as-read",
    what: "a value that AWS accepted counts as read back, though the tag may say another",
    incident: null,
    invariants: ["I15"],
    file: SCHEDULE,
    find: "        writtenAt: now,\n",
    replace: "        writtenAt: now,\n        readBackAt: now,\n",
  },
  {
    name: "stale-tag-is-a-persons",
    what: "what the tag says from before the boundary passes for a person's change",
    incident: null,
    invariants: ["I15"],
    file: TAG,
    find: "  if (isBefore) return NO_MOVES;\n",
    replace: "",
  },
  {
    name: "persons-word-is-written-over",
    what: "a person's change to the tag is overwritten while a boundary's value is on its way",
    incident: null,
    invariants: ["I15"],
    file: TAG,
    find: "return join(wrote(ruling, overruled(state, write, reading)), remember(pending, reading));",
    replace: "return remember(pending, reading).events.length < 0 ? NO_MOVES : NO_MOVES;",
  },
  {
    name: "tag-is-not-read-before-a-retry",
    what: "a write of the tag is repeated without a look at what a person may have written",
    incident: null,
    invariants: ["I15"],
    file: SCHEDULE,
    find: "if (write.triedAt !== null && !wasRead) return null;",
    replace: "if (wasRead && write.triedAt === null && tagReadAt < 0) return null;",
  },
  {
    name: "busy-tag-keeps-the-older-value",
    what: "while one boundary is on its way into the tag, the next one does not set out",
    incident: null,
    invariants: ["I15", "I18"],
    file: SCHEDULE,
    find: "const write = last === null || ruling === null ? null : writeOf(state, last);",
    replace:
      "const write = last === null || ruling === null ? null : (ruling.write ?? writeOf(state, last));",
  },
  {
    name: "new-ledger-writes-at-once",
    what: "a fleet that was just born overwrites what a person wrote into the tag",
    incident: "DynamoDB 2025: a delayed hand carried out an old plan",
    invariants: ["I15"],
    file: SCHEDULE,
    find: "const write = last === null || ruling === null ? null : writeOf(state, last);",
    replace: "const write = last === null ? null : writeOf(state, last);",
  },
  {
    name: "older-write-is-not-waited-for",
    what: "a late write of an older boundary's value lands after the newer one's",
    incident: "DynamoDB 2025: a delayed hand carried out an old plan",
    invariants: ["I15"],
    file: SCHEDULE,
    find: "nextAttemptAt: earlier?.triedAt ?? earlier?.nextAttemptAt ?? 0,",
    replace: "nextAttemptAt: 0,",
    more: [
      { file: SCHEDULE, find: "command: earlier?.command ?? null,", replace: "command: null," },
    ],
  },
  {
    name: "ended-schedule-leaves-last-night",
    what: "where the schedule ends, the tag's old value rules until the default is in it",
    incident: null,
    invariants: ["I15"],
    file: TARGET,
    find: "const expression = boundary.value ?? (pending ? state.spec.spares.default : null);",
    replace: "const expression = boundary.value;",
  },
  {
    name: "launches-do-not-begin-early",
    what: "servers for a boundary are launched with the boundary, and are ready minutes after it",
    incident: null,
    invariants: ["I15"],
    file: "durable/rules/coming.ts",
    find: "const soon = comingTargets(state, sessions, state.now + leadMs(state));",
    replace: "const soon = comingTargets(state, sessions, state.now);",
  },
  {
    name: "booked-override-rules-at-once",
    what: "an override that is booked for later rules from now on",
    incident: null,
    invariants: ["I15"],
    file: TARGET,
    find: "overrides.filter(({ from, until }) => from <= at && at < until)",
    replace: "overrides.filter(({ until }) => at < until)",
  },
];
