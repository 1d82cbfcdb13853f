/** Outcomes of commands as they come: twice, or never. */
import { settleCommand, unheard } from "./settle.ts";
import type { Moves, State } from "./state.ts";
import { Steps } from "./steps.ts";
import type { Command, Outcome } from "./world.ts";

/** A command has one outcome: the first that is heard. */
export function firstOfEach(outcomes: readonly Outcome[]): Outcome[] {
  const first = new Map<number, Outcome>();
  for (const outcome of outcomes)
    if (!first.has(outcome.number)) first.set(outcome.number, outcome);
  return [...first.values()];
}

/** Commands of a dead object may have been carried out or not. */
export function settleUnheard(state: State, commands: readonly Command[]): Moves {
  const settled = new Steps(state);
  for (const command of commands)
    settled.take((now) => settleCommand(now, command, unheard(command)));
  return settled.moves;
}
