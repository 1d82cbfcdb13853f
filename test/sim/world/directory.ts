/** Which fleets exist: the directory's contract, without the object behind it. */
import type { DirectoryApi } from "../../../durable/rules/views.ts";

export class Names implements DirectoryApi {
  readonly #names = new Set<string>();

  register = async (fleet: string): Promise<void> => {
    this.#names.add(fleet);
  };

  forget = async (fleet: string): Promise<void> => {
    this.#names.delete(fleet);
  };

  names = async (): Promise<string[]> => [...this.#names].toSorted();
}
