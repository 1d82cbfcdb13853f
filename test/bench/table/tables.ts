/** The tables of docs/performance.md, from the lines that the benchmarks print. */
import {
  bold,
  type Column,
  figure,
  grouped,
  type Line,
  markdown,
  numberOf,
  partOf,
  textOf,
} from "./markdown.ts";

/** What the issue asks. */
const ASKED = {
  callsBind: 1.15,
  bootBinds: 1.25,
  bootSeconds: 57,
  refusalsEach: 0.2,
  lookShare: 0.2,
  callsEach: 2.2,
  unreadSeconds: 15,
  idleMs: { 1_000: 5, 5_000: 30 } as Readonly<Record<number, number>>,
  coldMs: 150,
  usd: 5.5,
} as const;

/** The table of each benchmark that the lines hold, by its name, in the order of the document. */
export function tablesOf(lines: readonly Line[]): ReadonlyMap<string, string> {
  const tables = new Map<string, string>();
  for (const [bench, table] of Object.entries(TABLES)) {
    const [machine, rows] = apart(lines.filter((line) => line["bench"] === bench));
    if (rows.length > 0) tables.set(bench, `${machineOf(machine)}${table(rows)}`);
  }
  return tables;
}

const TABLES: Readonly<Record<string, (rows: readonly Line[]) => string>> = {
  makespan: makespanTable,
  "round-trip": (rows) => markdown(ROUND_TRIP, rows),
  object: (rows) => markdown(OBJECT, rows),
  reads: readsTable,
  looks: (rows) => markdown(LOOKS, rows),
  cost: (rows) => markdown(COST, rows),
  load: (rows) => markdown(LOAD, rows.filter((line) => "medianOf" in line).flatMap(loadRows)),
};

/** The line that names the machine, and the others. */
function apart(lines: readonly Line[]): [Line, Line[]] {
  const isMachine = (line: Line): boolean => "machine" in line;
  return [lines.find(isMachine) ?? {}, lines.filter((line) => !isMachine(line))];
}

function machineOf(line: Line): string {
  const [machine, node] = [textOf(line, "machine"), textOf(line, "node")];
  return machine === "" ? "" : `${machine}, ${figure(line["cores"])} cores, Node ${node}:\n\n`;
}

/** One row for a cell, with all clients beside each other. */
function makespanTable(lines: readonly Line[]): string {
  const keyOf = (line: Line): string =>
    JSON.stringify([line["servers"], line["bucket"], line["kind"], line["costly"]]);
  const rows = grouped(lines, keyOf).map((group) => ({
    ...group[0],
    clients: Object.fromEntries(group.map((line) => [textOf(line, "client"), line])),
  }));
  return markdown(MAKESPAN, rows);
}

function ours(row: Line): Line {
  return partOf(partOf(row, "clients"), "lightfleet");
}

function ratioColumn(head: string, client: string): Column<Line> {
  return {
    head,
    cell: (row) => {
      const line = partOf(partOf(row, "clients"), client);
      const each = figure(line["refusalsPerInstance"]);
      return line["ratio"] === null ? `never, ${each}` : `${figure(line["ratio"], " x")}, ${each}`;
    },
  };
}

function isLate(row: Line, ratio: unknown): boolean {
  const most =
    numberOf(row, "boundSeconds") > ASKED.bootSeconds ? ASKED.callsBind : ASKED.bootBinds;
  return numberOf(row, "servers") >= 20 && (typeof ratio !== "number" || ratio > most);
}

