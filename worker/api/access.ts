/**
 * Who Cloudflare Access says is there. Access signs in people (and service tokens) in front of the Worker
 * and sends who they are in a header, as a JWT that it signed; anyone who reaches the Worker by another way
 * can write that header too, so nothing of it counts before its signature.
 */
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import type { AccessSettings } from "../env-access.ts";
import { type Send, readBounded } from "../fetch.ts";
import type { Caller } from "./auth.ts";

export type AccessVerdict =
  | { readonly kind: "caller"; readonly caller: Caller }
  | { readonly kind: "wrong" }
  /** The keys could not be read, so that nobody can be told from anybody. */
  | { readonly kind: "unavailable"; readonly reason: string };

export type AccessJudge = (assertion: string) => Promise<AccessVerdict>;

const KEYS_PATH = "/cdn-cgi/access/certs";
const KEYS_WITHIN_MS = 3_000;
const KEYS_BYTES_MAX = 64 * 1024;
/** Access changes its keys every six weeks, and keeps the old ones for a week. */
const KEYS_KEPT_MS = 3_600_000;
/** A token of a key that is not known asks for the keys again, but not more often. */
const KEYS_AGAIN_AFTER_MS = 30_000;
const ASSERTION_LENGTH_MAX = 16_384;
/** Their clock and ours. */
const CLOCKS_APART_SECONDS = 30;

/** People have a mail address, service tokens a name. It goes into the audit trail as it is. */
const NAME = /^[\x21-\x7e]{1,254}$/u;
const claims = z.object({
  email: z.string().regex(NAME).optional(),
  common_name: z.string().regex(NAME).optional(),
});

class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** Gives the function that judges a `Cf-Access-Jwt-Assertion`. The keys are fetched when they are first needed. */
export function createAccessJudge(
  settings: AccessSettings,
  { send, now }: { readonly send: Send; readonly now: () => number },
): AccessJudge {
  const keys = keysOf(settings.issuer, send);
  return async (assertion) => {
    if (assertion.length > ASSERTION_LENGTH_MAX) return { kind: "wrong" };
    try {
      const { payload } = await jwtVerify(assertion, keys, {
        issuer: settings.issuer,
        audience: [...settings.audiences],
        // Named, or a token could choose how it is verified.
        algorithms: ["RS256"],
        requiredClaims: ["exp", "iat"],
        clockTolerance: CLOCKS_APART_SECONDS,
        currentDate: new Date(now()),
      });
      // The library looks at it only where a greatest age is asked for.
      const issuedAt = payload.iat ?? Number.POSITIVE_INFINITY;
      if (issuedAt > now() / 1000 + CLOCKS_APART_SECONDS) return { kind: "wrong" };
      return callerOf(claims.parse(payload), settings);
    } catch (thrown) {
      if (thrown instanceof KeysUnavailable) return { kind: "unavailable", reason: thrown.message };
      if (thrown instanceof errors.JOSEError || thrown instanceof z.ZodError)
        return { kind: "wrong" };
      throw thrown;
    }
  };
}

function callerOf(
  { email, common_name: commonName }: z.output<typeof claims>,
  { role, operators }: AccessSettings,
): AccessVerdict {
  const name = email ?? commonName;
  if (name === undefined) return { kind: "wrong" };
  const isOperator = email !== undefined && operators.includes(email.toLowerCase());
  // By the address and not by `sub`: that is another one for a person who is taken out and put back. A
  // service token may be named like an address, and is nobody's all the same.
  const id = email === undefined ? `access-service:${name}` : `access:${email.toLowerCase()}`;
  const caller = { id, name, role: isOperator ? ("operator" as const) : role, fleets: null };
  return { kind: "caller", caller };
}

/** A key that is not there makes a token wrong; keys that cannot be read make it unknown. */
function keysOf(issuer: string, send: Send): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(KEYS_PATH, issuer), {
    timeoutDuration: KEYS_WITHIN_MS,
    cacheMaxAge: KEYS_KEPT_MS,
    cooldownDuration: KEYS_AGAIN_AFTER_MS,
    [customFetch]: async (url, { headers, signal }) =>
      await fetchBounded(send, new Request(url, { headers, signal, redirect: "manual" }), signal),
  });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (thrown) {
      if (thrown instanceof errors.JWKSNoMatchingKey) throw thrown;
      if (thrown instanceof errors.JWKSMultipleMatchingKeys) throw thrown;
      throw new KeysUnavailable(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
}

async function fetchBounded(send: Send, request: Request, signal: AbortSignal): Promise<Response> {
  const reply = await send(request);
  const body = await readBounded(reply, KEYS_BYTES_MAX, signal);
  if (body.kind === "failed") throw new Error(`the keys are ${body.detail}`);
  return new Response(body.bytes, { status: reply.status });
}
