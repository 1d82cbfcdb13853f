/** One call, as it was met. */
export interface Call {
  /** From 1, never used again. */
  readonly index: number;
  /** The model's time when it arrived. */
  readonly at: number;
  readonly service: "lightsail" | "ec2" | "unknown";
  readonly region: string;
  readonly op: string;
  readonly resources: readonly string[];
  /** What was asked, with long texts cut short and user data left out. */
  readonly params: unknown;
  /** `ok`, an error's type, `dropped`, or null while it is held up. */
  outcome: string | null;
  /** Whether it was carried out, whatever the caller was told. */
  hadEffect: boolean;
}

/** Calls kept; of older ones only the counts remain. */
const CALLS_MAX = 20_000;
const TEXT_LENGTH_MAX = 200;

/** The record of every call. */
export class CallLog {
  #calls: Call[] = [];
  #nextIndex = 1;
  readonly #counts = new Map<string, number>();

  /** Opens the record of a call; `settle` closes it. */
  open(call: Omit<Call, "index" | "outcome" | "hadEffect">): Call {
    const opened = {
      ...call,
      params: summarise(call.params),
      index: this.#nextIndex++,
      outcome: null,
      hadEffect: false,
    };
    this.#calls.push(opened);
    if (this.#calls.length > CALLS_MAX * 2) this.#calls = this.#calls.slice(-CALLS_MAX);
    return opened;
  }

  /** The call that was met last. */
  get last(): Call | undefined {
    return this.#calls.at(-1);
  }

  settle(call: Call, outcome: string, hadEffect: boolean): void {
    call.outcome = outcome;
    call.hadEffect = hadEffect;
    const key = `${call.op}/${outcome}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** The calls after `afterIndex`, oldest first; of one operation only, if named. */
  list(filter: { afterIndex?: number | undefined; op?: string | undefined } = {}): readonly Call[] {
    const { afterIndex = 0, op } = filter;
    return this.#calls.filter(
      (call) => call.index > afterIndex && (op === undefined || call.op === op),
    );
  }

  /** How often each `operation/outcome` has been seen since the start. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}

function summarise(value: unknown): unknown {
  if (typeof value === "string") {
    return value.length > TEXT_LENGTH_MAX
      ? `${value.slice(0, TEXT_LENGTH_MAX)}... (${value.length})`
      : value;
  }
  if (Array.isArray(value)) return value.map(summarise);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [
      key,
      key === "userData" && typeof item === "string"
        ? `(${item.length} characters)`
        : summarise(item),
    ]),
  );
}
