/**
 * I19, of boots: time in which a server waited for a call of ours, or for its turn to be asked, counts
 * against nothing. Whenever the fleet gives a boot up, the oracle looks at what the server could do by then:
 *
 * - one that ran with its address for half a minute, and is still called `starting`, was not looked at;
 * - one whose ports were never put has waited for us, unless AWS refused them for another reason than rates;
 * - one whose ports were put has so much time as `readySeconds` leaves after its boot, counted from that call;
 * - one that answers, and was not asked since it can, is not silent.
 *
 * A listing that was wrong is not judged.
 */
import type { SimEvent } from "../event.ts";
import type { Check, Invariant, Truth } from "./invariant.ts";
import { noLaunchForTheUnasked } from "./i19-the-unasked.ts";
import { ListingFaults } from "./listing-faults.ts";
import { several } from "./several.ts";
import type { CallEvent, CommitEvent } from "./sightings.ts";

/** What a tick or two may lag behind AWS. */
const UNSEEN_MS = 30_000;
/** A server that can answer is asked before this, or it is not given up. */
const UNASKED_MS = 20_000;
const SLACK_TICKS = 3;
/** After so many refusals for another reason than rates, AWS does not want the ports. */
const REFUSALS_THAT_SHOW = 2;
/** Outcomes that say nothing of the ports. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  "ok",
  "ThrottlingException",
  "dropped",
  "garbled",
  "?",
]);

export const ownWaiting: Invariant = {
  id: "I19",
  says: "nothing is given up, deleted, counted or replaced because the fleet itself was slow",
  start: several(boots, noLaunchForTheUnasked),
};

function boots(): Check {
  const faults = new ListingFaults();
  const memory = new Boots();
  return (event, truth) => {
    faults.follow(event, truth);
    memory.follow(event, truth);
    if (event.kind !== "commit" || truth.spec === null) return null;
    for (const name of givenUp(event, truth)) {
      if (truth.isForced(name) || faults.areRecent(truth)) continue;
      const wrong = memory.wrongWith(name, truth);
      if (wrong !== null) return `the boot of ${name} was given up, but ${wrong}`;
    }
    return null;
  };
}

/** Servers whose boot failed by the fleet's own words. */
function* givenUp({ moves }: CommitEvent, truth: Truth): Generator<string> {
  for (const { name, from, to } of moves) {
    const isFailure = to === "deleting" && from !== "draining" && from !== "ready";
    const isUnsteady = to === "draining" && from === "warming";
    if (!isFailure && !isUnsteady) continue;
    const [event] = truth.sql.rows(
      "SELECT data FROM events WHERE instance = ? AND kind IN ('delete', 'drain') ORDER BY id DESC LIMIT 1",
      name,
    );
    const { reason } = JSON.parse(String(event?.["data"] ?? "{}")) as { reason?: unknown };
    if (reason === (isFailure ? "bootFailed" : "replace")) yield name;
  }
}

interface Boot {
  readonly createdAt: number;
  /** The first call that put its ports: another spec's ports have its health port among them, too. */
  putAt: number | null;
  refusals: number;
  /** The last time that it was asked. */
  askedAt: number;
}

class Boots {
  readonly #byName = new Map<string, Boot>();

  follow(event: SimEvent, truth: Truth): void {
    if (event.kind === "call" && event.by === "fleet") this.#called(event, truth);
    if (event.kind !== "probe") return;
    const boot = this.#byName.get(event.name);
    if (boot !== undefined) boot.askedAt = Math.max(boot.askedAt, event.startedAt);
  }

  #called({ op, names, hadEffect, outcome }: CallEvent, { now }: Truth): void {
    for (const name of names) {
      if (op.startsWith("CreateInstances") && hadEffect)
        this.#byName.set(name, { createdAt: now, putAt: null, refusals: 0, askedAt: 0 });
      const boot = this.#byName.get(name);
      if (op === "DeleteInstance" && hadEffect) this.#byName.delete(name);
      if (op !== "PutInstancePublicPorts" || boot === undefined) continue;
      if (hadEffect) boot.putAt ??= now;
      else if (!NO_ANSWER.has(outcome)) boot.refusals += 1;
    }
  }

  wrongWith(name: string, truth: Truth): string | null {
    const boot = this.#byName.get(name);
    const machine = truth.machine(name);
    // A machine that is off is its own reason, and so is one that another made.
    if (boot === undefined || machine === null || truth.spec === null) return null;
    const { now } = truth;
    const { addressAt } = machine;
    if (boot.putAt === null) {
      const isRefused = boot.refusals >= REFUSALS_THAT_SHOW;
      return isRefused || now - addressAt < UNSEEN_MS
        ? null
        : `it ran for ${now - addressAt} ms, and its ports were never put`;
    }
    const ownMs = Math.max(0, addressAt - boot.createdAt) + now - Math.max(boot.putAt, addressAt);
    const readyMs = truth.spec.timeouts.readySeconds * 1_000;
    if (ownMs < readyMs - SLACK_TICKS * truth.tickMs)
      return `it had ${ownMs} of ${readyMs} ms to itself`;
    const couldSince = Math.max(boot.putAt, machine.answersFrom);
    return machine.isWell && boot.askedAt < couldSince && now - couldSince > UNASKED_MS
      ? `it could answer for ${now - couldSince} ms, and was not asked`
      : null;
  }
}
