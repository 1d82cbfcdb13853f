/**
 * Randomness of the demand model: seeded, so that a run can be repeated exactly.
 *
 * The generator is sfc32 by Chris Doty-Humphrey (PractRand, public domain,
 * https://pracrand.sourceforge.net/RNG_engines.txt), with a 32-bit counter and 128 bits of state.
 * The seed is spread with FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/).
 */

/** A uniform draw from [0, 1); each call moves the stream on by one. */
export type Random = () => number;

const TWO_TO_32 = 2 ** 32;

/** Rounds discarded after seeding, as PractRand does, so that close seeds give unlike streams. */
const SEEDING_ROUNDS = 15;

/**
 * One stream of random numbers.
 *
 * Streams of one seed with different names are unrelated: what one part of a model draws does not
 * shift what another part sees.
 */
export function createRandom(seed: number, stream: string): Random {
  let a = fnv1a(`${seed}/${stream}/a`);
  let b = fnv1a(`${seed}/${stream}/b`);
  let c = fnv1a(`${seed}/${stream}/c`);
  let counter = 1;

  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / TWO_TO_32;
  }

  for (let round = 0; round < SEEDING_ROUNDS; round += 1) next();
  return next;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}

/** A draw from the exponential distribution; a mean of Infinity gives Infinity (it never comes). */
export function exponential(random: Random, mean: number): number {
  return mean * -Math.log(positive(random));
}

/**
 * A draw from the lognormal distribution with this mean and coefficient of variation (standard
 * deviation over mean). Takes two numbers of the stream (Box and Muller, 1958).
 */
export function lognormal(random: Random, mean: number, variation: number): number {
  const sigmaSquared = Math.log(1 + variation ** 2);
  const mu = Math.log(mean) - sigmaSquared / 2;
  const radius = Math.sqrt(-2 * Math.log(positive(random)));
  const normal = radius * Math.cos(2 * Math.PI * random());
  return Math.exp(mu + Math.sqrt(sigmaSquared) * normal);
}

/** A uniform draw from (0, 1), whose logarithm is finite and never zero. */
function positive(random: Random): number {
  return random() + 0.5 / TWO_TO_32;
}
