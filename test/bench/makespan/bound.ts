/**
 * The shortest makespan that an oracle can reach. It knows the bucket and each boot, and it never looks:
 *
 *   - the creates go out at once, before any other call;
 *   - each server's ports follow as soon as the server has an address and a token is there;
 *   - a full bucket gathers nothing more;
 *   - the last boot runs to its end.
 *
 * Calls take no time here. AWS states no limit on the names in one CreateInstances call, and neither does
 * the embedded AWS, so one call creates the whole fleet unless the cell has a limit.
 */
import { ADDRESS_MS, FIRST_ANSWER_MS } from "../virtual/times.ts";
import { type Bucket, TokenBucket } from "../virtual/buckets.ts";
import type { Cell } from "./cell.ts";

/** The bound in seconds. */
export function boundSeconds({
  servers,
  bucket,
  kind,
  namesPerCreate = servers,
}: Omit<Cell, "costly">): number {
  const creates = new Queue(bucket);
  // The oracle reads nothing: where reads have a bucket of their own, its calls share the other one.
  const ports = kind === "separate" ? new Queue(bucket) : creates;
  const createdAt: number[] = [];
  while (createdAt.length < servers) {
    const at = creates.next(0);
    const names = Math.min(namesPerCreate, servers - createdAt.length);
    for (let name = 0; name < names; name += 1) createdAt.push(at);
  }
  let makespanMs = 0;
  for (const at of createdAt)
    makespanMs = Math.max(makespanMs, at + FIRST_ANSWER_MS, ports.next(at + ADDRESS_MS));
  return makespanMs / 1_000;
}

/** Calls that a bucket admits one after the other, each as early as it can be. */
class Queue {
  readonly #tokens: TokenBucket;
  #lastMs = 0;

  constructor(bucket: Bucket) {
    this.#tokens = new TokenBucket(bucket, false, 0);
  }

  /** The moment, not before `fromMs`, at which the bucket admits the next call. */
  next(fromMs: number): number {
    this.#lastMs = this.#tokens.holdsOneAt(Math.max(fromMs, this.#lastMs));
    this.#tokens.admit(this.#lastMs);
    return this.#lastMs;
  }
}
