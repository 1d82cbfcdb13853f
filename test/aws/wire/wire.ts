/**
 * The wire of the embedded AWS, without a socket: what reads a signed request, decides, and answers.
 *
 *   receive    read -> authenticate -> throttle -> faults      (when the request arrives)
 *   finish     carry out -> render                             (after the hold that a fault asks for)
 *
 * `handle` is both at once. The HTTP server waits between them; a simulator may do so on its own clock.
 */
import type { Cloud } from "../cloud/cloud.ts";
import { seededRandom, uuid, type Random } from "../cloud/ids.ts";
import { REGIONS } from "../cloud/regions.ts";
import type { Now } from "../clock.ts";
import { authenticate, type Authentication, type Credential } from "./authenticate.ts";
import { CallLog, type Call } from "./calls.ts";
import { formOf, readEc2 } from "./ec2.ts";
import { type Blow, type FaultEffect, Faults, isBlow } from "./faults.ts";
import { readLightsail } from "./lightsail.ts";
import type { Incoming, Reply, WireError } from "./service.ts";
import type { SignedRequest } from "./sigv4.ts";
import { Throttle, type ThrottleOptions } from "./throttle.ts";

/** A request as it came in. Header names may be in any case. */
export interface WireRequest {
  readonly method: string;
  /** With its query, if any. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A reply, to be sent after `delayMs` real milliseconds. */
export interface WireResponse extends Reply {
  readonly delayMs: number;
}

/** A request that has arrived: after `holdMs` real milliseconds `finish` carries it out, once. */
export interface Received {
  readonly holdMs: number;
  readonly finish: () => WireResponse | "dropped";
}

export interface WireOptions {
  readonly credentials?: readonly Credential[];
  /** The regions served at this address; all of Lightsail's if not given. */
  readonly regions?: readonly string[];
  readonly throttle?: ThrottleOptions;
  /** The clock that signatures are checked against: real time, whatever the model's clock does. */
  readonly signingNow?: Now;
  /** Seeds the request ids. */
  readonly seed?: number;
  /** Takes each signature for right, as a simulator may that makes millions of calls. */
  readonly skipsSignatures?: boolean;
}

/** Obviously not real: accepted by the embedded AWS unless told otherwise, and by nothing else. */
export const TEST_CREDENTIAL: Credential = {
  accessKeyId: "AKIDLIGHTFLEETTEST",
  secretAccessKey: "not-a-secret/for-the-embedded-aws-only",
};

export class Wire {
  readonly cloud: Cloud;
  readonly throttle: Throttle;
  readonly faults = new Faults();
  readonly calls = new CallLog();
  #credentials: readonly Credential[];
  readonly #regions: ReadonlySet<string>;
  readonly #signingNow: Now;
  readonly #random: Random;
  readonly #skipsSignatures: boolean;

  constructor(cloud: Cloud, options: WireOptions) {
    this.cloud = cloud;
    this.throttle = new Throttle(options.throttle);
    this.#credentials = options.credentials ?? [TEST_CREDENTIAL];
    this.#regions = new Set(options.regions ?? REGIONS.keys());
    this.#signingNow = options.signingNow ?? Date.now;
    this.#skipsSignatures = options.skipsSignatures ?? false;
    this.#random = seededRandom((options.seed ?? 1) + 1);
  }

  get credentials(): readonly Credential[] {
    return this.#credentials;
  }

  /** From now on only these keys are accepted: revokes, rotates, expires. */
  setCredentials(credentials: readonly Credential[]): void {
    this.#credentials = credentials;
  }

  /** Answers a request at once. Delays asked for by faults are in the reply, for the caller to wait. */
  handle(request: WireRequest): WireResponse | "dropped" {
    const { holdMs, finish } = this.receive(request);
    const response = finish();
    return response === "dropped" ? response : { ...response, delayMs: holdMs + response.delayMs };
  }

