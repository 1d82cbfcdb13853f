/**
 * Who asks, and may they? A token is compared by its SHA-256 with every configured one, in a time
 * that depends neither on where two of them differ nor on which one it is.
 */

export type Role = "viewer" | "dispatcher" | "operator";

/** A configured token. Its name is no other's, and goes into the audit trail. */
export interface Token {
  readonly name: string;
  readonly role: Role;
  /** The token itself, or `sha256:` and the digest of it in hex. */
  readonly value: string;
  /** From then on it opens nothing; null or absent for one without an end. */
  readonly expiresAt?: number | null;
  /** The only fleets that it is for; null or absent for one that is for all. */
  readonly fleets?: readonly string[] | null;
}

export interface Caller {
  /** What audits and leases go by: no token and no identity of Access has the same. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The only fleets that it may call; null for all. */
  readonly fleets: readonly string[] | null;
}

export type Verdict =
  | { readonly kind: "caller"; readonly caller: Caller }
  | { readonly kind: "missing" }
  /** `isShort`: it has fewer characters than any token that is accepted. */
  | { readonly kind: "wrong"; readonly isShort: boolean }
  | { readonly kind: "expired"; readonly name: string; readonly at: number }
  /** Several tokens are the same one, so that nobody knows whose it is. */
  | { readonly kind: "ambiguous" };

/** A shorter token can be guessed, so none is accepted from the settings. */
export const TOKEN_LENGTH_MIN = 24;

/** Each role may do what the ones below it may. */
const RANK: Record<Role, number> = { viewer: 1, dispatcher: 2, operator: 3 };

const BEARER = /^Bearer +([\x21-\x7e]+) *$/iu;

/** Gives the function that judges an `Authorization` header. An empty token never matches anything. */
export function createJudge(
  tokens: readonly Token[],
  now: () => number,
): (header: string | undefined) => Promise<Verdict> {
  const usable = tokens.filter((token) => token.value !== "");
  // Digests are made at the first request, because Workers allow no such work before it.
  let digests: readonly Uint8Array[] | null = null;

  return async (header) => {
    const given = BEARER.exec(header ?? "")?.[1];
    if (given === undefined) return { kind: "missing" };

    digests ??= await Promise.all(usable.map(digestOf));
    const digest = await sha256(given);
    const found: Token[] = [];
    for (const [index, token] of usable.entries())
      if (sameDigest(digest, digests[index] ?? new Uint8Array())) found.push(token);
    return verdictOn(found, given, now());
  };
}

function verdictOn([token, ...others]: readonly Token[], given: string, now: number): Verdict {
  const isShort = given.length < TOKEN_LENGTH_MIN;
  // How long a token is that is known by its digest shows only now.
  if (token === undefined || (isShort && isHashed(token))) return { kind: "wrong", isShort };
  if (others.length > 0) return { kind: "ambiguous" };
  const { name, role, expiresAt = null, fleets = null } = token;
  if (expiresAt !== null && now >= expiresAt) return { kind: "expired", name, at: expiresAt };
  return { kind: "caller", caller: { id: `token:${name}`, name, role, fleets } };
}

const HASHED = "sha256:";

function isHashed({ value }: Token): boolean {
  return value.startsWith(HASHED);
}

async function digestOf(token: Token): Promise<Uint8Array> {
  return isHashed(token) ? bytesOf(token.value.slice(HASHED.length)) : await sha256(token.value);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../gu) ?? [], (byte) => Number.parseInt(byte, 16));
}

export function mayAct(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** Reads both digests to their end, whatever they hold; the result of the loop is looked at once. */
function sameDigest(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0);
  return difference === 0;
}
