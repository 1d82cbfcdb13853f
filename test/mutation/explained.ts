/**
 * The mutants of the rules that no test kills, each with why. All are equivalent today: no state that
 * can be tells them from the code.
 */

export interface Explained {
  readonly file: string;
  /** The line on which the mutants begin, as it stands in the code. */
  readonly line: string;
  /** Each as `part of the line => what it becomes`. */
  readonly mutants: readonly string[];
  readonly why: string;
}

/** Files whose conditions protect servers: a survivor in them must be explained. */
export const PROTECTING: ReadonlySet<string> = new Set([
  "guard.ts",
  "retire.ts",
  "boots.ts",
  "stopped.ts",
  "absorb-listing.ts",
]);

const HAS_READINGS =
  "equivalent: a row without freshness is `unknown` and was refused before, so the readings are there";
const NULL_IS_1970 =
  "equivalent: null counts as 0 in the difference, which is 1970 and falls on the same side";
const COMPILER = "equivalent: the compiler asks for it, and ";

const READINGS = "state.memory.freshness.get(row.name)?.idleReadings";
const READINGS_MUTANTS = [
  `${READINGS} => ${READINGS.replace("?.", ".")}`,
  '[] => ["Stryker was here"]',
];

export const EXPLAINED: readonly Explained[] = [
  {
    file: "retire.ts",
    line: "idleReadings: state.memory.freshness.get(row.name)?.idleReadings ?? [],",
    mutants: READINGS_MUTANTS,
    why: HAS_READINGS,
  },
  {
    file: "retire.ts",
    line: "const readings = state.memory.freshness.get(row.name)?.idleReadings ?? [];",
    mutants: READINGS_MUTANTS,
    why: HAS_READINGS,
  },
  {
    file: "retire.ts",
    line: "if (fresh === undefined || fresh.phaseSince !== row.phaseSince) return false;",
    mutants: ["fresh === undefined => false"],
    why: HAS_READINGS,
  },
  {
    file: "retire.ts",
    line: "tooMany - cancelled.rows.length * capacity,",
    mutants: [
      "tooMany - cancelled.rows.length * capacity => tooMany + cancelled.rows.length * capacity",
      "cancelled.rows.length * capacity => cancelled.rows.length / capacity",
    ],
    why: "equivalent: what was cancelled was launching, so this is never less than the spares above the target",
  },
  {
    file: "retire.ts",
    line: "const victims = fromReady < capacity ? [] : chooseVictims(state, fromReady);",
    mutants: ["fromReady < capacity => false"],
    why: "equivalent: a short cut; a victim has all of its slots free, so none fits into fewer",
  },
  {
    file: "retire.ts",
    line: "(a.name < b.name ? -1 : 1),",
    mutants: ["a.name < b.name => a.name <= b.name"],
    why: "equivalent: names are unique",
  },
  {
    file: "boots.ts",
    line: "if (overdue.length === 0 || counts.blind) return NO_MOVES;",
    mutants: ["overdue.length === 0 => false"],
    why: "equivalent: a short cut; where nothing is overdue, nothing is given up",
  },
  ...["planned", "ready", "draining", "deleting", "lost"].map((phase) => ({
    file: "boots.ts",
    line: `case "${phase}":`,
    mutants: [`"${phase}" => ""`],
    why: "equivalent: a phase without a case gives undefined, which filters alike",
  })),
  {
    file: "boots.ts",
    line: 'case "gone":',
    mutants: ['case "gone": => case "gone":', '"gone" => ""'],
    why: "equivalent: without its `return false` the function gives undefined, which filters alike",
  },
  {
    file: "stopped.ts",
    line: "return listedAt !== null && listedAt - row.cordonedAt >= LISTING_LAG_MS;",
    mutants: ["listedAt !== null => true"],
    why: NULL_IS_1970,
  },
  {
    file: "occupancy.ts",
    line: 'if (readAt === null || row.stoppedSince !== null) return "unknown";',
    mutants: ["readAt === null => false"],
    why: NULL_IS_1970,
  },
  {
    file: "watch.ts",
    line: "if (!state.listed || listedAt === null || absentSince.size > 0) return true;",
    mutants: ["listedAt === null => false"],
    why: NULL_IS_1970,
  },
  {
    file: "watch.ts",
    line: "if (askedAt !== null && state.now - askedAt < dueAfterMs) return [];",
    mutants: ["askedAt !== null => true"],
    why: NULL_IS_1970,
  },
  {
    file: "watch.ts",
    line: "return tagReadAt === null || state.now - tagReadAt >= TAG_EVERY_TICKS * state.tickMs;",
    mutants: ["tagReadAt === null => false"],
    why: NULL_IS_1970,
  },
  {
    file: "budget.ts",
    line: "const again = purse.refusedAt !== null && at - purse.refusedAt < ONE_REFUSAL_MS;",
    mutants: ["purse.refusedAt !== null => true"],
    why: NULL_IS_1970,
  },
  {
    file: "budget.ts",
    line: "if (purse.ratePerSecond === null || tokens(purse, now) >= 1) return now;",
    mutants: ["purse.ratePerSecond === null => false"],
    why: `${COMPILER}a lane without a rate has tokens without end`,
  },
  {
    file: "budget.ts",
    line: "if (purse.ratePerSecond === null) return purse.level;",
    mutants: ["purse.ratePerSecond === null => false"],
    why: `${COMPILER}every caller has asked for the rate before`,
  },
  {
    file: "target.ts",
    line: "if (winner === undefined || winner.spares === null || winner.expression === null)",
    mutants: ["winner.spares === null => false", "winner.expression === null => false"],
    why: `${COMPILER}a link that won has a value, and an expression with it`,
  },
  {
    file: "target.ts",
    line: 'reason: winner.source === "override" ? (override?.reason ?? null) : null,',
    mutants: ["override?.reason => override.reason"],
    why: `${COMPILER}an override that won is there`,
  },
  {
    file: "settle.ts",
    line: 'if (guard === null || guard === "failedBoots") return {};',
    mutants: ['guard === "failedBoots" => false', '"failedBoots" => ""'],
    why: `${COMPILER}the table of refusals never says failedBoots`,
  },
  {
    file: "settle.ts",
    line: 'return message.split(/[\\s,:]+/u).some((word) => word.replace(/\\.$/u, "") === name);',
    mutants: ["/[\\s,:]+/u => /[\\s,:]/u"],
    why: "equivalent: it gives empty words besides, and no name is empty",
  },
  {
    file: "settle.ts",
    line: 'return message.split(/[\\s,:]+/u).some((word) => word.replace(/\\.$/u, "") === name);',
    mutants: ["/\\.$/u => /\\./u"],
    why: "equivalent: names have no dot, so a word that could match has at most its last",
  },
  {
    file: "expression.ts",
    line: 'const percent = Number(match[2] ?? "0");',
    mutants: ['"0" => ""'],
    why: "equivalent: Number of an empty text is 0",
  },
  {
    file: "size.ts",
    line: "zone: zones[number % zones.length] ?? `${state.spec.region}a`,",
    mutants: ["`${state.spec.region}a` => ``"],
    why: `${COMPILER}a parsed spec has at least one zone`,
  },
  {
    file: "provision.ts",
    line: "for (let start = 0; start < items.length; start += size) {",
    mutants: ["start < items.length => start <= items.length"],
    why: "equivalent: the slice beyond the end is empty, and is not taken",
  },
  {
    file: "provision.ts",
    line: "if (first !== undefined) result.push([first, ...rest]);",
    mutants: ["first !== undefined => true"],
    why: `${COMPILER}the loop ends before a slice is empty`,
  },
  {
    file: "size.ts",
    line: "if (missing <= 0 || state.removing !== null) return NO_MOVES;",
    mutants: ["missing <= 0 => missing < 0"],
    why: "equivalent: where nothing is missing, nothing is taken back and nothing is launched",
  },
  {
    file: "size.ts",
    line: "return a < b ? -1 : a > b ? 1 : 0;",
    mutants: ["a < b => a <= b", "a > b => a >= b", "a > b => true"],
    why: "equivalent: names are unique",
  },
  {
    file: "size.ts",
    line: "return a < b ? -1 : a > b ? 1 : 0;",
    mutants: ["a > b => a <= b", "a > b => false"],
    why: "equivalent: the sort asks only whether the order is less than zero",
  },
  {
    file: "absorb.ts",
    line: 'const holes = lookUps.flatMap((lookUp) => (lookUp.kind === "hole" ? [lookUp.hole] : []));',
    mutants: ['[] => ["Stryker was here"]'],
    why: "equivalent: a text has no rejection, so it is passed over",
  },
];
