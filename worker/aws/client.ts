/**
 * One signed call to AWS: sign, send once, read the whole answer within the limits. It says what
 * came back and judges nothing; `errors.ts` does. aws4fetch only signs: its own `fetch` would send
 * a failed create again.
 */
import { AwsClient } from "aws4fetch";
import { CALL_LIMIT_MS } from "../../durable/rules/limits.ts";
import { type Clock, asError, deadlineIn } from "../clock.ts";
import type { Config } from "../env.ts";
import { type Send, fetchWithin, readBounded } from "../fetch.ts";
import { type Hide, hiding, keptText } from "./foreign.ts";

export interface Aws {
  readonly config: Pick<Config, "credentials" | "credentialsAdvice" | "endpoint" | "secrets">;
  readonly fetch: Send;
  readonly clock: Clock;
}

/** Where a call goes and how long it may take. */
export interface CallSite {
  readonly region: string;
  /** Ends the call early, because the look or the act it belongs to is over. */
  readonly signal: AbortSignal;
  /** The call does not begin after this moment (milliseconds since the epoch). */
  readonly notAfter: number;
}

export interface SignedCall {
  readonly service: "lightsail" | "ec2";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A launch script that stands in the body: no message may repeat it. */
  readonly script?: string;
}

/** `unsent`: certainly never reached AWS. `lost`: perhaps it did, and the answer is not known. */
export type Reply =
  | { readonly kind: "unsent"; readonly message: string }
  | { readonly kind: "lost"; readonly message: string }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly requestId: string | null;
      readonly errorType: string | null;
      readonly body: string;
      /** Takes out of a text what it repeats of the request; absent where nothing is to be hidden. */
      readonly hide?: Hide;
    };

/** A page of 20 instances is about 50 kB. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Sends one call, once. Failures of the network and of time are values; it does not throw for them. */
export async function callAws(aws: Aws, site: CallSite, call: SignedCall): Promise<Reply> {
  const { credentials, credentialsAdvice } = aws.config;
  if (credentials === null) {
    return { kind: "unsent", message: credentialsAdvice ?? "there are no AWS credentials" };
  }

  const deadline = deadlineIn(aws.clock, CALL_LIMIT_MS, site.signal);
  try {
    const client = new AwsClient({
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      ...(credentials.sessionToken === null ? {} : { sessionToken: credentials.sessionToken }),
      service: call.service,
      region: site.region,
      retries: 0,
    });
    const request = await client.sign(endpointOf(aws, site, call), {
      method: "POST",
      headers: { ...call.headers },
      body: call.body,
      redirect: "manual",
      signal: deadline.signal,
      aws: { datetime: amzDate(aws.clock.now()) },
    });
    const sent = { secrets: secretsOf(aws, request), script: call.script ?? null };
    return await sendOnce(aws, site, request, hiding(sent), deadline.signal);
  } finally {
    deadline.clear();
  }
}

async function sendOnce(
  aws: Aws,
  site: CallSite,
  request: Request,
  hide: Hide,
  signal: AbortSignal,
): Promise<Reply> {
  if (signal.aborted) {
    return { kind: "unsent", message: `not sent: ${asError(signal.reason).message}` };
  }
  if (aws.clock.now() > site.notAfter) {
    return { kind: "unsent", message: "not sent: the command's time had passed" };
  }

  let response: Response;
  try {
    response = await fetchWithin(aws.fetch, request, signal);
  } catch (thrown) {
    const kind = neverConnected(thrown) ? "unsent" : "lost";
    const why = keptText(describe(thrown), hide);
    return { kind, message: `no answer from ${request.url}: ${why}` };
  }

  const body = await readBounded(response, ANSWER_BYTES_MAX, signal);
  if (body.kind === "failed") {
    return { kind: "lost", message: `HTTP ${response.status}, but its body: ${body.detail}` };
  }
  const text = new TextDecoder().decode(body.bytes);
  const hideKey = hiding({ secrets: keyOf(aws), script: null });
  return {
    kind: "answer",
    status: response.status,
    requestId: response.headers.get("x-amzn-requestid"),
    errorType: response.headers.get("x-amzn-errortype"),
    body: response.ok ? text : hideKey(text),
    hide,
  };
}

/**
 * AWS repeats what was signed in its answer to a request that it refuses: "The Canonical String for this
 * request should have been ...", with the session token in it. Its words go into events and messages.
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html, read 2026-11)
 */
function secretsOf(aws: Aws, request: Request): readonly string[] {
  const signature = /Signature=(\w+)/u.exec(request.headers.get("authorization") ?? "")?.[1];
  return [...aws.config.secrets, ...keyOf(aws), ...(signature === undefined ? [] : [signature])];
}

function keyOf({ config }: Aws): readonly string[] {
  const { accessKeyId, secretAccessKey, sessionToken } = config.credentials ?? {};
  return [secretAccessKey, sessionToken, accessKeyId].flatMap((secret) => secret ?? []);
}

function endpointOf(aws: Aws, site: CallSite, call: SignedCall): string {
  return aws.config.endpoint ?? `https://${call.service}.${site.region}.amazonaws.com/`;
}

/** The form of X-Amz-Date: 20261122T100005Z. */
function amzDate(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[:-]|\.\d{3}/g, "");
}

/**
 * Whether the error says for certain that no connection was made. Only Node's fetch tells; the
 * Workers runtime uses one message for refused and for lost, and that stays in doubt.
 */
function neverConnected(thrown: unknown): boolean {
  const before = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];
  return causes(thrown).some((cause) => before.includes(codeOf(cause)));
}

function describe(thrown: unknown): string {
  return causes(thrown)
    .map((cause) => cause.message || codeOf(cause))
    .join(": ");
}

const CAUSES_MAX = 4;

function causes(thrown: unknown): Error[] {
  const chain: Error[] = [];
  let next: unknown = asError(thrown);
  while (next instanceof Error && chain.length < CAUSES_MAX) {
    chain.push(next);
    next = next.cause;
  }
  return chain;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
