/**
 * The drain calls that a media server understands, by the page of `worker/health/drain.ts` but with
 * nothing of its code: a mistake in one of the two shows.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { HealthRequest } from "./answer.ts";

/** What the servers need to take part in draining. */
export interface DrainPort {
  readonly secret: string;
  /** Signatures carry real time, at whatever speed the model runs. */
  realNowMs(): number;
  /** The only one that may call. */
  readonly deployment: string;
  /** Those that were taken. */
  readonly nonces: Nonces;
  /** The server takes no more sessions from now on, or takes them again. */
  setDraining(name: string, isDraining: boolean): void;
}

export type DrainVerdict =
  | { readonly kind: "accepted"; readonly isDraining: boolean }
  | { readonly kind: "refused"; readonly status: 400 | 401 | 405 | 409; readonly error: string };

/** A signature is good for so long before and after its time. */
export const SIGNATURE_WINDOW_SECONDS = 60;

/** The nonces that each server has taken, for as long as a call with them would be in time. */
export class Nonces {
  readonly #taken = new Map<string, Map<string, number>>();

  /** False for one that this server has taken already. */
  take(server: string, nonce: string, nowSeconds: number): boolean {
    const before = this.#taken.get(server) ?? new Map<string, number>();
    const kept = [...before].filter(([, at]) => at > nowSeconds - 2 * SIGNATURE_WINDOW_SECONDS);
    const taken = new Map(kept);
    this.#taken.set(server, taken);
    if (taken.has(nonce)) return false;
    taken.set(nonce, nowSeconds);
    return true;
  }
}

const utf8 = new TextEncoder();

const PATH = /^\/lightfleet\/(?<verb>drain|undrain)$/u;

export function isDrainCall(request: HealthRequest): boolean {
  return PATH.test(request.path);
}

/** What the server `name` makes of a drain call. */
export function judgeDrain(name: string, request: HealthRequest, port: DrainPort): DrainVerdict {
  if (request.method !== "POST" && request.method !== "PUT") {
    return refused(405, "drain calls are POST or PUT");
  }
  const time = headerOf(request, "x-lightfleet-time");
  const instance = headerOf(request, "x-lightfleet-instance");
  const verb = headerOf(request, "x-lightfleet-verb");
  const nonce = headerOf(request, "x-lightfleet-nonce");
  const deployment = headerOf(request, "x-lightfleet-deployment");
  const signature = headerOf(request, "x-lightfleet-signature");
  const { method, path } = request;
  const signed = ["v2", time, nonce, deployment, instance, verb, method, path].join("\n");
  if (!isSignature(signature, signed, port.secret)) return refused(401, "the signature is wrong");
  const nowSeconds = port.realNowMs() / 1000;
  if (!/^\d{1,12}$/u.test(time) || !isNear(Number(time), nowSeconds)) {
    return refused(401, "the signature is stale, or its clock is wrong");
  }
  if (instance !== name) return refused(409, "another instance is meant");
  if (deployment !== port.deployment) return refused(409, "another deployment is meant");
  if (verb !== PATH.exec(request.path)?.groups?.["verb"]) {
    return refused(400, "the path and the verb do not agree");
  }
  if (!/^[0-9a-f]{32}$/u.test(nonce) || !port.nonces.take(name, nonce, nowSeconds)) {
    return refused(401, "the call was made already");
  }
  return { kind: "accepted", isDraining: verb === "drain" };
}

/** A header that is there exactly once, or an empty string, which no signature covers. */
function headerOf(request: HealthRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

function isSignature(given: string, signed: string, secret: string): boolean {
  const hex = createHmac("sha256", secret).update(signed).digest("hex");
  const [expected, actual] = [utf8.encode(`v2=${hex}`), utf8.encode(given)];
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function isNear(seconds: number, nowSeconds: number): boolean {
  return Math.abs(seconds - nowSeconds) <= SIGNATURE_WINDOW_SECONDS;
}

function refused(status: 400 | 401 | 405 | 409, error: string): DrainVerdict {
  return { kind: "refused", status, error };
}
