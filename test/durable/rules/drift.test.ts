import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { absorbListing } from "../../../durable/rules/absorb-listing.ts";
import { retiredTagsOf, sameRules, tagsOf } from "../../../durable/rules/drift.ts";
import { portsHash } from "../../../durable/rules/hash.ts";
import { LISTING_LAG_MS } from "../../../durable/rules/limits.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import type { PortRule } from "../../../durable/rules/spec.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import type { CloudInstance } from "../../../durable/rules/world.ts";
import {
  aCloudInstance,
  aRow,
  aSpec,
  aState,
  complete,
  MINUTE_MS,
  NOW,
  partial,
} from "./builders.ts";

const OTHERS: readonly PortRule[] = [{ protocol: "tcp", from: 22, to: 22 }];

/** The state after complete listings that began so long after NOW, each showing the same instance. */
function afterListings(state: State, shown: CloudInstance, ...afterMs: readonly number[]): State {
  let now = state;
  for (const each of afterMs) {
    const at = { ...now, now: NOW + each };
    now = apply(at, absorbListing(at, complete([shown], NOW + each)));
  }
  return now;
}

function only(state: State): Instance {
  const [row] = state.instances.values();
  if (row === undefined) throw new Error("there is no row");
  return row;
}

/** The state after the fleet's ports were put on its only server. */
function put(state: State): State {
  const rows = [{ ...only(state), portsHash: state.portsHash }];
  return apply(state, { ...absorbListing(state, { kind: "none" }), rows });
}

describe("a firewall that somebody has changed", () => {
  const shown = aCloudInstance({ ports: OTHERS });

  it("is put again once it was seen for longer than a listing lags, and not before", () => {
    const state = aState({ rows: [aRow()] });

    const early = afterListings(state, shown, 0, LISTING_LAG_MS - 1);
    const late = afterListings(state, shown, 0, LISTING_LAG_MS);

    expect(only(early).portsHash).toBe(state.portsHash);
    expect(only(late).portsHash).toBeNull();
  });

  it("begins a new count where a listing in between shows it as it should be", () => {
    const state = aState({ rows: [aRow()] });
    const good = aCloudInstance({ ports: aSpec().ports });

    const healed = afterListings(afterListings(state, shown, 0), good, 60_000);
    const after = afterListings(healed, shown, 120_000, LISTING_LAG_MS + 60_000);

    expect(only(after).portsHash).toBe(state.portsHash);
  });

  it("is put only once in an hour while it lasts: the rest is AWS's way of writing it", () => {
    const mended = put(afterListings(aState({ rows: [aRow()] }), shown, 0, LISTING_LAG_MS));

    const after = afterListings(mended, shown, 2 * LISTING_LAG_MS, 5 * LISTING_LAG_MS);

    expect(only(after).portsHash).toBe(mended.portsHash);
  });

  it("seed 601300: is put again after an hour, should it have been changed once more meanwhile", () => {
    const mended = put(afterListings(aState({ rows: [aRow()] }), shown, 0, LISTING_LAG_MS));
    const hourLater = 2 * LISTING_LAG_MS + 60 * MINUTE_MS;

    expect(only(afterListings(mended, shown, hourLater - 1)).portsHash).toBe(mended.portsHash);
    expect(only(afterListings(mended, shown, hourLater)).portsHash).toBeNull();
  });

  it("is put only once also where a listing comes while the put waits for its call", () => {
    const once = afterListings(aState({ rows: [aRow()] }), shown, 0, LISTING_LAG_MS);
    const mended = put(afterListings(once, shown, LISTING_LAG_MS + 5_000));

    const after = afterListings(mended, shown, 2 * LISTING_LAG_MS, 5 * LISTING_LAG_MS);

    expect(only(after).portsHash).toBe(mended.portsHash);
  });

  it.each<[string, Partial<Instance>, Partial<CloudInstance>]>([
    ["AWS does not tell", {}, { ports: null }],
    ["is adopted, and keeps its own ports", { adopted: true, portsHash: null }, {}],
    ["has a command under way", { command: 7 }, {}],
    ["boots", { phase: "configuring" }, {}],
    ["is being deleted", { phase: "deleting" }, {}],
  ])("is let be on a server that %s", (_, row, facts) => {
    const state = aState({ rows: [aRow(row)] });

    const after = afterListings(state, { ...shown, ...facts }, 0, LISTING_LAG_MS);

    expect(only(after).portsHash).toBe(only(state).portsHash);
  });

  it("is remembered through a listing that broke off", () => {
    const seen = afterListings(aState({ rows: [aRow()] }), shown, 0);
    const broken = apply(seen, absorbListing(seen, partial([])));

    expect(only(afterListings(broken, shown, LISTING_LAG_MS)).portsHash).toBeNull();
  });
});

