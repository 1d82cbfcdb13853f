/** What was made of the same things a moment ago is not made again. */
export class Memo<Value> {
  readonly #keepMs: number;
  #made: { readonly of: readonly unknown[]; readonly at: number; readonly value: Value } | null =
    null;

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /**
   * What `make` gives for `of`, at most `keepMs` old.
   * @param of all that the value depends on besides the time; each is compared by its identity
   * @param now milliseconds since the epoch; a clock that was set back makes it anew
   */
  get(of: readonly unknown[], now: number, make: () => Value): Value {
    const made = this.#made;
    if (made !== null && isSame(made.of, of) && now >= made.at && now - made.at < this.#keepMs)
      return made.value;
    const value = make();
    this.#made = { of, at: now, value };
    return value;
  }
}

function isSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((each, index) => each === after[index]);
}
