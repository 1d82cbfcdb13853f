/** Each figure in a terminal is the one that its words say: of a fleet in which no two are alike. */
import { describe, expect, it } from "vitest";
import type { Status } from "../../../durable/rules/views.ts";
import { costLines } from "../../../worker/text/cost.ts";
import { screenOf } from "../../../worker/text/screen.ts";
import {
  A_COST,
  AN_EVENT,
  AN_INSTANCE,
  changedAt,
  figuresIn,
  NOW,
  type Path,
  UNLIKE,
  valueAt,
} from "../unlike.ts";

const SCREEN = [
  "media (ap-northeast-2)                            Mon 23 Nov 03:04:05 Asia/Seoul",
  "HELD BACK: 31 of 43 spares. No more servers can be launched. Lightfleet keeps",
  "what runs.",
  "Target    43 spares (12+7%), by override, until 03:15: the final",
  "Next      71 spares at 03:40 (launches from 03:36), by special day: the party",
  "Spares    [==============      ]  31 of 43 wanted; 47 sessions",
  "Servers   [........###########??+++~~~~~~~----xxxxx] 142:",
  "          . 29 idle  # 37 busy  ? 7 unknown  + 11 launching  ~ 23 waiting",
  "          - 13 draining  x 17 deleting",
  "Month     $1,235 spent, $2,346 of $3,457 committed; 228 of 402 vCPUs",
  "Rollout   replacing: 19 outdated, 3 of them busy and waited for",
  "",
  "! maxInstances 73 of 79, since 02:42 (22 minutes), tried again 03:28",
  "  raise it",
  "! paused rollout, by olga since 02:43 (21 minutes), until 07:05",
  "  a deploy; to end it: POST /v1/fleets/media/resume",
  "! stranger, since 02:41 (23 minutes)",
  "  Nobody manages it. You can adopt it.",
  "",
  "Now       waiting (decided 3 seconds ago, in 321 ms)",
  "          media-ab12-77 waits for the end of its drain, tried 9x, next 03:30:05:",
  "          it was throttled",
  "",
  "Events    02:39:05 launch, as it was decided (olga)",
];
/** A screen has no room for them; the page or the metrics show them. The number of a tick counts nothing. */
const NOT_ON_THE_SCREEN =
  /^(?:target\.chain\..*|leased|rollout\.(?:protected|oldestSince)|eyes\..*|lastTick\.number)$/u;

const COST = [
  "media, 2026-10: 2026-10-03 01:02 to 2026-10-29 04:05 UTC",
  "Cost          $333.25 for 1111.25 hours, 1222.5 of them billed",
  "To its end    $444.50, should all that runs go on",
  "On EC2        $555.75 at $0.0864 an hour",
  "Fixed fleet   $777.50 for 66, as many as at 2026-10-12 08:09",
  "Not counted   what was gone before 2026-10-02 06:07",
  "Servers       91, of which the dearest 1",
  "                  $8.75    26.03 h  media-ab12-88 (medium_3_0)",
];
/** Of one server, and of those that are not listed, people see less than a program. */
const NOT_OF_A_SERVER =
  /^(?:instances\.0\.(?:from|until|billedHours)|omitted\.(?:hours|billedHours|usd))$/u;

function screen(status: Status = UNLIKE): string[] {
  return screenOf({ status, instances: [AN_INSTANCE], events: [AN_EVENT], now: NOW });
}

function named(path: Path): string {
  return path.join(".");
}

/** Those that change nothing of what is shown. */
function unseen<Whole>(whole: Whole, shown: (whole: Whole) => readonly string[]): string[] {
  const before = shown(whole).join("\n");
  return figuresIn(whole)
    .filter((path) => shown(changedAt(whole, path)).join("\n") === before)
    .map(named);
}

describe("the fleet of which no two figures are alike", () => {
  it.each<[string, unknown]>([
    ["status", UNLIKE],
    ["cost", A_COST],
  ])("has no two alike in its %s", (_name, whole) => {
    const values = figuresIn(whole).map((path) => String(valueAt(whole, path)));

    expect(values.length).toBeGreaterThan(10);
    expect(new Set(values).size).toBe(values.length);
  });
});

describe("the screen of a terminal", () => {
  it("shows each figure beside the words that it belongs to", () => {
    expect(screen()).toEqual(SCREEN);
  });

  it("shows all figures of the status but those for which it has no room", () => {
    const missing = unseen(UNLIKE, screen);

    expect(missing.filter((path) => !NOT_ON_THE_SCREEN.test(path))).toEqual([]);
  });
});

describe("the costs in a terminal", () => {
  it("are each beside the words that they belong to", () => {
    expect(costLines(A_COST)).toEqual(COST);
  });

  it("are all that a person looks for", () => {
    const missing = unseen(A_COST, costLines);

    expect(missing.filter((path) => !NOT_OF_A_SERVER.test(path))).toEqual([]);
  });
});
