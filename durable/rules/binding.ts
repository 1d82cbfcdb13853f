/** Guards that bind for longer than a tick: since when, and what is told of it. */
import { isRoutine } from "./guard-order.ts";
import type { Blocker, GuardName } from "./model.ts";
import type { EventDraft } from "./state.ts";

export interface BindingGuard extends Blocker {
  readonly since: number;
}

/** Those that bind now, each with the moment since which it does. */
export function bindingGuards(
  before: readonly BindingGuard[],
  blockers: readonly Blocker[],
  now: number,
): BindingGuard[] {
  return blockers.map((blocker) => ({
    ...blocker,
    since: blocker.since ?? before.find(({ guard }) => guard === blocker.guard)?.since ?? now,
  }));
}

/** An event when a guard begins to hold the fleet back, and one when it ends. */
export function guardEvents(
  before: readonly BindingGuard[],
  after: readonly BindingGuard[],
): EventDraft[] {
  const names = (guards: readonly BindingGuard[]): Set<GuardName> =>
    new Set(guards.map(({ guard }) => guard).filter((guard) => !isRoutine(guard)));
  const [was, is] = [names(before), names(after)];
  const began = after.filter(({ guard }) => is.has(guard) && !was.has(guard));
  const ended = [...was].filter((guard) => !is.has(guard));
  return [
    ...began.map(({ guard, fix, value, limit }) => ({
      kind: "guard" as const,
      instance: null,
      message: `${guard} holds the fleet back: ${fix}`,
      data: { guard, value, limit },
    })),
    ...ended.map((guard) => ({
      kind: "guard" as const,
      instance: null,
      message: `${guard} does not hold the fleet back any more`,
      data: { guard },
    })),
  ];
}
