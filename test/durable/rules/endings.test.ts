/** The end of a trouble fits what is now. */
import { describe, expect, it } from "vitest";
import { SEVERITIES, type OpenAlert } from "../../../durable/rules/bulletins.ts";
import { endingOf } from "../../../durable/rules/endings.ts";
import type { AlertKind } from "../../../durable/rules/spec.ts";
import type { State } from "../../../durable/rules/state.ts";
import { aRow, aState, freshFor, idleRows, MINUTE_MS, NOW } from "./builders.ts";

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
const TAGGED = aState({ tagMemory: { value: "12", garbled: null } });
const DRAINING = aState({ rows: [aRow({ phase: "draining" })] });

describe("an end", () => {
  it.each<[State, string]>([
    [TAGGED, "Nothing waits to be written to the tag any more: it says 12."],
    [aState(), "Nothing waits to be written to the tag any more."],
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
    ["drainingForLong", DRAINING, `${NAME} is drained.`],
    ["protectedForLong", WITH_ONE, `${NAME} is not protected any more.`],
    ["protectedForLong", aState(), `${NAME} is gone.`],
    ["tag", TAGGED, "The target in the tag can be read again: 12."],
    ["tag", aState(), "The target in the tag can be read again: it has none."],
    ["guard", aState(), `${NAME} does not hold the fleet back any more.`],
  ])("of %s", (kind, state, words) => {
    expect(ending(kind, state)).toBe(`${words} It lasted 7 minutes.`);
  });

  it.each(Object.keys(SEVERITIES) as AlertKind[])("of %s is a sentence", (kind) => {
    expect(ending(kind)).toMatch(/^[A-Za-z].*\. It lasted 7 minutes\.$/u);
  });
});
