/** Random whole numbers below 2^32 from a seed, so that a run can be repeated to the letter. */
export type Random = () => number;

/** The splitmix32 generator: small, well spread, and the same on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** A UUID of version 4, as AWS gives to operations, requests and ARNs. */
export function uuid(random: Random): string {
  const digits = hex(random, 32);
  const variant = ((random() & 0x3) | 0x8).toString(16);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join("-");
}

/** So many hexadecimal digits. */
export function hex(random: Random, length: number): string {
  let digits = "";
  while (digits.length < length) digits += random().toString(16).padStart(8, "0");
  return digits.slice(0, length);
}

/**
 * Hands out IPv4 addresses of a range in turn, and begins again at its end, skipping those in use.
 * A small range therefore makes addresses come back soon, as they do on AWS.
 */
export class AddressPool {
  readonly #base: number;
  readonly #size: number;
  #next = 1;

  /** @param cidr for example `127.16.0.0/12`; its first and last address are never given. */
  constructor(cidr: string) {
    const problem = rangeProblem(cidr);
    if (problem !== null) throw new Error(problem);
    const { octets, bits } = parseRange(cidr);
    this.#size = 2 ** (32 - bits);
    const start = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    this.#base = start - (start % this.#size);
  }

  /** The next address that is not in use. Throws when all are. */
  take(isUsed: (address: string) => boolean): string {
    for (let tried = 0; tried < this.#size; tried++) {
      const address = dotted(this.#base + this.#next);
      this.#next = this.#next + 1 >= this.#size - 1 ? 1 : this.#next + 1;
      if (!isUsed(address)) return address;
    }
    throw new Error("the address range is used up; give a larger one");
  }
}

/** What is wrong with a range of addresses, or null. */
export function rangeProblem(cidr: string): string | null {
  const { octets, bits } = parseRange(cidr);
  const isRange =
    octets.length === 4 && octets.every((octet) => octet <= 255) && bits >= 8 && bits <= 29;
  return isRange ? null : `${cidr} is no IPv4 range between /8 and /29, such as 127.16.0.0/12.`;
}

function parseRange(cidr: string): { octets: number[]; bits: number } {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  return { octets: (match ?? []).slice(1, 5).map(Number), bits: Number(match?.[5]) };
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
