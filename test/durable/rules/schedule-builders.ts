/** Boundaries, and the way of a value into the tag, of which a test names only what it is about. */
import type { Boundary, TagWrite } from "../../../durable/rules/model.ts";
import type { State } from "../../../durable/rules/state.ts";
import type { Command, TagReading } from "../../../durable/rules/world.ts";
import { aCommand, aRuling, aState, MINUTE_MS, NOW } from "./builders.ts";

export const TAG = { resource: "key-0abc1234", key: "여유_서버_목표치" };

/** The morning's twenty, which began a minute ago. */
export function aBoundary(overrides: Partial<Boundary> = {}): Boundary {
  return {
    at: NOW - MINUTE_MS,
    value: "20",
    source: "schedule",
    special: false,
    name: "morning",
    timezone: "Asia/Seoul",
    edge: "begins",
    dst: null,
    ...overrides,
  };
}

/** The concert's forty. */
export function aConcert(overrides: Partial<Boundary> = {}): Boundary {
  const special = { source: "specialDay", special: true, name: "concert", value: "40" } as const;
  return aBoundary({ ...special, ...overrides });
}

/** Twenty, on the way into a tag that said three; not tried yet. */
export function aWrite(overrides: Partial<TagWrite> = {}): TagWrite {
  return {
    value: "20",
    before: ["3"],
    attempts: 0,
    nextAttemptAt: 0,
    triedAt: null,
    command: null,
    lastError: null,
    writtenAt: null,
    readBackAt: null,
    ...overrides,
  };
}

type Overrides = NonNullable<Parameters<typeof aState>[0]>;

/** A fleet with a tag, which says three, and a schedule that has not begun. */
export function tagged({ spec, ...rest }: Overrides = {}): State {
  const schedule = [
    { name: "morning", cron: "0 9 * * *", timezone: "Asia/Seoul", spares: "20", until: null },
  ];
  const spares = { default: "5", tag: TAG, schedule, ...spec?.spares };
  const state = aState({
    tagMemory: { value: "3", garbled: null },
    ...rest,
    spec: { ...spec, spares },
  });
  const { scheduleHash } = state;
  return { ...state, ruling: rest.ruling === undefined ? aRuling({ scheduleHash }) : rest.ruling };
}

/** The same fleet after its boundary, whose value is on the way into the tag. */
export function writing(write: Partial<TagWrite> = {}, overrides: Overrides = {}): State {
  const state = tagged(overrides);
  const { scheduleHash } = state;
  const ruling = aRuling({
    scheduleHash,
    boundary: aBoundary(),
    appliedAt: NOW - MINUTE_MS,
    write: aWrite(write),
  });
  return { ...state, agenda: { last: aBoundary(), coming: [] }, ruling };
}

export function writeCommand(value = "20", number = 42): Command {
  return aCommand({ kind: "targetTag", tag: TAG, value }, number);
}

export function says(value: string, at = NOW): TagReading {
  return { kind: "value", value, at };
}
