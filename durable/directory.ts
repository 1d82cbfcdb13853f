/**
 * Which fleets exist: one object, one small record. The record is an itty-durable, held inside a
 * native object so that its own router is never reachable (docs/adr/0001).
 */
import { DurableObject } from "cloudflare:workers";
import { createDurable } from "itty-durable";
import type { DeadFleet, DeadFleets, DirectoryApi } from "./rules/views.ts";

class FleetList extends createDurable() {
  fleets: string[] = [];
  dead: Readonly<Record<string, DeadFleet>> = {};
}

export class Directory extends DurableObject<Env> implements DirectoryApi, DeadFleets {
  readonly #list: FleetList;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Only the storage is handed on: itty-durable would put every binding on what it is given.
    this.#list = new FleetList({ storage: ctx.storage }, {});
    void ctx.blockConcurrencyWhile(async () => this.#list.loadFromStorage());
  }

  /** Adds a name; one that is there already costs nothing. */
  async register(fleet: string): Promise<void> {
    if (this.#list.fleets.includes(fleet)) return;
    this.#list.fleets = [...this.#list.fleets, fleet].toSorted();
    await this.#list.persist();
  }

  async forget(fleet: string): Promise<void> {
    if (!this.#list.fleets.includes(fleet)) return;
    this.#list.fleets = this.#list.fleets.filter((name) => name !== fleet);
    await this.#list.persist();
  }

  async names(): Promise<string[]> {
    return [...this.#list.fleets];
  }

  async dead(): Promise<Readonly<Record<string, DeadFleet>>> {
    return { ...this.#list.dead };
  }

  /** In a round in which nothing is news, it costs nothing. */
  async setDead(dead: Readonly<Record<string, DeadFleet>>): Promise<void> {
    if (JSON.stringify(dead) === JSON.stringify(this.#list.dead)) return;
    this.#list.dead = { ...dead };
    await this.#list.persist();
  }
}
