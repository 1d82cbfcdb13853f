/** The way to Slack, over real HTTP to a Slack that misbehaves. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bulletin, Delivery } from "../../../durable/rules/bulletins.ts";
import { type Clock, systemClock } from "../../../worker/clock.ts";
import { parseConfig } from "../../../worker/env.ts";
import { mustEnd } from "../../must-end.ts";
import { postToSlack } from "../../../worker/notify/slack.ts";
import { type Mood, type Slack, startSlack, WEBHOOK_SECRET } from "../../slack/slack.ts";
import { sentinels } from "../sentinels.ts";
import { aBulletin } from "./bulletins.ts";

/** The system's clock, on which five seconds are a tenth of one. */
const HASTY: Clock = {
  now: () => NOW,
  after: (delayMs, run) => systemClock.after(delayMs / 50, run),
};
const NOW = Date.UTC(2026, 10, 22, 10, 0, 5);
const SECRETS = {
  OPERATOR_TOKEN: "alice:operator-token-of-alice",
  AWS_ACCESS_KEY_ID: "an-access-key-id",
  AWS_SECRET_ACCESS_KEY: "a-secret-access-key",
  HEARTBEAT_URL: "https://watchdog.example.org/ping/a-secret-path",
};

let slack: Slack;
beforeEach(async () => {
  slack = await startSlack();
});
afterEach(() => slack.close());

function post(bulletins: readonly Bulletin[], env: object = {}): Promise<Delivery> {
  const settings = { SLACK_WEBHOOK_URL: slack.url, PUBLIC_URL: "https://fleet.example.org" };
  const config = parseConfig({ ...settings, ...SECRETS, ...env });
  const ports = { config, fetch: (request: Request) => fetch(request), clock: HASTY };
  return mustEnd(postToSlack(ports, bulletins), "the message to Slack", HASTY);
}

function shown(index = 0): string {
  return (slack.messages[index]?.blocks ?? []).map(({ text }) => text.text).join("\n---\n");
}

describe("a message to Slack", () => {
  it("says what happened, what is done about it and what a person can do, with a link", async () => {
    const delivery = await post([
      aBulletin({ fleet: "media", what: "What.", doing: "Doing.", canDo: "You can." }),
    ]);

    expect(delivery).toEqual({ kind: "sent" });
    expect(shown()).toBe(
      ":information_source: *media*: What. <https://fleet.example.org/?fleet=media|Open the page>\nDoing.\nYou can.",
    );
    expect(slack.messages[0]?.text).toBe("media: What.");
  });

  it("has no link where the page's address is not known", async () => {
    await post([aBulletin({ what: "What." })], { PUBLIC_URL: "" });

    expect(shown()).not.toContain("http");
  });

  it("mentions the channel for a page, and does not for the rest or for an end", async () => {
    await post([aBulletin({ severity: "page" })]);
    await post([aBulletin({ severity: "tell" })]);
    await post([aBulletin({ severity: "page", stage: "ends" })]);

    expect(slack.messages.map((message) => JSON.stringify(message).includes("<!channel>"))).toEqual(
      [true, false, false],
    );
  });

  it("lets nobody's words mention the channel or make a link", async () => {
    await post([aBulletin({ what: "a & b <!channel> <https://evil.example|here>", fleet: "<b>" })]);

    expect(JSON.stringify(slack.messages)).not.toMatch(/<!channel>|<https:\/\/evil/);
    expect(shown()).toContain("a &amp; b &lt;!channel&gt;");
  });

  it("has none of the settings in it, nor a secret of a spec, whatever text holds them", async () => {
    const env = { ...sentinels(), SLACK_WEBHOOK_URL: slack.url };
    const words = Object.values(env).filter((value) => value.includes("sentinel"));

    await post([aBulletin({ what: words.join(" "), doing: words.join(", ") })], env);

    expect(words.length).toBeGreaterThan(8);
    expect(JSON.stringify(slack.messages)).not.toContain("sentinel");
  });

  it("says when it happened where it comes late, and does not otherwise", async () => {
    await post([aBulletin({ at: NOW - 61_000 })]);
    await post([aBulletin({ at: NOW - 59_000 })]);

    expect(shown(0)).toContain(
      "(<!date^1795341544^{date_short_pretty} {time_secs}|2026-11-22T09:59:04.000Z>)",
    );
    expect(shown(1)).not.toContain("<!date");
  });

  it("holds no secret of the Worker, whatever the words hold", async () => {
    const words = [slack.url, ...Object.values(SECRETS), "operator-token-of-alice"].join(" ");

    await post([aBulletin({ what: words, doing: words, canDo: words })]);

    const sent = JSON.stringify(slack.messages);
    for (const secret of [WEBHOOK_SECRET, "operator-token", "an-access", "a-secret"])
      expect(sent).not.toContain(secret);
    expect(sent).toContain("(hidden)");
  });

  it("is cut where it is longer than Slack takes, and says so", async () => {
    const long = "&".repeat(5_000);

    const one = await post([aBulletin({ what: long })]);
    const many = await post(Array.from({ length: 60 }, () => aBulletin({ what: "What." })));

    expect([one.kind, many.kind]).toEqual(["sent", "sent"]);
    expect(shown(0)).toMatch(/&amp;… \(cut\)$/);
    expect(slack.messages[1]?.blocks).toHaveLength(39);
    expect(shown(1)).toContain("… and 22 more (cut)");
  });

  it("is sent again as plain text where Slack does not take its blocks", async () => {
    slack.feel({ kind: "plain" });

    expect(await post([aBulletin({ what: "What." })])).toEqual({ kind: "sent" });
    expect(slack.messages).toEqual([{ text: "media: What." }]);
  });
});

