/**
 * I2: a delete has a committed intent and a reason. The reason is judged when the intent is committed,
 * by the probes that the oracle saw: two that said empty, one after the other, and began after the
 * cordon and its drain time, and, where servers take part in draining, also that they take no more; or a boot of ours that never gave a reading and is past its limit; or an
 * instance that does not run; or an operator's force.
 *
 * One good answer may have been lost on its way to the fleet, so only the ledger's own word, or two
 * answers, show that a reading was given.
 */
import type { Row } from "../../../durable/ledger/sql.ts";
import { waitsForItsWord } from "./i02-its-own-word.ts";
import type { Invariant, Truth } from "./invariant.ts";
import { rowOf } from "./rows.ts";
import { several } from "./several.ts";
import {
  carriedOut,
  type CommitEvent,
  type Moment,
  momentOf,
  mostAge,
  Sightings,
} from "./sightings.ts";

const NOT_RUNNING = new Set(["stopped", "stopping", "shutting-down", "terminated"]);
const ANSWERS_THAT_SHOW = 2;

interface Cordon extends Moment {
  readonly drainMs: number;
}

export const deleteIsJustified: Invariant = {
  id: "I2",
  says: "a delete has a committed intent, and one of the four reasons",
  start: several(waitsForItsWord, () => {
    const memory = new Memory();
    return (event, truth) => {
      if (event.kind === "probe") memory.saw(event, truth);
      if (event.kind === "commit") memory.moved(event, truth);
      const call = carriedOut(event);
      if (call?.op !== "DeleteInstance") return null;
      for (const name of call.names) {
        const state = call.before.find((held) => held.name === name)?.state ?? "";
        const wrong = memory.wrongWith(name);
        if (wrong === undefined) return `${name} was deleted without a committed intent`;
        if (wrong !== null && !truth.isForced(name) && !NOT_RUNNING.has(state))
          return `${name} was deleted, but ${wrong}`;
      }
      return null;
    };
  }),
};

class Memory {
  readonly #sightings = new Sightings();
  readonly #answers = new Map<string, number>();
  readonly #starts = new Map<string, Moment>();
  readonly #cordons = new Map<string, Cordon>();
  /** What was wrong with each committed intent; null where it was right. */
  readonly #intents = new Map<string, string | null>();

  saw(event: Parameters<Sightings["add"]>[0], truth: Truth): void {
    this.#sightings.add(event, truth);
    if (event.said !== null)
      this.#answers.set(event.name, (this.#answers.get(event.name) ?? 0) + 1);
  }

  moved({ moves }: CommitEvent, truth: Truth): void {
    for (const { name, from, to } of moves) {
      if (to === "draining") {
        const drainMs = (truth.spec?.retire.drainSeconds ?? 0) * 1000;
        this.#cordons.set(name, { ...momentOf(truth), drainMs });
      } else if (to === "starting") {
        this.#starts.set(name, momentOf(truth));
      } else if (to === "deleting") {
        const isEmptied = from === "draining";
        this.#intents.set(
          name,
          isEmptied ? this.#notEmpty(name, truth) : this.#notFailed(name, from, truth),
        );
      } else this.#cordons.delete(name);
    }
  }

  /** Undefined where there is no intent. */
  wrongWith(name: string): string | null | undefined {
    return this.#intents.get(name);
  }

  #notEmpty(name: string, truth: Truth): string | null {
    const cordon = this.#cordons.get(name);
    if (cordon === undefined) return "it was never cordoned";
    // One that AWS never started, and that was adopted: nobody can ask it.
    if (truth.held().some((held) => held.name === name && held.state === "pending")) return null;
    const drainMs = Math.min(cordon.drainMs, (truth.spec?.retire.drainSeconds ?? 0) * 1000);
    const last = this.#sightings.of(name).slice(-2);
    if (last.length < 2) return "it was not probed twice";
    if (last.some(({ said }) => said !== 0))
      return `its last probes said ${last.map(({ said }) => said ?? "nothing").join(", ")}`;
    if (!last.every((sighting) => mostAge(cordon, sighting) >= drainMs))
      return "it was not seen empty twice after its cordon and the drain time";
    const takesPart = truth.spec !== null && truth.spec.health.drain !== null;
    return takesPart && !last.every(({ draining }) => draining)
      ? "it did not say twice by its own word that it takes no more sessions"
      : null;
  }

  #notFailed(name: string, from: string | null, truth: Truth): string | null {
    const row = rowOf(truth, name);
    if (row === null || row["createdByUs"] !== 1 || row["adopted"] === 1)
      return "it was not drained, and is not of our making";
    if (row["everRead"] === 1 || (this.#answers.get(name) ?? 0) >= ANSWERS_THAT_SHOW)
      return "it was not drained, though its media server had answered";
    return this.#isOverdue(row, from, truth) ? null : "its boot was within its time limit";
  }

  #isOverdue(row: Row, from: string | null, truth: Truth): boolean {
    if (truth.spec === null) return false;
    const { startSeconds, readySeconds } = truth.spec.timeouts;
    const started = this.#starts.get(String(row["name"]));
    if (from === "starting")
      return started !== undefined && mostAge(started, momentOf(truth)) >= startSeconds * 1000;
    // The row's times are the object's.
    const planned = Number(row["plannedAt"]);
    if (from !== "configuring" && from !== "warming") return false;
    return truth.objectNow - Number(row["createdAt"] ?? planned) >= readySeconds * 1000;
  }
}
