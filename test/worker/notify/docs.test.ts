/** The examples in the docs are what the code says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Bulletin, SEVERITIES } from "../../../durable/rules/bulletins.ts";
import type { AlertKind } from "../../../durable/rules/spec.ts";
import { messageOf } from "../../../worker/notify/message.ts";
import {
  anEnding,
  aTagHeld,
  aTagNotWritten,
  EXAMPLES,
} from "../../durable/rules/alert-examples.ts";

const DOC = readFileSync(join(import.meta.dirname, "../../../docs/notifications.md"), "utf8");
const KINDS = Object.keys(SEVERITIES) as AlertKind[];

/** As it reads in Slack, without the mention of the channel. */
function readsAs(bulletin: Bulletin): string {
  const { blocks } = messageOf([bulletin], { publicUrl: null, secrets: [], now: bulletin.at });
  return blocks
    .map(({ text }) => text.text)
    .filter((text) => text !== "<!channel>")
    .join("\n")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** The example below a heading. */
function documented(heading: string): string {
  const section = DOC.split(/^### /mu).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return /```text\n([^]*?)\n```/u.exec(section)?.[1] ?? "";
}

describe("docs/notifications.md", () => {
  it.each(KINDS)("says of %s how loud it is, and what is told", (kind) => {
    expect(documented(`\`${kind}\` (${SEVERITIES[kind]})`)).toBe(readsAs(EXAMPLES[kind]()));
  });

  it("says what is told of a boundary that is not written to the tag", () => {
    expect(DOC).toContain(`\`\`\`text\n${readsAs(aTagNotWritten())}\n\`\`\``);
  });

  it("says what is told of a value of the tag that is held", () => {
    expect(DOC).toContain(`\`\`\`text\n${readsAs(aTagHeld())}\n\`\`\``);
  });

  it("says how a trouble ends", () => {
    expect(documented("An end")).toBe(readsAs(anEnding()));
  });

  it.each(KINDS)("tells of %s what is done and what a person can do", (kind) => {
    const { doing, canDo, what } = EXAMPLES[kind]();

    expect(what).toMatch(/^[A-Za-z0-9].*[.]$/u);
    expect(doing).toMatch(/^Lightfleet .*[.]$/u);
    expect(canDo).toMatch(/^You can .*[.]$/u);
  });
});
