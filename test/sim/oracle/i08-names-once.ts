/**
 * I8: a name is used at most once, over every ledger. It is planned once; and AWS creates it once, but
 * for a create whose outcome was never known: that one is tried again under the same name, and the
 * first may have been carried out and gone since.
 */
import type { SimEvent } from "../event.ts";
import type { Invariant } from "./invariant.ts";
import { carriedOut, isCreate } from "./sightings.ts";

export const namesOnce: Invariant = {
  id: "I8",
  says: "a name is used at most once",
  start: () => {
    const names = new Names();
    return (event) => {
      if (event.kind === "commit") return names.follow(event);
      const call = carriedOut(event);
      return call === null || !isCreate(call) ? null : names.create(call.names);
    };
  },
};

class Names {
  readonly #planned = new Set<string>();
  readonly #created = new Set<string>();
  /** Planned, and not known to have been created. */
  readonly #open = new Set<string>();

  follow({ moves }: Extract<SimEvent, { kind: "commit" }>): string | null {
    for (const { name, from, to } of moves) {
      if (from === "planned") this.#open.delete(name);
      if (from !== null || to !== "planned") continue;
      if (this.#planned.has(name)) return `${name} was planned a second time`;
      this.#planned.add(name);
      this.#open.add(name);
    }
    return null;
  }

  create(names: readonly string[]): string | null {
    for (const name of names) {
      if (this.#created.has(name) && !this.#open.has(name))
        return `${name} was created a second time`;
      this.#created.add(name);
    }
    return null;
  }
}
