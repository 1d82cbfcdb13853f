/**
 * How bulletins look in Slack: what happened, what Lightfleet does about it, what a person can do, and a
 * link to the page. (https://docs.slack.dev/reference/block-kit/blocks, limits read 2026-11)
 */
import type { Bulletin } from "../../durable/rules/bulletins.ts";
import { hidingSecrets } from "../../durable/rules/redact.ts";

export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

interface SlackBlock {
  readonly type: "section";
  readonly text: { readonly type: "mrkdwn"; readonly text: string };
}

/** What a message is made with. */
export interface Letterhead {
  readonly publicUrl: string | null;
  /** Values that must not leave, whatever the bulletins hold. */
  readonly secrets: readonly string[];
  readonly now: number;
}

/** Slack refuses more than 50 blocks, and 3,000 characters in one. */
const BLOCKS_MAX = 40;
const BLOCK_LENGTH_MAX = 3_000;
/** Slack cuts the text of a message here. */
const TEXT_LENGTH_MAX = 3_000;
const CUT = "… (cut)";
/** Controls, marks of direction, joiners. */
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What comes later than this says when it happened. */
const LATE_MS = 60_000;

export function messageOf(bulletins: readonly Bulletin[], letterhead: Letterhead): SlackMessage {
  const pages = bulletins.some(({ severity, stage }) => severity === "page" && stage !== "ends");
  const heading = pages ? ["<!channel>"] : [];
  // A block is left for the note, and one for the mention.
  const room = BLOCKS_MAX - 2;
  const shown = bulletins.slice(0, room).map((each) => linesOf(each, letterhead));
  const rest = bulletins.length - room;
  const note = rest > 0 ? [`… and ${rest} more (cut): the page and the events have them all.`] : [];
  const parts = [...heading, ...shown, ...note];
  return {
    text: cut(firstLines(heading, bulletins, letterhead), TEXT_LENGTH_MAX),
    blocks: parts.map((part) => ({
      type: "section",
      text: { type: "mrkdwn", text: cut(part, BLOCK_LENGTH_MAX) },
    })),
  };
}

/** What a phone shows of it. */
function firstLines(
  heading: readonly string[],
  bulletins: readonly Bulletin[],
  letterhead: Letterhead,
): string {
  const lines = bulletins.map(({ fleet, what }) => `${fleet}: ${safe(what, letterhead)}`);
  return [...heading, ...lines].join("\n");
}

const SIGNS: Readonly<Record<Bulletin["severity"], string>> = {
  page: ":rotating_light:",
  tell: ":information_source:",
};

function linesOf(bulletin: Bulletin, letterhead: Letterhead): string {
  const { fleet, what, doing, canDo, severity, stage } = bulletin;
  const sign = stage === "ends" ? ":white_check_mark:" : SIGNS[severity];
  const lines = [doing, canDo].filter((line) => line !== "").map((line) => safe(line, letterhead));
  const first = `${sign} *${safe(fleet, letterhead)}*: ${safe(what, letterhead)}${whenOf(bulletin, letterhead)}`;
  // The link comes before what may be cut.
  return [`${first}${linkOf(fleet, letterhead)}`, ...lines].join("\n");
}

/** In the reader's own zone, where it comes late. */
function whenOf({ at }: Bulletin, { now }: Letterhead): string {
  if (now - at <= LATE_MS) return "";
  const fallback = new Date(at).toISOString();
  return ` (<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time_secs}|${fallback}>)`;
}

function linkOf(fleet: string, { publicUrl }: Letterhead): string {
  if (publicUrl === null) return "";
  const url = new URL(publicUrl);
  url.searchParams.set("fleet", fleet);
  return ` <${escaped(url.toString())}|Open the page>`;
}

/** Without secrets, and without Slack's own signs: nobody's words can mention the channel. */
function safe(text: string, { secrets }: Letterhead): string {
  return escaped(hidingSecrets(secrets)(text));
}

/** What is invisible, and would change how other text reads, is shown as `\u202E`. */
function escaped(text: string): string {
  return text
    .replace(
      INVISIBLE,
      (letter) => `\\u${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
    )
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** Not in the middle of a letter, nor of an escaped sign. */
function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const head = text.slice(0, lengthMax - CUT.length);
  return `${head.replace(/&[a-z]{0,3}$|[\uD800-\uDBFF]$/u, "")}${CUT}`;
}