describe("a Slack that does not take a message", () => {
  it.each<[string, Mood, Delivery]>([
    [
      "throttles, and says for how many seconds",
      { kind: "throttling", retryAfter: "30" },
      { kind: "later", afterMs: 30_000, detail: "Slack answered 429 rate_limited" },
    ],
    [
      "throttles, and says until when",
      { kind: "throttling", retryAfter: "Sun, 22 Nov 2026 10:01:05 GMT" },
      { kind: "later", afterMs: 60_000, detail: "Slack answered 429 rate_limited" },
    ],
    [
      "throttles, and does not say for how long",
      { kind: "throttling", retryAfter: null },
      { kind: "later", afterMs: 1_000, detail: "Slack answered 429 rate_limited" },
    ],
    [
      "throttles, and talks nonsense",
      { kind: "throttling", retryAfter: "soon" },
      { kind: "later", afterMs: 1_000, detail: "Slack answered 429 rate_limited" },
    ],
    [
      "throttles, and means weeks",
      { kind: "throttling", retryAfter: "9999999" },
      { kind: "later", afterMs: 3_600_000, detail: "Slack answered 429 rate_limited" },
    ],
    [
      "is broken",
      { kind: "broken" },
      { kind: "later", afterMs: 0, detail: "Slack answered 500 server_error" },
    ],
    [
      "hangs",
      { kind: "hanging" },
      { kind: "later", afterMs: 0, detail: "Slack did not answer within 5 s" },
    ],
    [
      "dies before its answer",
      { kind: "cutOff" },
      { kind: "later", afterMs: 0, detail: "Slack was not reached" },
    ],
  ])("%s: it is tried later", async (_what, mood, expected) => {
    slack.feel(mood);

    expect(await post([aBulletin()])).toEqual(expected);
  });

  it.each<[string, Mood, string]>([
    [
      "does not know the webhook",
      { kind: "refusing", status: 404, word: "no_service" },
      "Slack answered 404 no_service",
    ],
    [
      "does not take the message",
      { kind: "refusing", status: 400, word: "invalid_payload" },
      "Slack answered 400 invalid_payload",
    ],
    [
      "has archived the channel",
      { kind: "refusing", status: 410, word: "channel_is_archived" },
      "Slack answered 410 channel_is_archived",
    ],
    [
      "answers with a page of its own",
      { kind: "refusing", status: 403, word: "<html>T0AAAAAAA</html>" },
      "Slack answered 403:",
    ],
    ["points elsewhere", { kind: "moved", to: "https://evil.example/" }, "Slack answered 302:"],
  ])("%s: a person must do something", async (_what, mood, said) => {
    slack.feel(mood);

    const delivery = await post([aBulletin()]);

    expect(delivery.kind).toBe("refused");
    expect(JSON.stringify(delivery)).toContain(said);
    expect(JSON.stringify(delivery)).not.toContain("T0AAAAAAA");
  });

  it("is not there at all: it is tried later, and its address is not told", async () => {
    await slack.close();

    const delivery = await post([aBulletin()]);

    expect(delivery).toEqual({ kind: "later", afterMs: 0, detail: "Slack was not reached" });
  });

  it("answers without end: the answer is cut, and the message counts", async () => {
    slack.feel({ kind: "endless" });

    expect(await post([aBulletin()])).toEqual({ kind: "sent" });
  });
});

describe("without a webhook", () => {
  it("nobody wants a message, and none is sent", async () => {
    expect(await post([aBulletin()], { SLACK_WEBHOOK_URL: "" })).toEqual({ kind: "off" });
    expect(slack.calls()).toBe(0);
  });

  it("and with nothing to tell, nothing is sent either", async () => {
    expect(await post([])).toEqual({ kind: "sent" });
    expect(slack.calls()).toBe(0);
  });
});

describe("a person's words in a message", () => {
  it("show what is invisible in them, and would turn how the rest reads, as escapes", async () => {
    await post([aBulletin({ what: "Paused by olga: \u202Edeyolped\u202C \u200Bnow." })]);

    expect(shown()).toContain("Paused by olga: \\u202Edeyolped\\u202C \\u200Bnow.");
  });
});
