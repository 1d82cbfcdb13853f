import { z } from "zod";
import { seededRandom, type Random } from "../cloud/ids.ts";

/** What goes wrong. Delays are in real milliseconds, all other times are the model's. */
const Effect = z.discriminatedUnion("kind", [
  /** An error instead of the effect, or after it. For EC2, `type` is its error code. */
  z.strictObject({
    kind: z.literal("error"),
    when: z.enum(["before", "after"]).default("before"),
    type: z.string(),
    message: z.string().optional(),
    status: z.int().min(400).max(599).optional(),
  }),
  /** Refused as one call too many, in the words of its service, whatever its bucket holds. */
  z.strictObject({ kind: z.literal("throttled") }),
  /** The connection breaks: before the effect, or after it, with the reply lost. */
  z.strictObject({ kind: z.literal("lost"), when: z.enum(["before", "after"]).default("after") }),
  /** The call is held up before its effect, or its reply after it. */
  z.strictObject({
    kind: z.literal("delay"),
    when: z.enum(["before", "after"]).default("after"),
    ms: z.number().min(0),
  }),
  /** Reads of instances show them as they stood so long ago. */
  z.strictObject({ kind: z.literal("stale"), agoMs: z.number().min(0) }),
  /** The effect happens, and the reply is this instead of what it should be. */
  z.strictObject({
    kind: z.literal("garbled"),
    body: z.string(),
    status: z.int().min(200).max(599).default(200),
    contentType: z.string().default("text/html"),
  }),
]);

export const FaultSchema = z.strictObject({
  /** The operation's name, or `*` for all. */
  op: z.string(),
  /** Only calls that name this resource. */
  resource: z.string().optional(),
  /** Only this page of a listing, from 1. */
  page: z.int().min(1).optional(),
  /** Let so many matching calls pass first: the n-th call is `skip: n - 1`. */
  skip: z.int().min(0).default(0),
  /** How many calls it strikes; null for all. Once, unless `forMs` is given. */
  times: z.int().min(1).nullable().optional(),
  /** How long it stands, in the model's milliseconds. */
  forMs: z.number().min(0).optional(),
  /** Of the calls that it would strike it strikes this share, drawn from its `seed`. */
  share: z.number().gt(0).max(1).default(1),
  seed: z.int().min(0).default(1),
  effect: Effect,
});

export type FaultInput = z.input<typeof FaultSchema>;
export type FaultEffect = z.output<typeof Effect>;

/** An effect that decides what the caller gets. */
export type Blow = Extract<FaultEffect, { kind: "error" | "throttled" | "lost" | "garbled" }>;

/** Whether an effect is a blow at that moment: a throttle comes before, a garbled reply after. */
export function isBlow(effect: FaultEffect, when: "before" | "after"): effect is Blow {
  if (effect.kind === "throttled") return when === "before";
  if (effect.kind === "garbled") return when === "after";
  return (effect.kind === "error" || effect.kind === "lost") && effect.when === when;
}

/** A fault that stands, with what it has met. */
export interface Fault extends z.output<typeof FaultSchema> {
  readonly id: number;
  readonly until: number;
  readonly timesMax: number;
  readonly random: Random;
  seen: number;
  struck: number;
}

/** The numbers of a fault's stream are below this. */
const TWO_TO_32 = 2 ** 32;

/** What a fault looks at in a call. */
export interface Subject {
  readonly op: string;
  readonly resources: readonly string[];
  readonly page: number;
}

/** The faults that tests have asked for. */
export class Faults {
  #faults: Fault[] = [];
  #nextId = 1;

  /** Adds a fault and returns its id. Several may strike one call; of errors and losses the first wins. */
  add(input: FaultInput, now: number): number {
    const fault = FaultSchema.parse(input);
    const once = fault.forMs === undefined ? 1 : null;
    const timesMax = (fault.times === undefined ? once : fault.times) ?? Infinity;
    const until = fault.forMs === undefined ? Infinity : now + fault.forMs;
    const random = seededRandom(fault.seed);
    this.#faults.push({ ...fault, id: this.#nextId, until, timesMax, random, seen: 0, struck: 0 });
    return this.#nextId++;
  }

  remove(id: number): boolean {
    const before = this.#faults.length;
    this.#faults = this.#faults.filter((fault) => fault.id !== id);
    return this.#faults.length < before;
  }

  clear(): void {
    this.#faults = [];
  }

  list(): readonly Readonly<Fault>[] {
    return this.#faults;
  }

  /** The effects that strike this call, in the order in which they were added. Counts it. */
  strike(subject: Subject, now: number): FaultEffect[] {
    this.#faults = this.#faults.filter(
      (fault) => now < fault.until && fault.struck < fault.timesMax,
    );
    return this.#faults
      .filter((fault) => matches(fault, subject))
      .flatMap((fault) => {
        fault.seen++;
        if (fault.seen <= fault.skip || fault.struck >= fault.timesMax) return [];
        if (fault.share < 1 && fault.random() >= fault.share * TWO_TO_32) return [];
        fault.struck++;
        return [fault.effect];
      });
  }
}

function matches(fault: Fault, { op, resources, page }: Subject): boolean {
  return (
    (fault.op === "*" || fault.op === op) &&
    (fault.resource === undefined || resources.includes(fault.resource)) &&
    (fault.page === undefined || fault.page === page)
  );
}
