/** What is kept of a run: its hash, its counts, its last lines. */
import type { SimEvent } from "./event.ts";
import type { Result, RunOptions } from "./result.ts";

export class Record {
  readonly #traceLines: number;
  readonly #keepPoints: boolean;
  readonly #labels: string[] = [];
  readonly #points = new Map<string, { passed: number; died: number }>();
  readonly #transitions = new Map<string, number>();
  readonly #trace: string[] = [];
  #passed = 0;
  #low = 0x811c9dc5;
  #high = 0xcbf29ce4;

  constructor({ traceLines = 0, keepPoints = false }: RunOptions) {
    this.#traceLines = traceLines;
    this.#keepPoints = keepPoints;
  }

  note(atMs: number, event: SimEvent): void {
    if (event.kind === "commit") for (const { from, to } of event.moves) this.#moved(from, to);
    const line = `${atMs} ${JSON.stringify(event)}`;
    this.#hash(line);
    if (this.#traceLines === 0) return;
    this.#trace.push(line);
    if (this.#trace.length > 2 * this.#traceLines) this.#trace.splice(0, this.#traceLines);
  }

  #moved(from: string | null, to: string): void {
    const move = `${from ?? "new"}>${to}`;
    this.#transitions.set(move, (this.#transitions.get(move) ?? 0) + 1);
  }

  /** @returns the number of the point, from 0. */
  passPoint(label: string): number {
    if (this.#keepPoints) this.#labels.push(label);
    const point = this.#points.get(label);
    if (point === undefined) this.#points.set(label, { passed: 1, died: 0 });
    else point.passed++;
    return this.#passed++;
  }

  diedAt(label: string): void {
    const point = this.#points.get(label);
    if (point !== undefined) point.died++;
  }

  /** FNV-1a, twice with different beginnings (http://www.isthe.com/chongo/tech/comp/fnv/). */
  #hash(text: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x01000197);
    }
    this.#low = low;
    this.#high = high;
  }

  sum(): Pick<Result, "hash" | "transitions" | "points" | "pointLabels" | "trace"> {
    return {
      hash: hex(this.#high) + hex(this.#low),
      transitions: Object.fromEntries(this.#transitions),
      points: Object.fromEntries(this.#points),
      pointLabels: this.#labels,
      trace: this.#trace.slice(-this.#traceLines),
    };
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
