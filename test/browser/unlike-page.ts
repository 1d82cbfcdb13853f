/** What the page says of the fleet in which no two figures are alike. */
import type { Page } from "playwright-core";
import { A_HISTORY, AN_EVENT, AN_INSTANCE, NOW, UNLIKE } from "../worker/unlike.ts";
import { aFake, type Fake } from "./fake-fleet.ts";

export function aFakeUnlike(): Fake {
  return {
    ...aFake(0, NOW),
    status: UNLIKE,
    instances: [AN_INSTANCE],
    events: [AN_EVENT],
    history: A_HISTORY,
  };
}

/** The words of a part of the page, parted where one element ends. */
export async function wordsOf(page: Page, selector: string): Promise<string> {
  return await page.locator(selector).evaluate((whole) => {
    const words: string[] = [];
    const walker = document.createTreeWalker(whole, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() !== null) {
      const text = walker.currentNode.textContent?.trim() ?? "";
      const isShown = walker.currentNode.parentElement?.closest("[hidden]") === null;
      if (text !== "" && isShown) words.push(text);
    }
    return words.join(" | ");
  });
}

/** By the part of the page. */
export const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "#verdict": ["Held back"],
  "#verdict-why": ["31 of 43 spares. No more servers can be launched. Lightfleet keeps what runs."],
  "#verdict-todo": ["You can raise limits.maxInstances."],
  "#numbers": [
    "Spares | 31 | of 43 wanted, 5 leased",
    "Busy | 37 | 47 sessions",
    "Launching | 11 | 23 wait for AWS",
    "Leaving | 30 | 13 draining",
    "Unknown | 7 | not heard of",
    "Today | $76.54 | $5.43 an hour",
    "This month | $1,235 | $2,346 of $3,457 by its end",
  ],
  "#pulse": ["last tick 3 s ago"],
  "#legend": [
    "Spares",
    "31",
    "Target",
    "43",
    "Busy servers",
    "37",
    "Boundary",
    "Override",
    "Guard",
  ],
  "#history-said": [
    "In the last hour there were at the least 31 spares (at 03:04); the target was met for 50 % of the time.",
  ],
  "#marks-title": ["Marks in this time: 1"],
  "#marks": ["02:26 to 02:30: override, target 88 for the final"],
  "#tiles": [
    "Draining | 1 | ab12-77 | draining, 14 sessions | 6 d 7 h | 33 min paid | 10 leased",
    "waits for its word that it drains, attempt 9, next in 26 min",
  ],
  "#why-title": ["Why the target is 43"],
  "#chain": [
    "Override | 45 (44) | rules | a booking, until 03:17",
    "Special day | 53 (52) | new year",
    "Tag | 59 (58) | on key-0abc",
    "Schedule | 61 (60) | morning",
    "Default | 67 (66) | of the spec",
  ],
  "#next": [
    "The last tick decided | waiting | The next target",
    "71 in 36 min, at 03:40 (special day: the party). Launches for it begin at 03:36, to be ready by then.",
    "Rollout: replacing",
    "19 outdated servers, 3 of which wait for their sessions to end.",
  ],
  "#blockers": [
    "Rollout is paused | By olga: a deploy. Until 07:05. | Resume",
    "maxInstances | To do: raise it. | 73 of 79, for 22 min, tried again in 24 min",
    "Nobody manages it. | To do: You can adopt it. | for 23 min",
  ],
  "#log": ["02:39:05 | launch | , as it was decided | by olga"],
};

export const A_DIALOG: readonly string[] = [
  "Phase | draining",
  "Waits for | its word that it drains, attempt 9, next in 26 min",
  "Last error | it was throttled",
  "Occupancy | busy, 14 of 16 sessions",
  "Leased | 10 of 16",
  "Asked | port 8080, /health",
  "Last reading | 02:36, 28 min ago",
  "Idle since | Sun 23:54, 3 h 10 min ago",
  "Busy since | 00:54, 2 h 10 min ago",
  "Created | Nov 16 19:24, 6 d 7 h ago",
  "Ready | Nov 16 21:04, 6 d 6 h ago",
  "Hour paid for | 33 min left, to 03:37",
  "Drain | operator, then hold",
  "Protected | no",
  "Template | as the spec says",
  "Origin | launched by this fleet",
  "Zone, bundle | ap-northeast-2a, medium_3_0",
  "Addresses | 203.0.113.7, 10.0.0.7",
];

/** 999 spares, less 31 that are there and 34 servers to come with 16 each; 142 servers cost $5.43 an hour. */
export const A_PLAN =
  "the fleet keeps 999 spares instead of 43. About 27 servers will be launched, about $1.03 more an hour";
