/** What the oracle says of addresses that become somebody else's (I24), each with a legal twin. */
import { describe, expect, test } from "vitest";
import type { SimEvent } from "../event.ts";
import { aCall, aCommit, aProbe, at, judged, type Step, truthOf } from "./builders.ts";
import { ownAddress } from "./i24-own-address.ts";

const NAME = "media-k3-1";
const OLD = "203.0.113.7";
const TRUTH = truthOf({ rows: [{ name: NAME, publicIp: OLD }] });
const ELSEWHERE = truthOf({ rows: [{ name: NAME, publicIp: "203.0.113.8" }] });

const MOVED: SimEvent = { kind: "moved", name: NAME, from: OLD };
const LISTED = aCall("GetInstances", [], { hadEffect: false });
const NAMED = aCall("GetInstance", [NAME], { hadEffect: false });
const OTHER = aCall("GetInstance", ["media-k3-2"], { hadEffect: false });
const LOST = aCall("GetInstance", [NAME], { hadEffect: false, outcome: "dropped" });
const ASKED: SimEvent = { kind: "stranger", what: "health", address: OLD };
const CALLED: SimEvent = { kind: "stranger", what: "drain", address: OLD };
const DELETED = aCommit([{ name: NAME, from: "draining", to: "deleting" }]);
const DIED: SimEvent = { kind: "crash", life: 1 };

function later(event: SimEvent, seconds: number, truth = TRUTH): Step {
  return [event, at(seconds, truth)];
}

function judge(...steps: readonly Step[]): string | null {
  return judged(ownAddress, ...steps);
}

describe("the old address", () => {
  test.each([ASKED, CALLED])("is not to be sent anything after AWS's word: %j", (event) => {
    expect(judge(later(MOVED, 0), later(NAMED, 1), later(event, 14))).toContain(
      "by AWS's own word",
    );
  });

  test.each<[string, readonly Step[]]>([
    ["before AWS was asked", [later(MOVED, 0), later(ASKED, 60)]],
    ["in the same look", [later(MOVED, 0), later(NAMED, 1), later(ASKED, 3)]],
    ["where only another was asked for", [later(MOVED, 0), later(OTHER, 1), later(ASKED, 60)]],
    ["where the answer was lost", [later(MOVED, 0), later(LOST, 1), later(ASKED, 60)]],
    [
      "where the object died with it",
      [later(MOVED, 0), later(NAMED, 1), later(DIED, 2), later(ASKED, 60)],
    ],
  ])("may be asked %s", (_when, steps) => {
    expect(judge(...steps)).toBeNull();
  });
});

describe("the new address", () => {
  test("is not to be asked before AWS was read twice", () => {
    expect(judge(later(MOVED, 0), later(LISTED, 1), later(aProbe(6, 0), 6))).toContain(
      "after 1 looks",
    );
  });

  test("may be asked after it was, and by another ledger at once", () => {
    expect(
      judge(later(MOVED, 0), later(LISTED, 1), later(NAMED, 6), later(aProbe(6, 0), 11)),
    ).toBeNull();
    expect(
      judge(later(MOVED, 0), later({ kind: "stateLost" }, 1), later(aProbe(6, 0), 6)),
    ).toBeNull();
  });
});

describe("a delete", () => {
  test("is not to rest on what answered at an address that is another's", () => {
    expect(judge(later(MOVED, 0), later(DELETED, 7))).toContain("which is somebody else's");
  });

  test("may rest on the new address, on what was read just before, and on force", () => {
    const forced = truthOf({ rows: [{ name: NAME, publicIp: OLD }], forced: [NAME] });

    expect(judge(later(MOVED, 0), later(DELETED, 13, ELSEWHERE))).toBeNull();
    expect(judge(later(MOVED, 0), later(DELETED, 5))).toBeNull();
    expect(judge(later(MOVED, 0, forced), later(DELETED, 60, forced))).toBeNull();
  });
});
