/** What is kept of a run: its hash, its counts, its last lines. */
import { createHash } from "node:crypto";
import type { SimEvent } from "./event.ts";
import type { Result, RunOptions } from "./result.ts";

const HASH_DIGITS = 16;

export class Record {
  readonly #traceLines: number;
  readonly #keepPoints: boolean;
  readonly #labels: string[] = [];
  readonly #points = new Map<string, { passed: number; died: number }>();
  readonly #transitions = new Map<string, number>();
  readonly #trace: string[] = [];
  readonly #hash = createHash("sha256");
  readonly #ofKind = new Map<string, number>();
  #passed = 0;

  constructor({ traceLines = 0, keepPoints = false }: RunOptions) {
    this.#traceLines = traceLines;
    this.#keepPoints = keepPoints;
  }

  note(atMs: number, event: SimEvent): void {
    if (event.kind === "commit") for (const { from, to } of event.moves) this.#moved(from, to);
    const line = `${atMs} ${JSON.stringify(event)}`;
    this.#hash.update(line);
    if (this.#traceLines === 0) return;
    this.#trace.push(line);
    if (this.#trace.length > 2 * this.#traceLines) this.#trace.splice(0, this.#traceLines);
  }

  #moved(from: string | null, to: string): void {
    const move = `${from ?? "new"}>${to}`;
    this.#transitions.set(move, (this.#transitions.get(move) ?? 0) + 1);
  }

  /** @returns the number of the point among all, and among those of its families, from 0. */
  passPoint(label: string, canBeStruck: boolean): { all: number; families: readonly string[] } {
    if (this.#keepPoints && canBeStruck) this.#labels.push(label);
    const point = this.#points.get(label);
    if (point === undefined) this.#points.set(label, { passed: 1, died: 0 });
    else point.passed++;
    const kind = label.split(":", 1)[0] ?? label;
    const families = [this.#numberIn(kind)];
    if (label.startsWith("call:CreateTags:")) families.push(this.#numberIn("tagWrite"));
    return { all: this.#passed++, families };
  }

  #numberIn(family: string): string {
    const number = this.#ofKind.get(family) ?? 0;
    this.#ofKind.set(family, number + 1);
    return `${family} ${number}`;
  }

  diedAt(label: string): void {
    const point = this.#points.get(label);
    if (point !== undefined) point.died++;
  }

  sum(): Pick<Result, "hash" | "transitions" | "points" | "pointLabels" | "trace"> {
    return {
      hash: this.#hash.digest("hex").slice(0, HASH_DIGITS),
      transitions: Object.fromEntries(this.#transitions),
      points: Object.fromEntries(this.#points),
      pointLabels: this.#labels,
      trace: this.#trace.slice(-this.#traceLines),
    };
  }
}
