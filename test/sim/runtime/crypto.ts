/**
 * WebCrypto without its thread pool. Node computes a signature on another thread, so that the order in
 * which promises end would differ from run to run; here the very same bytes are there at once.
 */
import { createHash, createHmac } from "node:crypto";

/** A key is its bytes: nothing leaves this process. */
type Key = Uint8Array;

const HASHES: Readonly<Record<string, string>> = { "SHA-256": "sha256" };

const subtle = {
  importKey: async (_format: "raw", bytes: BufferSource): Promise<Key> => bytesOf(bytes),
  sign: async (_algorithm: unknown, key: Key, data: BufferSource): Promise<ArrayBuffer> =>
    bufferOf(signs ? hmac(key, bytesOf(data)) : NOT_SIGNED),
  digest: async (
    algorithm: string | { name: string },
    data: BufferSource,
  ): Promise<ArrayBuffer> => {
    const name = typeof algorithm === "string" ? algorithm : algorithm.name;
    const hash = HASHES[name];
    if (hash === undefined) throw new Error(`the simulator's WebCrypto knows no ${name}`);
    return bufferOf(createHash(hash).update(bytesOf(data)).digest());
  },
};

/** Most runs save the signatures, and AWS does not check them; the others are signed to the last byte. */
let signs = true;
const NOT_SIGNED = new Uint8Array(32);

export function setSigning(isReal: boolean): void {
  signs = isReal;
}

/** The steps to a day's signing key are the same for all of its calls. */
const derived = new Map<string, Uint8Array>();
const latin1 = new TextDecoder("latin1");
const DERIVED_MAX = 1_000;
const LONGEST_STEP = "aws4_request".length;

function hmac(key: Key, data: Uint8Array): Uint8Array {
  if (data.byteLength > LONGEST_STEP + 4) return createHmac("sha256", key).update(data).digest();
  const id = `${latin1.decode(key)}/${latin1.decode(data)}`;
  const known = derived.get(id);
  if (known !== undefined) return known;
  const made = createHmac("sha256", key).update(data).digest();
  if (derived.size >= DERIVED_MAX) derived.clear();
  derived.set(id, made);
  return made;
}

/** How the ids that the program draws are made; the simulator seeds it anew for each run. */
let nextWord: () => string = () => {
  throw new Error("the simulator's randomness has no seed yet");
};

export function seedWords(next: () => string): void {
  nextWord = next;
  nonces = 0;
}

/** Nonces need to differ, and to be drawn from no stream on which a seed's other draws depend. */
let nonces = 0;

function nextBytes(bytes: Uint8Array): Uint8Array {
  nonces += 1;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, nonces);
  return bytes;
}

export function installCrypto(): void {
  const crypto = { subtle, randomUUID: () => nextWord(), getRandomValues: nextBytes };
  Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
}

function bytesOf(source: BufferSource): Uint8Array {
  return source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
