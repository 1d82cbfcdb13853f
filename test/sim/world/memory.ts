/**
 * What the fleet's object remembers against what its tables hold. The shell keeps its engine to itself, for
 * RPC would show it to all; so the engine that was read last is noted here.
 */
import { Engine } from "../../../durable/engine.ts";
import { differencesToTables } from "../../virtual/reload.ts";

/** Of the commits that move no server, and are no request's, each so many-th is compared. */
const QUIET_COMMITS = 16;
/** A larger fleet's tables take longer to load, and are compared so many times less often. */
const SERVERS_PER_COMMIT = 40;

let last: Engine | null = null;
const read = Object.getOwnPropertyDescriptor(Engine.prototype, "read")?.value as Engine["read"];
Engine.prototype.read = new Proxy(read, {
  apply: (target, engine: Engine, now: [number]) => {
    last = engine;
    return Reflect.apply(target, engine, now);
  },
});

/** One object's memory, from one commit to the next. */
export class Memory {
  /** Commits until the next comparison, as quiet ones count. */
  #left = 0;

  /**
   * Compares, right after a commit, while its engine is the one that was read last. It costs a cold start: not
   * every quiet commit is worth it, for what is forgotten in one stays forgotten.
   *
   * @param now milliseconds since the epoch by the object's clock
   * @param isQuiet the commit moved no server, and was no request's
   * @returns one line for each difference
   */
  differences(now: number, isQuiet: boolean): readonly string[] {
    const engine = last;
    // One that has dropped its memory loads the tables when it is read.
    if (engine === null || engine.revision === null) return [];
    this.#left -= isQuiet ? 1 : QUIET_COMMITS;
    if (this.#left > 0) return [];
    const servers = engine.read(now)?.state.instances.size ?? 0;
    this.#left = QUIET_COMMITS * (1 + Math.floor(servers / SERVERS_PER_COMMIT));
    return differencesToTables(engine, now);
  }
}
