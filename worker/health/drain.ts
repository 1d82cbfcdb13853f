/**
 * Tells one media server to take no more sessions (`drain`), or to take them again (`undrain`).
 *
 * For those who write a media server. A spec with `health.drain` has Lightfleet send this, to the
 * address and port of the health probe, with its header (`health.header`) if there is one:
 *
 *     POST /lightfleet/drain HTTP/1.1            health.drain.method and .path, where {verb} is
 *     Content-Length: 0                          `drain` or `undrain`; the body is empty
 *     X-Lightfleet-Time: 1795347605              seconds since 1970
 *     X-Lightfleet-Nonce: 0011...eeff            32 hexadecimal digits, others in each call
 *     X-Lightfleet-Deployment: default           the setting DEPLOYMENT of the Worker that calls
 *     X-Lightfleet-Instance: media-a-1           the Lightsail instance that is meant
 *     X-Lightfleet-Verb: drain                   or `undrain`
 *     X-Lightfleet-Signature: v2=c776...         64 lower-case hexadecimal digits
 *
 * The signature is HMAC-SHA256 with the secret (its UTF-8 bytes) over these eight lines, joined by
 * single line feeds, with none at the end: `v2`, the time, the nonce, the deployment, the instance
 * and the verb, each just as it stands in its header, and the method and the path, each just as it
 * stands in the request line. With the secret `test-secret` and the nonce
 * `00112233445566778899aabbccddeeff` the call above is signed
 * `v2=c7768eea7dbb0c4ae27057a3cb3b37254596f6ad33c9da3c6df4854e9adef22c`.
 *
 * 1. Compute the signature yourself and compare in constant time; refuse another one with 401. Take
 *    method and path from the request itself, and refuse `v1`, which older versions sent.
 * 2. Refuse a time that is more than 60 seconds from your own clock with 401, and one from before
 *    you were started: what you remembered then is forgotten.
 * 3. Refuse another deployment than your own, or another instance than yourself, with 409.
 * 4. Refuse a nonce that you have taken already with 401. Remember those of good calls for two minutes.
 * 5. Both verbs are idempotent: the same verb may come again, with a nonce of its own, and is answered
 *    200 again.
 * 6. After `drain` refuse every new session, keep those you have, and say `"draining": true` in the
 *    health reply; after `undrain` take sessions again and say `false`. Change the reply together
 *    with the behaviour: `draining` in the health reply is the word that deletion waits for.
 * 7. Answer 2xx only once it holds. A restart may forget it: the health reply then says so.
 *
 * What answers 4xx has not done it. After anything else but 2xx nobody knows, and the call is made
 * again by a later tick.
 */
import type { DrainSpec } from "../../durable/rules/spec.ts";
import type { Action } from "../../durable/rules/world.ts";
import type { Failure, Result } from "../aws/errors.ts";
import { asError, deadlineIn } from "../clock.ts";
import type { HeaderLine } from "./http1.ts";
import { secretAdvice } from "../secret-names.ts";
import { type Prober, planExchange } from "./route.ts";
import type { ExchangeResult } from "./transport.ts";

type DrainAction = Extract<Action, { kind: "drain" }>;

/**
 * Calls once, within `health.timeoutSeconds` over all and until `signal` aborts, and does not begin
 * after `notAfter` (milliseconds since the epoch). Never throws for what a server does.
 */
export async function callDrain(
  prober: Prober,
  action: DrainAction,
  signal: AbortSignal,
  notAfter: number,
): Promise<Result<null>> {
  const { verb, health } = action;
  if (health.drain === null) return unsent("the spec has no health.drain");
  const { method, path, secretRef } = health.drain;
  const secret = prober.config.secret(secretRef);
  if (secret === null) return unsent(secretAdvice(secretRef, "health.drain"));

  const request = { method, path: path.replaceAll("{verb}", verb) };
  const headers = await signedHeaders(prober, action, request, secret);
  const ask = { ...request, headers };
  const planned = planExchange(prober, action, health, ask);
  if (planned.kind === "refused") return unsent(planned.detail);

  if (signal.aborted) return unsent(`not sent: ${asError(signal.reason).message}`);
  if (prober.clock.now() > notAfter) return unsent("not sent: the command's time had passed");
  const deadline = deadlineIn(prober.clock, health.timeoutSeconds * 1000, signal);
  try {
    return read(await planned.transport(planned.exchange, deadline.signal), health.drain);
  } finally {
    deadline.clear();
  }
}

async function signedHeaders(
  { clock, config }: Prober,
  { name, verb }: DrainAction,
  { method, path }: Pick<DrainSpec, "method" | "path">,
  secret: string,
): Promise<HeaderLine[]> {
  const time = String(Math.floor(clock.now() / 1000));
  const nonce = hexOf(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  const { deployment } = config;
  const lines = [VERSION, time, nonce, deployment, name, verb, method, path];
  return [
    { name: "X-Lightfleet-Time", value: time },
    { name: "X-Lightfleet-Nonce", value: nonce },
    { name: "X-Lightfleet-Deployment", value: deployment },
    { name: "X-Lightfleet-Instance", value: name },
    { name: "X-Lightfleet-Verb", value: verb },
    { name: "X-Lightfleet-Signature", value: await sign(secret, lines) },
  ];
}

const VERSION = "v2";
/** So many that no two calls draw the same. */
const NONCE_BYTES = 16;

async function sign(secret: string, lines: readonly string[]): Promise<string> {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, utf8.encode(lines.join("\n")));
  return `${VERSION}=${hexOf(new Uint8Array(mac))}`;
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The body of the answer is not looked at: what holds is what the health reply says afterwards. */
function read(result: ExchangeResult, drain: DrainSpec): Result<null> {
  if (result.kind === "failed") {
    return result.unsent === true ? unsent(result.detail) : unknown(result.detail);
  }
  const { status } = result;
  if (status >= 200 && status < 300) return { kind: "done", value: null, requestId: null };
  if (status >= 400 && status < 500) return rejected(status, drain);
  if (status >= 500) return unknown(`the media server answered HTTP ${status}`);
  return unknown(
    `the media server answered HTTP ${status}, and redirects are not followed: set health.drain.path to the right one`,
  );
}

function rejected(status: number, drain: DrainSpec): Failure {
  return {
    kind: "rejected",
    rejection: "invalid",
    code: `HTTP ${status}`,
    message: `the media server ${adviceFor(status, drain)}`,
    requestId: null,
  };
}

function adviceFor(status: number, { method, path, secretRef }: DrainSpec): string {
  if (status === 401 || status === 403) {
    return `refused the signature: it has another secret than ${secretRef}, its clock is wrong, or it does not know signatures of v2`;
  }
  if (status === 404) return `knows no ${path}: set health.drain.path to the one it has`;
  if (status === 405) return `does not take ${method}: set health.drain.method to the one it takes`;
  if (status === 409)
    return "says that another instance or deployment is meant: it must know its own name, and DEPLOYMENT";
  return "refused the call: its log should say why";
}

function unsent(message: string): Failure {
  return { kind: "unsent", message };
}

function unknown(message: string): Failure {
  return { kind: "unknown", message };
}
