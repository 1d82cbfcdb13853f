/**
 * A Slack to talk to over real HTTP: it takes an incoming webhook's messages, refuses what Slack
 * refuses, and misbehaves as it is told.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

/** What it does with the next messages. */
export type Mood =
  | { readonly kind: "well" }
  /** 429; the header as it is to be sent, or none. */
  | { readonly kind: "throttling"; readonly retryAfter: string | null }
  | { readonly kind: "broken" }
  /** It takes the message and never answers. */
  | { readonly kind: "hanging" }
  /** It takes the message, and the connection dies before the answer. */
  | { readonly kind: "cutOff" }
  /** It answers, and never stops. */
  | { readonly kind: "endless" }
  | { readonly kind: "moved"; readonly to: string }
  | { readonly kind: "refusing"; readonly status: number; readonly word: string }
  /** It takes plain text only. */
  | { readonly kind: "plain" };

const Section = z.strictObject({
  type: z.literal("section"),
  text: z.strictObject({ type: z.literal("mrkdwn"), text: z.string().min(1).max(3_000) }),
});
const Message = z.strictObject({
  text: z.string().min(1).max(40_000),
  blocks: z.array(Section).max(50).optional(),
});
export type Message = z.infer<typeof Message>;

export interface Slack {
  /** The webhook's address, with its secret. */
  readonly url: string;
  /** What was taken, in its order. */
  readonly messages: readonly Message[];
  /** How often anything came, taken or not. */
  readonly calls: () => number;
  feel(mood: Mood): void;
  close(): Promise<void>;
}

export const WEBHOOK_SECRET = "T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc";
const BODY_BYTES_MAX = 1_000_000;

export async function startSlack(): Promise<Slack> {
  const messages: Message[] = [];
  let mood: Mood = { kind: "well" };
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    void bodyOf(request).then((body) => answer(mood, request, body, response, messages));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/services/${WEBHOOK_SECRET}`,
    messages,
    calls: () => calls,
    feel: (next) => {
      mood = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(
  mood: Mood,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
  messages: Message[],
): void {
  const say = (status: number, word: string, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { "Content-Type": "text/html", ...headers }).end(word);
  };
  if (request.method !== "POST" || request.url !== `/services/${WEBHOOK_SECRET}`)
    return say(404, "no_service");
  if (mood.kind === "throttling")
    return say(
      429,
      "rate_limited",
      mood.retryAfter === null ? {} : { "Retry-After": mood.retryAfter },
    );
  if (mood.kind === "broken") return say(500, "server_error");
  if (mood.kind === "refusing") return say(mood.status, mood.word);
  if (mood.kind === "moved") return say(302, "", { Location: mood.to });

  const read = Message.safeParse(parsed(body));
  if (!read.success) return say(400, "invalid_payload");
  if (mood.kind === "plain" && read.data.blocks !== undefined) return say(400, "invalid_blocks");
  messages.push(read.data);
  if (mood.kind === "hanging") return;
  if (mood.kind === "cutOff") return void request.socket.destroy();
  if (mood.kind === "endless") return drip(response);
  say(200, "ok");
}

function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write("x".repeat(1_000)), 5);
  response.once("close", () => clearInterval(timer));
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    return String(error);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > BODY_BYTES_MAX) request.destroy();
  }
  return body;
}
