/**
 * When a fleet that is being removed may be forgotten: where AWS lists nothing of it any more; or where AWS
 * never accepted anything of it, so that there is nothing to look for; or where a person says so who was
 * shown which servers may go on billing.
 */
import { hasEverBeenAccepted } from "./ledger/instances.ts";
import type { Sql } from "./ledger/sql.ts";
import type { State } from "./rules/state.ts";

/**
 * So many ticks in a row without a trusted listing say that AWS cannot be asked. A key that is refused says
 * it at once. One failed look is not enough: a ledger that was lost knows nothing of the servers that it had.
 */
export const UNASKED_TICKS = 12;

/** Whether a fleet is to be forgotten. It lives as long as the object. */
export class Forgetting {
  #abandoned: string | null = null;
  #isOver = false;
  /** Ticks of the removal in a row in which no trusted listing was read. */
  #unaskedTicks = 0;

  get isDue(): boolean {
    return this.#abandoned !== null || this.#isOver;
  }

  /** Who gave the fleet up, why, and what may go on billing; null where nobody did. */
  get abandoned(): string | null {
    return this.#abandoned;
  }

  /** A person gives the fleet up though AWS cannot be asked: nothing of it is looked for any more. */
  abandon(message: string): void {
    this.#abandoned = message;
  }

  /** Once in each tick, after its plan. */
  look(state: State, sql: Sql): void {
    const isUnasked = state.removing !== null && whyUnasked(state) !== null;
    this.#unaskedTicks = isUnasked ? this.#unaskedTicks + 1 : 0;
    this.#isOver = this.#mayForget(state, sql);
  }

  #mayForget(state: State, sql: Sql): boolean {
    if (state.removing === null || state.instances.size > 0) return false;
    const { listedTick, listingTrusted } = state.memory;
    if (listingTrusted && listedTick === state.tick) return true;
    if (hasEverBeenAccepted(sql) || state.adoptions.length > 0) return false;
    const isKeyRefused = state.holds.some(({ guard }) => guard === "credentials");
    return isKeyRefused || this.#unaskedTicks >= UNASKED_TICKS;
  }
}

/** Why AWS cannot be asked what there is; null where its last listing is good. */
export function whyUnasked({ memory }: State): string | null {
  return memory.listingTrusted ? null : (memory.listingTrouble ?? "no listing was read yet");
}

/** Servers that may exist, as far as the ledger knows. A planned one that was never sent to AWS is none. */
export function mayGoOnBilling({ instances }: State): string[] {
  return [...instances.values()]
    .filter((row) => row.phase !== "planned" || row.mayExist || row.command !== null)
    .map(({ name }) => name)
    .toSorted();
}
