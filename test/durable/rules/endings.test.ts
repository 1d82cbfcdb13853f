/** The end of a trouble fits what is now. */
import { describe, expect, it } from "vitest";
import { SEVERITIES, type OpenAlert } from "../../../durable/rules/bulletins.ts";
import { endingOf } from "../../../durable/rules/endings.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import type { AlertKind } from "../../../durable/rules/spec.ts";
import type { State } from "../../../durable/rules/state.ts";
import { aRow, aState, freshFor, idleRows, MINUTE_MS, NOW } from "./builders.ts";
import { writing } from "./schedule-builders.ts";

const NAME = "media-k3-1";

function ending(kind: AlertKind, state: State = aState(), subject = NAME): string {
  const words = { what: "", canDo: "", severity: "tell" } as const;
  const times = { since: NOW - 8 * MINUTE_MS, awaySince: NOW - MINUTE_MS };
  const alert: OpenAlert = { kind, subject, ...words, ...times };
  return endingOf(state, alert);
}

const ONE = idleRows(1);
const WITH_ONE = aState({ rows: ONE, memory: freshFor(...ONE) });
const BLIND = aState({ rows: idleRows(3) });
const LIMITED = aState({ spentOnGone: 40, spec: { limits: { maxMonthlyUsd: 100 } } });
const WITH_TAG = { spares: { tag: { resource: "key-0abc1234", key: "spares" } } };
const TAGGED = aState({ tagMemory: { value: "12", garbled: null }, spec: WITH_TAG });
const UNTAGGED = aState({ spec: WITH_TAG });
const SOME_SILENT = aState({ rows: idleRows(3), spec: { limits: { unknownShareMax: 1 } } });

function alone(overrides: Partial<Instance>): State {
  return aState({ rows: [aRow(overrides)] });
}

const BUSY = { occupancy: "busy", sessions: 1, busySince: NOW - 13 * 60 * MINUTE_MS } as const;
const NOT_YET = "after which people are told.";
const PAUSED = aState({
  pauses: [
    { what: "launch", since: NOW - MINUTE_MS, until: null, reason: "deploy", actor: "olga" },
  ],
});

describe("an end", () => {
  it.each<[State, string]>([
    [TAGGED, "Nothing waits to be written to the tag any more: it says 12."],
    [UNTAGGED, "Nothing waits to be written to the tag any more."],
    [aState(), "The target is not read from a tag any more."],
    [
      writing({}, { spec: { mode: "observe" } }),
      "The tag is left as it is while the schedule is paused or the fleet only observes.",
    ],
  ])("of a boundary that could not be written to the tag", (state, words) => {
    expect(ending("tag", state, "not written")).toBe(`${words} It lasted 7 minutes.`);
  });

  it.each<[AlertKind, State, string]>([
    ["noSpares", WITH_ONE, "New sessions can start again: 1 spare is ready."],
    ["noSpares", aState(), "No spares are wanted any more."],
    ["spend", LIMITED, "Less than half of the month's limit is spent again: $40 of $100."],
    ["spend", aState(), "The month has no limit of spend any more."],
    ["busyForLong", WITH_ONE, `${NAME} is free again.`],
    ["busyForLong", aState(), `${NAME} is gone.`],
    ["unknownForLong", WITH_ONE, `${NAME} answers again, or is being taken away.`],
    ["unknownForLong", BLIND, `${NAME} is one of many that do not answer now.`],
    ["unknownForLong", aState(), `${NAME} is gone.`],
    ["drainingForLong", WITH_ONE, `${NAME} is back at work.`],
    ["drainingForLong", alone({ phase: "deleting" }), `${NAME} is being deleted.`],
    ["drainingForLong", alone({ phase: "lost" }), `AWS does not list ${NAME} any more.`],
    ["drainingForLong", aState(), `${NAME} is gone.`],
    [
      "drainingForLong",
      alone({ phase: "draining" }),
      `${NAME} is still draining, but not yet for the 24 hours ${NOT_YET}`,
    ],
    ["busyForLong", alone({ ...BUSY, phase: "deleting" }), `${NAME} is being deleted.`],
    ["busyForLong", alone({ ...BUSY, phase: "lost" }), `AWS does not list ${NAME} any more.`],
    ["busyForLong", alone(BUSY), `${NAME} is still busy, but not yet for the 12 hours ${NOT_YET}`],
    [
      "protectedForLong",
      alone({ protectedBy: "olga" }),
      `${NAME} is still protected, but not yet for the 168 hours ${NOT_YET}`,
    ],
    ["pausedForLong", PAUSED, `The fleet is still paused, but not yet for the 24 hours ${NOT_YET}`],
    ["pausedForLong", aState(), "The fleet is not paused any more."],
    ["blindEyes", WITH_ONE, "The servers answer again."],
    ["blindEyes", SOME_SILENT, "Enough servers answer again; 3 servers are still silent."],
    ["protectedForLong", WITH_ONE, `${NAME} is not protected any more.`],
    ["protectedForLong", aState(), `${NAME} is gone.`],
    ["tag", TAGGED, "The target in the tag can be read again: 12."],
    ["tag", UNTAGGED, "The target in the tag can be read again: it has none."],
    ["tag", aState(), "The target is not read from a tag any more."],
    ["guard", aState(), `${NAME} does not hold the fleet back any more.`],
  ])("of %s", (kind, state, words) => {
    expect(ending(kind, state)).toBe(`${words} It lasted 7 minutes.`);
  });

  it.each(Object.keys(SEVERITIES) as AlertKind[])("of %s is a sentence", (kind) => {
    expect(ending(kind)).toMatch(/^[A-Za-z].*\. It lasted 7 minutes\.$/u);
  });
});
