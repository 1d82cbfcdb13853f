/**
 * One message to Slack's incoming webhook. What came back is a value: it never throws for a network
 * that is down, and the webhook's address, which is a secret, is in no answer.
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, read 2026-11)
 */
import type { Bulletin, Delivery } from "../../durable/rules/bulletins.ts";
import { type Clock, deadlineIn } from "../clock.ts";
import type { Config } from "../env.ts";
import { fetchWithin, readBounded, type Send } from "../fetch.ts";
import { messageOf, type SlackMessage } from "./message.ts";

export interface SlackDeps {
  readonly config: Pick<Config, "slackWebhookUrl" | "publicUrl" | "secrets">;
  readonly fetch: Send;
  readonly clock: Clock;
}

const LIMIT_MS = 5_000;
/** Slack answers `ok` or one word. */
const ANSWER_BYTES_MAX = 4_096;
/** A Retry-After beyond this is no rate limit, but a mistake. */
const RETRY_AFTER_MAX_MS = 3_600_000;
/** Where a 429 does not say when. */
const RETRY_DEFAULT_MS = 1_000;

/** What Slack answered, before it is judged. */
type Answer =
  | { readonly kind: "none"; readonly detail: string }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly word: string;
      readonly retryAfter: string | null;
    };

export async function postToSlack(
  deps: SlackDeps,
  bulletins: readonly Bulletin[],
): Promise<Delivery> {
  const { config, clock } = deps;
  const webhook = config.slackWebhookUrl;
  if (webhook === null) return { kind: "off" };
  if (bulletins.length === 0) return { kind: "sent" };

  const { publicUrl, secrets } = config;
  const message = messageOf(bulletins, { publicUrl, secrets, now: clock.now() });
  const answer = await post(deps, webhook, message);
  if (!isMalformed(answer)) return judged(answer, clock.now());
  // Blocks that Slack does not take must not keep the words from people.
  return judged(await post(deps, webhook, { text: message.text }), clock.now());
}

async function post(
  { fetch, clock }: SlackDeps,
  webhook: string,
  message: SlackMessage | Pick<SlackMessage, "text">,
): Promise<Answer> {
  const deadline = deadlineIn(clock, LIMIT_MS);
  try {
    const request = new Request(webhook, {
      method: "POST",
      headers: { "Content-Type": "application/json; charset=utf-8" },
      body: JSON.stringify(message),
      redirect: "manual",
      signal: deadline.signal,
    });
    const response = await fetchWithin(fetch, request, deadline.signal);
    const body = await readBounded(response, ANSWER_BYTES_MAX, deadline.signal);
    const word = body.kind === "bytes" ? wordOf(new TextDecoder().decode(body.bytes)) : "";
    const retryAfter = response.headers.get("retry-after");
    return { kind: "answer", status: response.status, word, retryAfter };
  } catch {
    // The error is not repeated: it may name the address.
    const late = deadline.signal.aborted;
    const detail = late
      ? `Slack did not answer within ${LIMIT_MS / 1000} s`
      : "Slack was not reached";
    return { kind: "none", detail };
  } finally {
    deadline.clear();
  }
}

function judged(answer: Answer, now: number): Delivery {
  if (answer.kind === "none") return { kind: "later", afterMs: 0, detail: answer.detail };
  const { status, word } = answer;
  if (status >= 200 && status < 300) return { kind: "sent" };
  const said = `Slack answered ${status}${word === "" ? "" : ` ${word}`}`;
  if (status === 429)
    return { kind: "later", afterMs: retryAfterMs(answer.retryAfter, now), detail: said };
  if (status >= 500 || status === 408) return { kind: "later", afterMs: 0, detail: said };
  return { kind: "refused", detail: `${said}: ${ADVICE}` };
}

const ADVICE =
  "make a new incoming webhook in Slack, and set it with `npx wrangler secret put SLACK_WEBHOOK_URL`";

/** About the message, and not about the webhook. */
function isMalformed(answer: Answer): boolean {
  if (answer.kind === "none") return false;
  return answer.status === 400 || answer.status === 413;
}

/** Seconds, or the date of HTTP. */
function retryAfterMs(value: string | null, now: number): number {
  if (value === null) return RETRY_DEFAULT_MS;
  const ms = /^\s*\d{1,9}\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  if (!Number.isFinite(ms)) return RETRY_DEFAULT_MS;
  return Math.min(RETRY_AFTER_MAX_MS, Math.max(0, ms));
}

/** Slack's own word, such as `no_service`; anything else is not repeated. */
function wordOf(body: string): string {
  return /^[a-z_]{1,60}$/.test(body.trim()) ? body.trim() : "";
}
