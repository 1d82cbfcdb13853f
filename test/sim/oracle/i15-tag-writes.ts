/**
 * I15, of what is written to the tag, judged by the commands that are committed and by what EC2 answered:
 *
 * 1. A boundary of a fleet with a tag is on its way into it from its plan on. A new ledger writes nothing:
 *    the tag is at least as new as its first boundary.
 * 2. It stays so until an answer of EC2 has told its value, or a value that is neither its own nor the one
 *    that was read last before it, nor one that the fleet itself was writing before it: that is a person's.
 *    Where the boundary before it came into the tag lately, what had been there before that is not either.
 *    An answer to a dead object counts for nobody.
 * 3. Only that value is written, only while it is on its way and the schedule is not paused, and before
 *    another attempt the tag was read.
 * 4. A value that EC2 has told twice in a row is a person's, and is not overwritten before the next boundary.
 * 5. The value of an older boundary never lands after that of the newer one.
 */
import type { SimEvent } from "../event.ts";
import { isPausedAt, ruledOf, writeOf } from "./expected.ts";
import type { Check, Truth } from "./invariant.ts";
import { incarnationOf } from "./rows.ts";

/** For so long after its write a boundary's value, and what it replaced, are not a person's. */
const LATELY_MS = 60_000;
/** From then on the next reading ends that; and where a person's word was read, it begins with that. */
const PERHAPS_LATELY_MS = 90_000;

type CommitEvent = Extract<SimEvent, { kind: "commit" }>;
type Answer = string | null;

export function tagWritesAreDue(): Check {
  const watch = new TagWatch();
  return (event, truth) => {
    if (event.kind === "stateLost" || truth.spec === null) watch.forget();
    if (event.kind === "call" && event.by === "fleet" && event.op === "DescribeTags")
      return event.outcome === "ok" ? watch.hear(emptyIsMissing(truth.tag())) : null;
    if (event.kind === "call" && event.by === "fleet" && event.op === "CreateTags")
      return watch.called(event.hadEffect, truth);
    if (event.kind !== "commit" || truth.spec === null) return null;
    return watch.commit(event, truth);
  };
}

/** People empty a tag where they would delete it. */
function emptyIsMissing(answer: Answer): Answer {
  return answer?.trim() === "" ? null : answer;
}

class TagWatch {
  #incarnation: string | null = null;
  #tag = "";
  /** The boundary that was seen last; undefined for a ledger that has not looked yet. */
  #boundary: string | undefined = undefined;
  #value: string | null = null;
  /** On its way, since it was applied. */
  #pending = false;
  /** What EC2 told last before the boundary; undefined where nobody asked. */
  #before: Answer | undefined = undefined;
  /** What the boundaries before leave behind, and what was there before them. */
  #earlier: ReadonlySet<Answer> = new Set();
  /** The same, and what may count among it still. */
  #perhapsEarlier: ReadonlySet<Answer> = new Set();
  #heard: Answer[] = [];
  #last: Answer | undefined = undefined;
  #calledSinceRead = false;
  /** A write of the present value was committed; what is called before is an older one's. */
  #isTried = false;
  #hasLanded = false;
  #landedAt = -Infinity;
  /** When it was told, or a person's word was instead. */
  #endedAt = -Infinity;

  forget(): void {
    this.#boundary = undefined;
    this.#pending = false;
    this.#heard = [];
    this.#last = undefined;
    this.#calledSinceRead = false;
  }