const MAKESPAN: readonly Column<Line>[] = [
  { head: "servers", cell: (row) => figure(row["servers"]) },
  { head: "bucket", cell: (row) => textOf(row, "bucket") },
  {
    head: "limits",
    cell: (row) => `${textOf(row, "kind")}, ${row["costly"] === true ? "costly" : "free"}`,
  },
  { head: "bound", cell: (row) => figure(row["boundSeconds"], " s") },
  {
    head: "Lightfleet",
    cell: (row) => {
      const { makespanSeconds, ratio } = ours(row);
      if (typeof ratio !== "number") return bold("never", true);
      return bold(`${figure(makespanSeconds, " s")}, ${ratio} x`, isLate(row, ratio));
    },
  },
  {
    head: "worst seed",
    cell: (row) => {
      const { ratioWorst } = ours(row);
      const text = typeof ratioWorst === "number" ? `${ratioWorst} x` : "never";
      return bold(text, isLate(row, ratioWorst));
    },
  },
  {
    head: "refusals each",
    cell: (row) => {
      const each = numberOf(ours(row), "refusalsPerInstanceWorst");
      return bold(figure(each), each > ASKED.refusalsEach && numberOf(row, "servers") > 1);
    },
  },
  {
    head: "deleted, beyond N",
    cell: (row) => {
      const { deletedOnTheWay, createdBeyond } = ours(row);
      const isClean = deletedOnTheWay === 0 && createdBeyond === 0;
      return bold(`${figure(deletedOnTheWay)}, ${figure(createdBeyond)}`, !isClean);
    },
  },
  {
    head: "looks while scarce",
    cell: (row) => {
      const share = ours(row)["lookShareWhileScarce"];
      if (typeof share !== "number") return "-";
      return bold(figure(100 * share, " %"), share > ASKED.lookShare);
    },
  },
  ratioColumn("retry each second", "retry-1s"),
  ratioColumn("full jitter", "full-jitter"),
  ratioColumn("AWS adaptive", "aws-adaptive"),
];

const ROUND_TRIP: readonly Column<Line>[] = [
  { head: "servers", cell: (row) => figure(row["servers"]) },
  { head: "bucket", cell: (row) => `${textOf(row, "bucket")} ${textOf(row, "kind")}` },
  { head: "there", cell: (row) => figure(row["makespanSeconds"], " s") },
  { head: "gone again", cell: (row) => figure(row["retiredSeconds"], " s") },
  {
    head: "calls each",
    cell: (row) => {
      const each = numberOf(row, "callsPerInstance");
      return bold(figure(each), each > ASKED.callsEach);
    },
  },
  {
    head: "calls",
    cell: (row) =>
      Object.entries(partOf(row, "calls"))
        .map(([op, count]) => `${op} ${figure(count)}`)
        .join(", "),
  },
];

function quantiles(part: string): Column<Line> {
  return {
    head: `${part} p50, p99`,
    cell: (row) => {
      const { p50, p99 } = partOf(partOf(row, "partsMs"), part);
      return `${figure(p50)}, ${figure(p99)}`;
    },
  };
}

function isSlow(row: Line): boolean {
  const servers = numberOf(row, "servers");
  const ms = numberOf(row, "objectP50Ms");
  if (row["case"] === "cold") return servers <= 1_000 && numberOf(row, "freshMs") >= ASKED.coldMs;
  return ms >= (ASKED.idleMs[servers] ?? Number.POSITIVE_INFINITY);
}

const OBJECT: readonly Column<Line>[] = [
  { head: "servers", cell: (row) => figure(row["servers"]) },
  { head: "", cell: (row) => textOf(row, "case") },
  {
    head: "object p50, p99",
    cell: (row) =>
      `${bold(figure(row["objectP50Ms"], " ms"), isSlow(row))}, ${figure(row["objectP99Ms"])}`,
  },
  { head: "new process", cell: (row) => figure(row["freshMs"], " ms") },
  { head: "to the baseline", cell: (row) => figure(row["ratio"], " x") },
  ...["begin", "plan", "settle", "observe", "act"].map(quantiles),
  {
    head: "rows written p50, mean",
    cell: (row) => {
      const isMissed = row["case"] === "idle" && numberOf(row, "rowsWrittenP50") > 1;
      return `${bold(figure(row["rowsWrittenP50"]), isMissed)}, ${figure(row["rowsWrittenMean"])}`;
    },
  },
  { head: "bytes", cell: (row) => figure(row["bytesWrittenMean"]) },
];

