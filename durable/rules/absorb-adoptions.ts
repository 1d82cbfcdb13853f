/**
 * Instances that an operator wants taken over. Each is looked up by its name; where it is nobody's, it
 * becomes a row, adopted and protected, and is given our tags. The adoption ends when it is listed
 * with them, or is not there any more. Another fleet's instance is left to it.
 */
import { adopt } from "./adopt.ts";
import { ADOPTION_LIFE_MS } from "./limits.ts";
import type { Adoption, Instance } from "./model.ts";
import { type EventDraft, join, type Moves, NO_MOVES, type State } from "./state.ts";
import type { CloudInstance, LookUp } from "./world.ts";

export function absorbAdoptions(state: State, lookUps: readonly LookUp[]): Moves {
  let moves = NO_MOVES;
  let { adoptions } = state;
  // Nothing but their tags is changed before they are listed as ours.
  const unlisted = new Set(state.memory.unlisted);
  const end = (adoption: Adoption, message: string): void => {
    adoptions = adoptions.filter(({ name }) => name !== adoption.name);
    moves = join(moves, { ...NO_MOVES, events: [eventOf(adoption, message)] });
  };
  for (const adoption of state.adoptions) {
    const { name } = adoption;
    const lookUp = lookUps.find((each) => each.name === name);
    const row = state.instances.get(name);
    const isRow = row !== undefined && row.phase !== "lost";
    const seen = lookUp?.kind === "found" ? lookUp.instance : lookUp;
    const owner = seen !== undefined && "owner" in seen ? seen.owner : null;
    if (!isRow && owner !== null && owner !== state.identity.owner)
      end(adoption, `${name} belongs to ${owner}: it is not adopted`);
    else if (lookUp?.kind === "found" && !isRow) {
      unlisted.add(name);
      moves = join(moves, taken(state, adoption, lookUp.instance, row));
    } else if (lookUp?.kind === "absent")
      end(
        adoption,
        `Lightsail has no instance ${name} in ${state.spec.region}: ${isRow ? "it was adopted, and is gone" : "nothing is adopted"}`,
      );
    // One that has its row waits for its tags, for as long as AWS refuses them.
    else if (!isRow && state.now - adoption.since >= ADOPTION_LIFE_MS)
      end(adoption, `${name} could not be adopted in time: ask again`);
  }
  if (moves === NO_MOVES) return NO_MOVES;
  return {
    ...moves,
    memory: { unlisted },
    state: adoptions === state.adoptions ? {} : { adoptions },
  };
}

/** It may carry sessions of which nobody here knows, so it arrives protected. */
function taken(
  state: State,
  { actor }: Adoption,
  instance: CloudInstance,
  lost: Instance | undefined,
): Moves {
  const [row, event] = adopt(state, instance, lost);
  if (row === null || event === null) return NO_MOVES;
  const guarded: Instance = { ...row, protectedBy: actor, protectedSince: state.now };
  const message = `${row.name} is adopted, and protected: unprotect it to let the fleet retire it`;
  return { ...NO_MOVES, rows: [guarded], events: [{ ...event, kind: "adopted", message, actor }] };
}

function eventOf({ name, actor }: Adoption, message: string): EventDraft {
  return { kind: "adoption", instance: name, message, actor };
}
