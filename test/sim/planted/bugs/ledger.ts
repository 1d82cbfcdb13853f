/** Mistakes in what is written down, and when. */
import type { PlantedBug } from "../bug.ts";

const ENGINE = "durable/engine.ts";
const LEDGER_FILE = "durable/ledger/ledger.ts";

export const LEDGER: readonly PlantedBug[] = [
  {
    name: "intent-is-written-with-the-outcome",
    what: "what is about to be done is written down when it is done",
    incident: "karpenter-hetzner 53: died between create and record, billed for ever",
    invariants: ["I2", "I13"],
    file: ENGINE,
    find: "  readonly forgetting = new Forgetting();",
    replace: "  readonly forgetting = new Forgetting();\n  #unwritten: Moves = NO_MOVES;",
    more: [
      {
        file: ENGINE,
        find: "    this.#commit({ base: state, moves, after }, record, record, () => {\n      writeAlerts(this.#sql, this.#alerts, open);\n      putBulletins(this.#sql, bulletins);\n      newest = keepSample(this.#sql, sample, this.#tickMs, newest);\n    });\n",
        replace: "    this.#unwritten = moves;\n    this.#live = { record, state: after };\n",
      },
      {
        file: ENGINE,
        find: "this.#commit({ base, moves, after }, record, record, () => {",
        replace:
          "this.#commit({ base, moves: join(this.#unwritten, moves), after }, record, record, () => {",
      },
      {
        file: ENGINE,
        find: "this.#endTick(now, null);",
        replace: "this.#unwritten = NO_MOVES;\n    this.#endTick(now, null);",
      },
    ],
  },
  {
    name: "transaction-in-two-parts",
    what: "the rows and their commands are written in two transactions",
    incident: null,
    invariants: ["I12", "I13", "I15", "I18"],
    file: ENGINE,
    find: "writeMoves(this.#sql, { before: stored, after }, { before, after: next }, moves);\n",
    replace: `writeMoves(this.#sql, { before: stored, after }, { before, after: before }, { ...moves, commands: [] });
      });
      this.#sql.transaction(() => {
        writeMoves(this.#sql, { before: after, after }, { before, after: next }, { ...NO_MOVES, commands: moves.commands });
`,
  },
  {
    name: "memory-kept-after-a-failed-write",
    what: "the memory goes on with what the tables refused",
    incident: null,
    invariants: ["I11", "I13", "I18", "crash"],
    file: ENGINE,
    find: "this.#live = null;",
    replace: "this.#live = { state: after, record: next };",
  },
  {
    name: "open-commands-are-forgotten",
    what: "after a restart nobody waits for the commands that were under way",
    incident: null,
    invariants: ["I18"],
    file: ENGINE,
    find: "this.#open = new Map(openCommands(this.#sql).map((command) => [command.number, command]));",
    replace: "this.#open = new Map();",
  },
  {
    name: "tick-numbers-go-back",
    what: "the number of the tick is not reserved, and begins anew after a restart",
    incident: "DynamoDB 2025: a delayed hand carried out an old plan",
    invariants: ["I12"],
    file: ENGINE,
    find: "return { ...record, ticksReserved: tick + TICKS_PER_BLOCK };",
    replace: "return record;",
  },
  {
    name: "next-name-is-not-stored",
    what: "after a restart names are chosen that were used before",
    incident: null,
    invariants: ["I8", "I18", "crash"],
    file: LEDGER_FILE,
    find: "nextInstance: state.nextInstance,",
    replace: "nextInstance: record.nextInstance,",
  },
  {
    name: "only-creates-are-written-down",
    what: "commands that delete or open ports are carried out without being in the ledger",
    incident: null,
    invariants: ["I2", "I13"],
    file: LEDGER_FILE,
    find: "for (const command of moves.commands) insertCommand(sql, command, after.now);",
    replace:
      'for (const command of moves.commands) if (command.action.kind === "create") insertCommand(sql, command, after.now);',
  },
  {
    name: "deletes-without-audit",
    what: "a delete leaves nothing in the audit trail",
    incident: null,
    invariants: ["I13", "I2"],
    file: "durable/rules/retire.ts",
    find: 'events: rows.map((row) => ({ kind: "delete" as const, instance: row.name, ...why(row) })),',
    replace:
      'events: rows.slice(rows.length).map((row) => ({ kind: "delete" as const, instance: row.name, ...why(row) })),',
  },
  {
    name: "pause-lives-in-memory",
    what: "a pause is over as soon as the object starts anew",
    incident: "Reddit 2016: an autoscaler that was put to rest woke up, and took everything away",
    invariants: ["I13", "I17"],
    file: LEDGER_FILE,
    find: "if (before.pauses !== after.pauses) writePauses(sql, after.pauses);",
    replace: "",
  },
  {
    name: "fleet-forgotten-while-deleting",
    what: "a fleet that is removed is forgotten before its last deletes are seen to be done",
    incident: "karpenter-hetzner 53: died between create and record, billed for ever",
    invariants: ["I7", "I13", "I18"],
    file: "durable/forgetting.ts",
    find: "if (state.removing === null || state.instances.size > 0) return false;",
    replace:
      'if (state.removing === null || ![...state.instances.values()].every(({ phase }) => phase === "deleting")) return false;',
  },
  {
    name: "newer-ledger-is-opened",
    what: "a ledger that newer code has written is opened all the same",
    incident: null,
    invariants: ["I12", "I13"],
    file: "durable/ledger/migrations.ts",
    find: "if (current > newest)",
    replace: "if (current > newest + 1_000_000)",
  },
  {
    name: "sync-after-act",
    what: "calls go out before their intent is durable: a death in between leaves servers that nobody intended",
    incident: "karpenter-hetzner 53: died between create and record, billed for ever",
    invariants: ["I13"],
    file: "durable/tick.ts",
    find: 'if (commands.length > 0) await sync();\n    laps.end("plan");\n    const { outcomes, ahead } = await work(ports, commands);',
    replace:
      'laps.end("plan");\n    const { outcomes, ahead } = await work(ports, commands);\n    if (commands.length > 0) await sync();',
  },
  {
    name: "sync-of-many-commands-only",
    what: "a single command goes out before its intent is durable",
    incident: null,
    invariants: ["I13"],
    file: "durable/tick.ts",
    find: "if (commands.length > 0) await sync();",
    replace: "if (commands.length > 1) await sync();",
  },
];