  hear(answer: Answer): null {
    // A new ledger that had read nothing before the boundary takes the first word for what was there before.
    if (this.#pending && this.#before === undefined) this.#before = answer;
    this.#last = answer;
    this.#heard.push(answer);
    this.#calledSinceRead = false;
    return null;
  }

  called(hadEffect: boolean, truth: Truth): string | null {
    if (this.#isTried) this.#calledSinceRead = true;
    if (!hadEffect) return null;
    const landed = truth.tagWritten();
    if (landed === this.#value) {
      this.#hasLanded = true;
      this.#landedAt = truth.now;
    } else if (this.#hasLanded && this.#boundary !== undefined)
      return `the tag was set to ${landed}, after ${this.#value} of a newer boundary`;
    return null;
  }

  commit(event: CommitEvent, truth: Truth): string | null {
    const incarnation = incarnationOf(truth);
    const tag = JSON.stringify(truth.spec?.spares.tag ?? null);
    if (incarnation !== this.#incarnation) this.forget();
    const isRetagged = tag !== this.#tag;
    this.#incarnation = incarnation;
    this.#tag = tag;
    if (tag === "null" || isRetagged) {
      this.#pending = false;
      this.#hasLanded = false;
      this.#heard = [];
    }
    return (
      this.#applied(event, truth, tag !== "null") ??
      (isRetagged ? null : this.#ended(truth)) ??
      this.#commanded(event, truth)
    );
  }

  #applied(event: CommitEvent, truth: Truth, isTagged: boolean): string | null {
    const ruled = ruledOf(truth);
    if (ruled === null) return null;
    const boundary = `${ruled.at} ${ruled.appliedAt}`;
    const before = this.#boundary;
    if (boundary === before) return null;
    this.#boundary = boundary;
    const write = writeOf(truth);
    const left = [this.#value, this.#before ?? null, ...this.#earlier];
    const sinceLanded = this.#pending ? 0 : truth.now - this.#landedAt;
    this.#earlier = new Set(sinceLanded < LATELY_MS ? left : []);
    const sinceEnded = Math.min(sinceLanded, truth.now - this.#endedAt);
    this.#perhapsEarlier = new Set(
      sinceEnded < PERHAPS_LATELY_MS ? [...left, ...this.#perhapsEarlier] : [],
    );
    this.#value = ruled.value ?? truth.spec?.spares.default ?? null;
    this.#before = this.#last;
    this.#heard = [];
    this.#hasLanded = false;
    this.#calledSinceRead = false;
    this.#isTried = false;
    this.#pending = write !== null && !write.isRead;
    if (event.stage !== "plan" || !isTagged || ruled.at === null) return null;
    if (before === undefined)
      return write === null ? null : `${write.value} is to be written, and the ledger is new`;
    return write !== null && !write.isRead && write.value === this.#value
      ? null
      : `the boundary's value ${this.#value} is not on its way into the tag`;
  }

  /** It was on its way: has it a reason not to be any more? */
  #ended(truth: Truth): string | null {
    if (!this.#pending) return null;
    const write = writeOf(truth);
    if (write !== null && !write.isRead) return null;
    this.#pending = false;
    this.#endedAt = truth.now;
    const isOurs = this.#heard.some((answer) => answer?.trim() === this.#value);
    const isAPersons = this.#heard.some((answer) => this.#isThird(answer, this.#earlier));
    if (isOurs || isAPersons) return null;
    const told = this.#heard.map((answer) => answer ?? "nothing").join(", ");
    return `${this.#value} is not on its way any more, though EC2 told only ${told || "nothing"}`;
  }

  #isThird(answer: Answer, earlier: ReadonlySet<Answer>): boolean {
    const isOlder = answer === this.#before || earlier.has(answer);
    return answer?.trim() !== this.#value && !isOlder;
  }

  #commanded(event: CommitEvent, truth: Truth): string | null {
    for (const { action } of event.commands) {
      if (action.kind !== "targetTag") continue;
      const { value } = action;
      if (value !== this.#value || !this.#pending)
        return `${value} is to be written to the tag, and it is not on its way`;
      if (isPausedAt(truth, truth.objectNow))
        return `${value} is written while the schedule is paused`;
      if (this.#calledSinceRead)
        return `${value} is written again, and the tag was not read before`;
      const [last, former] = [this.#heard.at(-1), this.#heard.at(-2)];
      if (last !== undefined && last === former && this.#isThird(last, this.#perhapsEarlier))
        return `${value} is written over a person's ${last ?? "removal"}`;
      this.#isTried = true;
    }
    return null;
  }
}
