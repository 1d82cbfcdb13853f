/** What was done since the fleet's object woke. A counter that is known by name begins at zero. */
import { LANES } from "../../durable/rules/budget.ts";
import type {
  Counters,
  Counts,
  DeleteReason,
  LaunchReason,
  TickPart,
} from "../../durable/rules/readings.ts";
import type { EventKind } from "../../durable/rules/state.ts";
import type { Action, Outcome } from "../../durable/rules/world.ts";
import { GUARDS_BY_WEIGHT } from "../../durable/rules/guard-order.ts";
import type { Drawn, Kind } from "./kind.ts";

/** Tables and not lists, so that a new word does not compile without its line. */
const OPERATIONS: Readonly<Record<Action["kind"], true>> = {
  create: true,
  ports: true,
  tags: true,
  drain: true,
  delete: true,
  targetTag: true,
};
const OUTCOMES: Readonly<Record<Outcome["kind"], true>> = {
  done: true,
  rejected: true,
  throttled: true,
  unsent: true,
  unknown: true,
};

const PARTS: Readonly<Record<TickPart, true>> = {
  begin: true,
  observe: true,
  plan: true,
  act: true,
  settle: true,
};
const LAUNCH_REASONS: Readonly<Record<LaunchReason, true>> = {
  spares: true,
  schedule: true,
  rollout: true,
};
const DELETE_REASONS: Readonly<Record<DeleteReason, true>> = {
  surplus: true,
  replace: true,
  operator: true,
  fleet: true,
  bootFailed: true,
  forced: true,
};

/** Events on which an alert may stand: their first must be seen as a step up from zero. */
const EVENTS: readonly EventKind[] = [
  "adopted",
  "bootFailed",
  "created",
  "deleted",
  "forced",
  "lost",
  "ready",
  "rejected",
  "stopped",
  "unknown",
];

export const COUNTERS: readonly Kind[] = [
  {
    name: "lightfleet_tick_seconds",
    type: "histogram",
    help: "How long ticks took, failed ones too.",
    of: ({ readings }) => histogram(readings.counters.ticks),
  },
  {
    name: "lightfleet_tick_part_seconds",
    type: "summary",
    help: "How long the parts of ticks took; the clock of a Worker counts only what it waits.",
    of: ({ readings }) => keysOf(PARTS).flatMap((part) => summary(readings.counters, part)),
  },
  counter("ticks", "Ticks, failed ones too.", ({ ticks }) => [{ value: ticks.count }]),
  counter("ticks_failed", "Ticks that failed.", ({ failedTicks }) => [{ value: failedTicks }]),
  counter("launches", "Servers whose launch was decided, by what for.", ({ launches }) =>
    counts("reason", keysOf(LAUNCH_REASONS), launches),
  ),
  counter("deletes", "Servers whose delete was decided, by why.", ({ deletes }) =>
    counts("reason", keysOf(DELETE_REASONS), deletes),
  ),
  counter("aws_calls", "Calls that were sent to AWS, by lane.", ({ calls }) =>
    LANES.flatMap((lane) =>
      (["admitted", "throttled"] as const).map((outcome) => ({
        labels: { lane, outcome },
        value: calls[`${lane} ${outcome}`] ?? 0,
      })),
    ),
  ),
  {
    name: "lightfleet_account_exchanges",
    type: "counter",
    help: "Questions to the account's object, by what became of them.",
    of: ({ readings }) => counts("outcome", ["answered", "failed"], readings.account.exchanges),
  },
  counter("commands", "Changes of the world outside, by what became of them.", ({ commands }) =>
    keysOf(OPERATIONS).flatMap((operation) =>
      keysOf(OUTCOMES).map((outcome) => ({
        labels: { operation, outcome },
        value: commands[`${operation} ${outcome}`] ?? 0,
      })),
    ),
  ),
  counter("listings", "Looks at the whole listing; a partial one has holes.", ({ listings }) =>
    counts("outcome", ["complete", "partial"], listings),
  ),
  counter("probes", "Media servers that were asked; a hole is no answer.", ({ probes }) =>
    counts("outcome", ["answer", "hole"], probes),
  ),
  counter("guard_bindings", "How often a guard began to hold the fleet back.", ({ guards }) =>
    counts("guard", GUARDS_BY_WEIGHT, guards),
  ),
  counter("events", "Entries of the audit trail, by kind.", ({ events }) =>
    counts("kind", [...new Set([...EVENTS, ...keysOf(events)])].toSorted(), events),
  ),
];

function counter(name: string, help: string, of: (counters: Counters) => readonly Drawn[]): Kind {
  return {
    name: `lightfleet_${name}`,
    type: "counter",
    help,
    of: ({ readings }) => of(readings.counters),
  };
}

function counts<Key extends string>(
  label: string,
  keys: readonly Key[],
  counted: Counts<Key>,
): readonly Drawn[] {
  return keys.map((key) => ({ labels: { [label]: key }, value: counted[key] ?? 0 }));
}

function histogram({ atMost, count, seconds }: Counters["ticks"]): readonly Drawn[] {
  return [
    ...atMost.map((each) => bucket(float(each.seconds), each.count)),
    bucket("+Inf", count),
    { suffix: "_sum", value: seconds },
    { suffix: "_count", value: count },
  ];
}

function bucket(le: string, value: number): Drawn {
  return { suffix: "_bucket", labels: { le }, value };
}

/** OpenMetrics wants bounds as canonical floats: `1.0`, not `1`. */
function float(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function summary({ parts }: Counters, part: TickPart): readonly Drawn[] {
  const { seconds, count } = parts[part];
  return [
    { suffix: "_sum", labels: { part }, value: seconds },
    { suffix: "_count", labels: { part }, value: count },
  ];
}

function keysOf<Key extends string>(table: Readonly<Partial<Record<Key, unknown>>>): Key[] {
  return Object.keys(table) as Key[];
}