function readsTable(lines: readonly Line[]): string {
  const trips = [...new Set(lines.map((line) => numberOf(line, "roundTripMs")))];
  const columns: Column<readonly Line[]>[] = [
    { head: "shards", cell: ([first = {}]) => figure(first["shards"]) },
    ...trips.map((trip) => ({
      head: `${trip} ms`,
      cell: (row: readonly Line[]) =>
        figure(row.find((line) => line["roundTripMs"] === trip)?.["readPerSecond"]),
    })),
  ];
  return markdown(
    columns,
    grouped(lines, (line) => line["shards"]),
  );
}

const LOOKS: readonly Column<Line>[] = [
  { head: "servers", cell: (row) => figure(row["servers"]) },
  { head: "round trip", cell: (row) => figure(row["roundTripMs"], " ms") },
  { head: "dropping", cell: (row) => figure(100 * numberOf(row, "dropping"), " %") },
  { head: "shards", cell: (row) => figure(row["shards"]) },
  { head: "read a second", cell: (row) => figure(row["readPerSecond"]) },
  {
    head: "longest unread",
    cell: (row) => {
      const seconds = numberOf(row, "unreadSeconds");
      const isAsked = numberOf(row, "servers") <= 300 && numberOf(row, "roundTripMs") <= 100;
      const isMissed = isAsked && seconds > ASKED.unreadSeconds;
      return bold(figure(seconds, " s"), isMissed);
    },
  },
  {
    head: "never read",
    cell: (row) => bold(figure(row["neverRead"]), numberOf(row, "neverRead") > 0),
  },
  {
    head: "created, deleted",
    cell: (row) => `${figure(row["created"])}, ${figure(row["deleted"])}`,
  },
  { head: "tick", cell: (row) => figure(row["tickSeconds"], " s") },
];

function dollars(fleets: number): Column<Line> {
  return {
    head: fleets === 1 ? "one fleet" : `${fleets} fleets`,
    cell: (row) => {
      const bills = Array.isArray(row["bills"]) ? (row["bills"] as Line[]) : [];
      const bill = bills.find((each) => each["fleets"] === fleets) ?? {};
      const usd = numberOf(bill, "usd");
      const isMissed = fleets === 1 && numberOf(row, "servers") <= 300 && usd > ASKED.usd;
      const text = `$${usd.toFixed(2)} ($${numberOf(bill, "usdByStartedMillions").toFixed(2)})`;
      return bold(text, isMissed);
    },
  };
}

const COST: readonly Column<Line>[] = [
  { head: "servers", cell: (row) => figure(row["servers"]) },
  { head: "round trip", cell: (row) => figure(row["roundTripMs"], " ms") },
  { head: "tick", cell: (row) => figure(partOf(row, "tick")["seconds"], " s") },
  { head: "shards", cell: (row) => figure(partOf(row, "tick")["shards"]) },
  { head: "CPU", cell: (row) => figure(partOf(row, "tick")["cpuMs"], " ms") },
  { head: "rows written", cell: (row) => figure(partOf(row, "tick")["rowsWritten"]) },
  {
    head: "GB-s a month",
    cell: (row) => figure(partOf(row, "usage")["gigabyteSeconds"]),
  },
  ...[1, 2, 5].map(dollars),
];

interface LoadRow {
  readonly work: string;
  readonly line: Line;
  readonly key: string;
}

const LOADS: Readonly<Record<string, string>> = {
  hello: "hello",
  status: "status",
  write: "write",
  lease: "lease and release",
  twoWritesAt20: "two writes at 20/s",
  leaseAt20: "lease and release at 20/s",
  twoWritesAt200: "two writes at 200/s",
  leaseAt200: "lease and release at 200/s",
};

function loadRows(line: Line): LoadRow[] {
  return Object.entries(LOADS).map(([key, work]) => ({ work, line, key }));
}

const LOAD: readonly Column<LoadRow>[] = [
  { head: "", cell: ({ work }) => work },
  { head: "per second", cell: ({ line, key }) => figure(line[`${key}PerSecond`]) },
  { head: "p50", cell: ({ line, key }) => figure(line[`${key}P50Ms`], " ms") },
  { head: "p99", cell: ({ line, key }) => figure(line[`${key}P99Ms`], " ms") },
];
