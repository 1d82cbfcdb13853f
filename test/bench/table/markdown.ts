/** Markdown tables of lines of JSON. */

export type Line = Readonly<Record<string, unknown>>;

/** A column: its head, and the cell of a line. */
export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => string;
}

/** A table with numbers to the right. */
export function markdown<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(columns.map(({ head }) => head)),
    row(columns.map(() => "---")),
    ...rows.map((each) => row(columns.map(({ cell }) => cell(each)))),
  ].join("\n");
}

/** As figures are read: 1,234 and 0.0123; a dash for what is not there. */
export function figure(value: unknown, unit = ""): string {
  if (typeof value !== "number") return "-";
  const digits = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return `${digits.toLocaleString("en-US", { maximumFractionDigits: 4 })}${unit}`;
}

/** What misses what is asked stands in bold. */
export function bold(text: string, isMissed: boolean): string {
  return isMissed ? `**${text}**` : text;
}

/** Lines of one key together, in the order in which the keys came. */
export function grouped(lines: readonly Line[], keyOf: (line: Line) => unknown): Line[][] {
  const groups = new Map<unknown, Line[]>();
  for (const line of lines) {
    const key = keyOf(line);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(line);
  }
  return [...groups.values()];
}

export function textOf(line: Line, key: string): string {
  const value = line[key];
  return typeof value === "string" || typeof value === "boolean" ? String(value) : "";
}

export function numberOf(line: Line, key: string): number {
  const value = line[key];
  return typeof value === "number" ? value : Number.NaN;
}

export function partOf(line: Line, key: string): Line {
  const value = line[key];
  return typeof value === "object" && value !== null ? (value as Line) : {};
}
