/**
 * Who asks, and may they? A token is compared by its SHA-256 with every configured one, in a time
 * that depends neither on where two of them differ nor on which one it is.
 */

export type Role = "viewer" | "dispatcher" | "operator";

/** A configured token. `name` goes into the audit trail. */
export interface Token {
  readonly name: string;
  readonly role: Role;
  readonly value: string;
}

export interface Caller {
  /** What audits and leases go by: no token and no identity of Access has the same. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export type Verdict =
  | { readonly kind: "caller"; readonly caller: Caller }
  | { readonly kind: "missing" }
  /** `isShort`: it has fewer characters than any token that is accepted. */
  | { readonly kind: "wrong"; readonly isShort: boolean };

/** A shorter token can be guessed, so none is accepted from the settings. */
export const TOKEN_LENGTH_MIN = 24;

/** Each role may do what the ones below it may. */
const RANK: Record<Role, number> = { viewer: 1, dispatcher: 2, operator: 3 };

const BEARER = /^Bearer +([\x21-\x7e]+) *$/iu;

/** Gives the function that judges an `Authorization` header. An empty token never matches anything. */
export function createJudge(
  tokens: readonly Token[],
): (header: string | undefined) => Promise<Verdict> {
  const usable = tokens.filter((token) => token.value !== "");
  // Digests are made at the first request, because Workers allow no such work before it.
  let digests: readonly Uint8Array[] | null = null;

  return async (header) => {
    const given = BEARER.exec(header ?? "")?.[1];
    if (given === undefined) return { kind: "missing" };

    digests ??= await Promise.all(usable.map((token) => sha256(token.value)));
    const digest = await sha256(given);
    let found: Token | null = null;
    for (const [index, token] of usable.entries())
      if (sameDigest(digest, digests[index] ?? new Uint8Array())) found ??= token;
    return found === null
      ? { kind: "wrong", isShort: given.length < TOKEN_LENGTH_MIN }
      : { kind: "caller", caller: callerOf(found) };
  };
}

function callerOf({ name, role }: Token): Caller {
  return { id: `token:${name}`, name, role };
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
