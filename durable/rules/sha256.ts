/**
 * SHA-256 (FIPS 180-4) in plain TypeScript. WebCrypto answers only later, and the hash of an audit row must
 * be there within the transaction that writes the row.
 */

const BLOCK_BYTES = 64;
/** The length of the message stands in the last eight bytes of its last block. */
const LENGTH_BYTES = 8;
const ROUNDS = 64;

/** The first 32 bits of the fractional parts of `root(prime)` for the first primes. */
function fractions(count: number, root: (prime: number) => number): Uint32Array {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++)
    if (isPrime(candidate)) found.push(Math.floor((root(candidate) % 1) * 2 ** 32));
  return Uint32Array.from(found);
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++)
    if (candidate % divisor === 0) return false;
  return true;
}

const INITIAL = fractions(8, Math.sqrt);
const CONSTANTS = fractions(ROUNDS, Math.cbrt);

/** The digest of a text's UTF-8, as 64 hexadecimal digits. */
export function sha256(text: string): string {
  const bytes = padded(text);
  const view = new DataView(bytes.buffer);
  const words = new Uint32Array(ROUNDS);
  const digest = Uint32Array.from(INITIAL);
  for (let offset = 0; offset < bytes.length; offset += BLOCK_BYTES) {
    schedule(words, view, offset);
    compress(digest, words);
  }
  return [...digest].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** The UTF-8 of a text, one bit, zeros up to a whole block, and the length in bits. */
function padded(text: string): Uint8Array<ArrayBuffer> {
  // No unit of UTF-16 takes more than three bytes.
  const room = new Uint8Array(text.length * 3 + BLOCK_BYTES + 1 + LENGTH_BYTES);
  const length = encode(text, room);
  room[length] = 0x80;
  const blocks = Math.ceil((length + 1 + LENGTH_BYTES) / BLOCK_BYTES);
  const bytes = room.subarray(0, blocks * BLOCK_BYTES);
  new DataView(bytes.buffer).setBigUint64(bytes.length - LENGTH_BYTES, BigInt(length) * 8n);
  return bytes;
}

/** UTF-8 as browsers and WebCrypto's callers make it: half a surrogate pair becomes U+FFFD. */
function encode(text: string, into: Uint8Array): number {
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const point = text.codePointAt(index) ?? 0;
    if (point > 0xffff) index++;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) {
      into[length++] = code;
    } else if (code < 0x800) {
      into[length++] = 0xc0 | (code >> 6);
      into[length++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      into[length++] = 0xe0 | (code >> 12);
      into[length++] = 0x80 | ((code >> 6) & 0x3f);
      into[length++] = 0x80 | (code & 0x3f);
    } else {
      into[length++] = 0xf0 | (code >> 18);
      into[length++] = 0x80 | ((code >> 12) & 0x3f);
      into[length++] = 0x80 | ((code >> 6) & 0x3f);
      into[length++] = 0x80 | (code & 0x3f);
    }
  }
  return length;
}

function schedule(words: Uint32Array, view: DataView, offset: number): void {
  for (let index = 0; index < 16; index++) words[index] = view.getUint32(offset + index * 4);
  for (let index = 16; index < ROUNDS; index++) {
    const early = at(words, index - 15);
    const late = at(words, index - 2);
    const sigma0 = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const sigma1 = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    words[index] = at(words, index - 16) + sigma0 + at(words, index - 7) + sigma1;
  }
}

function compress(digest: Uint32Array, words: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = digest;
  for (let index = 0; index < ROUNDS; index++) {
    const sum1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + sum1 + choice + at(CONSTANTS, index) + at(words, index)) | 0;
    const sum0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + sum0 + majority) | 0;
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries())
    digest[index] = at(digest, index) + word;
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}