describe("tags that somebody has changed", () => {
  const spec = { tags: { team: "media" } };
  const right = tagsOf(aState({ spec }), aRow());
  const stateOf = (retiredTags: readonly string[] = []): State => {
    const state = aState({ spec, retiredTags });
    return aState({ spec, retiredTags, rows: [aRow({ tagsHash: state.tagsHash })] });
  };
  const put = (tags: Record<string, string>, state = stateOf()): boolean =>
    only(afterListings(state, aCloudInstance({ tags }), 0, LISTING_LAG_MS)).tagsHash === null;

  it("are put again where one is missing or says something else", () => {
    const { team: _, ...without } = right;

    expect(put(without)).toBe(true);
    expect(put({ ...right, team: "other" })).toBe(true);
  });

  it("are let be where they are right, and people have added their own", () => {
    expect(put(right)).toBe(false);
    expect(put({ ...right, "cost-centre": "12", "lightfleet:protect": "" })).toBe(false);
  });

  it("are taken off where the spec has named them once", () => {
    expect(put({ ...right, stage: "old" }, stateOf(["stage"]))).toBe(true);
    expect(put(right, stateOf(["stage"]))).toBe(false);
  });

  it("never follow a template of which the row knows nothing", () => {
    expect(tagsOf(aState(), aRow({ template: null }))).toEqual({
      "lightfleet:owner": "default/media",
    });
  });
});

describe("retired tags", () => {
  it("are those that a spec named and none names now", () => {
    const [old, next] = [aSpec({ tags: { a: "1", b: "2" } }), aSpec({ tags: { b: "3", c: "4" } })];

    expect(retiredTagsOf(["c", "z"], old, next)).toEqual(["a", "z"]);
  });
});

describe("two firewalls", () => {
  const RULE: fc.Arbitrary<PortRule> = fc.record(
    {
      protocol: fc.constantFrom("tcp", "udp"),
      from: fc.nat(9),
      to: fc.integer({ min: 10, max: 19 }),
      cidrs: fc.subarray(["10.0.0.0/8", "192.0.2.0/24"]),
      ipv6Cidrs: fc.subarray(["2001:db8::/32"]),
      cidrListAliases: fc.subarray(["lightsail-connect"]),
    },
    { requiredKeys: ["protocol", "from", "to"] },
  );

  it("are the same in whatever order they say it", () => {
    fc.assert(
      fc.property(fc.array(RULE, { maxLength: 5 }), (rules) => {
        const turned = rules.toReversed().map((rule) => ({
          ...rule,
          ...(rule.cidrs === undefined ? {} : { cidrs: rule.cidrs.toReversed() }),
        }));
        expect(sameRules(rules, turned)).toBe(true);
      }),
    );
  });

  it("are the same where AWS fills in everybody, and only there", () => {
    const bare: PortRule = { protocol: "tcp", from: 443, to: 443 };
    const filled = { ...bare, cidrs: ["0.0.0.0/0"], ipv6Cidrs: ["::/0"], cidrListAliases: [] };

    expect(sameRules([bare], [filled])).toBe(true);
    expect(sameRules([bare], [{ ...filled, ipv6Cidrs: [] }])).toBe(false);
    expect(sameRules([bare], [{ ...bare, to: 444 }])).toBe(false);
    expect(sameRules([bare], [])).toBe(false);
    expect(portsHash([bare])).not.toBe(portsHash([filled]));
  });
});