  /** Takes a request in: who is it, may it, what strikes it. Nothing is carried out yet. */
  receive(request: WireRequest): Received {
    const signed = lowerCased(request);
    const incoming = this.#read(signed);
    const requestId = uuid(this.#random);
    const { service } = incoming;
    const realNow = this.#signingNow();
    const credentials = this.#credentials;
    const skipsSignatures = this.#skipsSignatures;
    const expected = { service, regions: this.#regions, credentials, realNow, skipsSignatures };
    const who = authenticate(signed, expected);
    const call = this.#record(incoming, who);
    const now = this.cloud.now();
    const refused = this.#refusalOf(incoming, who, now);
    if (refused !== null || !who.isAllowed) {
      const error = refused ?? incoming.throttled;
      return {
        holdMs: 0,
        finish: () => this.#answer(call, error.type, false, incoming.refuse(error, requestId)),
      };
    }
    const effects = this.faults.strike(incoming, now);
    return {
      holdMs: sumDelays(effects, "before"),
      finish: () => this.#finish(incoming, call, who.region, effects, requestId),
    };
  }

  #read(request: SignedRequest): Incoming {
    const isQuery =
      request.headers["x-amz-target"] === undefined && /(?:^|&)Action=/.test(formOf(request));
    return isQuery ? readEc2(this.cloud, request) : readLightsail(this.cloud, request);
  }

  #record({ service, op, resources, params }: Incoming, who: Authentication): Call {
    const region = who.isAllowed ? who.region : "?";
    return this.calls.open({ at: this.cloud.now(), service, region, op, resources, params });
  }

  #refusalOf(incoming: Incoming, who: Authentication, now: number): WireError | null {
    if (!who.isAllowed) return { type: incoming.denials[who.fault], message: who.detail };
    if (incoming.lane === null || this.throttle.admit(who.region, incoming.lane, now)) return null;
    return incoming.throttled;
  }

  #finish(
    incoming: Incoming,
    call: Call,
    region: string,
    effects: readonly FaultEffect[],
    requestId: string,
  ): WireResponse | "dropped" {
    const delayMs = sumDelays(effects, "after");
    const before = effects.find((effect) => isBlow(effect, "before"));
    if (before !== undefined)
      return this.#strike(call, before, incoming, requestId, delayMs, false);
    const agoMs = Math.max(
      0,
      ...effects.map((effect) => (effect.kind === "stale" ? effect.agoMs : 0)),
    );
    const asOf = agoMs > 0 ? this.cloud.now() - agoMs : undefined;
    const { outcome, hadEffect, reply } = incoming.run(region, asOf, requestId);
    const after = effects.find((effect) => isBlow(effect, "after"));
    if (after !== undefined)
      return this.#strike(call, after, incoming, requestId, delayMs, hadEffect);
    return this.#answer(call, outcome, hadEffect, reply, delayMs);
  }

  #strike(
    call: Call,
    blow: Blow,
    incoming: Incoming,
    requestId: string,
    delayMs: number,
    hadEffect: boolean,
  ): WireResponse | "dropped" {
    if (blow.kind === "lost") {
      this.calls.settle(call, "dropped", hadEffect);
      return "dropped";
    }
    if (blow.kind === "throttled") {
      const { throttled } = incoming;
      return this.#answer(
        call,
        throttled.type,
        false,
        incoming.refuse(throttled, requestId),
        delayMs,
      );
    }
    if (blow.kind === "garbled") {
      const { status, contentType, body } = blow;
      const reply = { status, headers: { "content-type": contentType }, body };
      return this.#answer(call, "garbled", hadEffect, reply, delayMs);
    }
    const { type, status, message = "An injected error." } = blow;
    return this.#answer(
      call,
      type,
      hadEffect,
      incoming.refuse({ type, message, status }, requestId),
      delayMs,
    );
  }

  #answer(
    call: Call,
    outcome: string,
    hadEffect: boolean,
    reply: Reply,
    delayMs = 0,
  ): WireResponse {
    this.calls.settle(call, outcome, hadEffect);
    return { ...reply, delayMs };
  }
}

/** Makes the wire of a cloud. */
export function createWire(cloud: Cloud, options: WireOptions = {}): Wire {
  return new Wire(cloud, options);
}

function lowerCased({ method, path, headers, body }: WireRequest): SignedRequest {
  const lowered = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return { method, path, headers: Object.fromEntries(lowered), body };
}

function sumDelays(effects: readonly FaultEffect[], when: "before" | "after"): number {
  return effects.reduce(
    (sum, effect) => sum + (effect.kind === "delay" && effect.when === when ? effect.ms : 0),
    0,
  );
}
