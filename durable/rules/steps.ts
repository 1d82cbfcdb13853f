/** Steps of a decision, one after the other. */
import type { Blocker, Instance } from "./model.ts";
import { applied, type EventDraft, type Moves, NO_MOVES, type State } from "./state.ts";
import type { Command } from "./world.ts";

/**
 * Steps that are made one after the other, each on the state that those before it leave. The rows are
 * copied once, at the first step that changes any: no step may keep the state that it was given.
 */
export class Steps {
  readonly #rows: Instance[] = [];
  readonly #commands: Command[] = [];
  readonly #events: EventDraft[] = [];
  readonly #blockers: Blocker[] = [];
  #changes: Pick<Moves, "state" | "memory"> = { state: {}, memory: {} };
  #copy: Map<string, Instance> | null = null;
  #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** The state after the steps that were made until now. */
  get state(): State {
    return this.#state;
  }

  /** The moves of all steps, as `join` would make one of them. */
  get moves(): Moves {
    return {
      rows: this.#rows,
      commands: this.#commands,
      events: this.#events,
      blockers: this.#blockers,
      ...this.#changes,
    };
  }

  take(step: (state: State) => Moves): void {
    const moves = step(this.#state);
    if (moves === NO_MOVES) return;
    for (const row of moves.rows) this.#rows.push(row);
    for (const command of moves.commands) this.#commands.push(command);
    for (const event of moves.events) this.#events.push(event);
    for (const blocker of moves.blockers) this.#blockers.push(blocker);
    const { state, memory } = this.#changes;
    this.#changes = {
      state: { ...state, ...moves.state },
      memory: { ...memory, ...moves.memory },
    };
    this.#state = applied(
      this.#state,
      moves,
      () => (this.#copy ??= new Map(this.#state.instances)),
    );
  }
}
