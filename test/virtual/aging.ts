/**
 * What is left of a life: a second memory of all that a fleet's tables ever held, which says what must still be
 * there and what must be gone. It knows nothing of how the ledger forgets, only for how long it keeps what.
 */
import { isDeepStrictEqual } from "node:util";
import type { Row } from "../../durable/ledger/sql.ts";
import { NO_MOVES, type EventKind } from "../../durable/rules/state.ts";
import type { VirtualFleet } from "./fleet.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const WHOLE_SAMPLES_MS = 2 * DAY_MS;
const SAMPLES_MS = 8 * DAY_MS;
const COMMANDS_MS = DAY_MS;
const GONE_MS = 90 * DAY_MS;

/** For how many days each kind of event is kept: what people look for months later, and what is routine. */
const EVENT_DAYS: Readonly<Record<EventKind, 7 | 90>> = {
  launch: 90,
  created: 90,
  drain: 90,
  drift: 90,
  unread: 90,
  delete: 90,
  deleted: 90,
  forced: 90,
  cancelled: 90,
  bootFailed: 90,
  adopted: 90,
  adoption: 90,
  lost: 90,
  stranger: 90,
  rival: 90,
  guard: 90,
  override: 90,
  pause: 90,
  resume: 90,
  protect: 90,
  spec: 90,
  dryRun: 90,
  doctor: 90,
  removing: 90,
  boundary: 7,
  configured: 7,
  accepted: 7,
  undrain: 7,
  drainEnded: 7,
  lease: 7,
  nameClash: 7,
  ready: 7,
  reconcile: 7,
  rejected: 7,
  stopped: 7,
  tag: 7,
  target: 7,
  unknown: 7,
  would: 7,
};

interface Kept {
  readonly events: Map<number, Row>;
  readonly samples: Map<number, Row>;
  readonly commands: Map<number, Row>;
  readonly gone: Map<string, Row>;
}

/** Of all rows since the fleet was born; `forget` applies the ages, `differences` compares. */
export class Remembered {
  readonly #fleet: VirtualFleet;
  readonly #kept: Kept = {
    events: new Map(),
    samples: new Map(),
    commands: new Map(),
    gone: new Map(),
  };

  constructor(fleet: VirtualFleet) {
    this.#fleet = fleet;
  }

  /** Takes in what the tables hold. Call it before they forget anything. */
  look(): void {
    const { events, samples, commands, gone } = this.#kept;
    for (const row of this.#rows("SELECT * FROM events")) events.set(Number(row["id"]), row);
    for (const row of this.#rows("SELECT * FROM samples")) samples.set(Number(row["at"]), row);
    for (const row of this.#rows("SELECT * FROM commands"))
      commands.set(Number(row["number"]), row);
    for (const row of this.#rows("SELECT * FROM instances WHERE phase = 'gone'"))
      gone.set(String(row["name"]), row);
  }

  /** What is too old at a moment is gone by then. */
  forget(now: number): void {
    const { events, samples, commands, gone } = this.#kept;
    for (const [id, { kind, at }] of events)
      if (Number(at) < now - EVENT_DAYS[kind as EventKind] * DAY_MS) events.delete(id);
    for (const [number, { issuedAt, outcome }] of commands)
      if (outcome !== null && Number(issuedAt) < now - COMMANDS_MS) commands.delete(number);
    for (const [name, { goneAt }] of gone) if (Number(goneAt) < now - GONE_MS) gone.delete(name);
    for (const at of samples.keys()) if (at < now - SAMPLES_MS) samples.delete(at);
    const worst = new Map<number, number>();
    for (const at of samples.keys()) {
      const hour = Math.floor(at / HOUR_MS);
      const known = worst.get(hour);
      if (known === undefined || this.#lack(at) > this.#lack(known)) worst.set(hour, at);
    }
    for (const at of samples.keys())
      if (at < now - WHOLE_SAMPLES_MS && worst.get(Math.floor(at / HOUR_MS)) !== at)
        samples.delete(at);
  }

  /** What the tables hold and must not, and the other way round; the tables are looked at as they are now. */
  differences(): string[] {
    const { events, samples, commands, gone } = this.#kept;
    return [
      ...this.#compare("events", "id", events, "1"),
      ...this.#compare("samples", "at", samples, "1"),
      ...this.#compare("commands", "number", commands, "1"),
      ...this.#compare("instances", "name", gone, "phase = 'gone'"),
    ];
  }

  #compare(table: string, key: string, kept: Kept[keyof Kept], where: string): string[] {
    const rows = this.#rows(`SELECT * FROM ${table} WHERE ${where}`);
    const there = new Map(rows.map((row) => [row[key], row] as const));
    const known = new Map<unknown, Row>(kept);
    return [
      ...[...there.keys()]
        .filter((each) => !known.has(each))
        .map((each) => `${table} still has ${each}`),
      ...[...known.keys()]
        .filter((each) => !there.has(each as Row[string]))
        .map((each) => `${table} lost ${String(each)}`),
      ...[...there]
        .filter(
          ([each, row]) =>
            known.has(each) && !isDeepStrictEqual({ ...row }, { ...known.get(each) }),
        )
        .map(([each]) => `${table} changed ${each}`),
    ];
  }

  #lack(at: number): number {
    const { target, spares } = this.#kept.samples.get(at) ?? {};
    return Number(target) - Number(spares);
  }

  #rows(statement: string): Row[] {
    return this.#fleet.sql.rows(statement);
  }
}

/** As after a thousand ticks: the next one reserves new numbers, and forgets. */
export function useUpTicks(fleet: VirtualFleet): void {
  const live = fleet.engine().read(fleet.now());
  if (live === null) throw new Error("the fleet is gone");
  const { tick } = live.state;
  fleet.engine().change(NO_MOVES, fleet.now(), {}, { ticksReserved: tick });
}

/** The moment at which the clocks of a zone show this; of two the first. */
export function atLocal(timeZone: string, day: string, time: string): number {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  const utc = Date.parse(`${day}T${time}Z`);
  for (let hours = 14; hours >= -14; hours--) {
    const at = utc - hours * HOUR_MS;
    if (format.format(at) === `${day} ${time}`) return at;
  }
  throw new Error(`${timeZone} never shows ${day} ${time}`);
}
