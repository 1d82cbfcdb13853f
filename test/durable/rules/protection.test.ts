import { describe, expect, it } from "vitest";
import { absorbListing } from "../../../durable/rules/absorb-listing.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { isProtected, isProtectTag, protectedBlockers } from "../../../durable/rules/protection.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import {
  aCloudInstance,
  anObservation,
  aRow,
  aState,
  complete,
  freshFor,
  idleRows,
  MINUTE_MS,
  NOW,
} from "./builders.ts";
import { freshAndSilent } from "./silence.ts";

const LONG_AGO = NOW - 60 * MINUTE_MS;

/** A state in which `row`, were it not protected, would be cordoned or deleted. */
type Path = (row: Partial<Instance>) => State;

function withFresh(rows: readonly Instance[], rest: Parameters<typeof aState>[0] = {}): State {
  return aState({ ...rest, rows, memory: { ...freshFor(...rows), ...rest.memory } });
}

const CORDONED: Partial<Instance> = {
  phase: "draining",
  cordonedAt: NOW - 10 * MINUTE_MS,
  drainReason: "surplus",
};

const UNREADY = { phase: "warming", phaseSince: LONG_AGO } as const;

const PATHS: Readonly<Record<string, Path>> = {
  "as surplus": (row) => withFresh([aRow(row)], { memory: { surplusSince: LONG_AGO } }),
  "after a drain that is confirmed empty": (row) => withFresh([aRow({ ...CORDONED, ...row })]),
  "after an operator's drain": (row) =>
    withFresh([aRow({ ...CORDONED, drainReason: "operator", ...row })]),
  "because it is off": (row) => withFresh([aRow({ stoppedSince: LONG_AGO, ...row })]),
  "because it stays off after its cordon": (row) =>
    withFresh([aRow({ ...CORDONED, stoppedSince: LONG_AGO, ...row })]),
  "as a failed boot": (row) => {
    const silent = aRow({ ...UNREADY, everRead: false, ...row });
    return aState({ rows: [silent], memory: freshAndSilent([], [silent]) });
  },
  "as a boot that answered and was never steadily ready": (row) =>
    withFresh([aRow({ ...UNREADY, everRead: true, ...row })]),
  "because it is outdated": (row) =>
    withFresh([aRow({ template: "an older one", ...row }), aRow({ name: "new-1" })], {
      spec: { spares: { default: "1" } },
    }),
  "with its fleet": (row) => withFresh([aRow(row)], { removing: { force: false } }),
  "with its fleet, by force": (row) => withFresh([aRow(row)], { removing: { force: true } }),
};

/** Where it went, in order. */
function went(state: State): readonly string[] {
  return plan(state, anObservation())
    .moves.rows.filter(({ name }) => name === "media-k3-1")
    .map(({ phase }) => phase)
    .filter((phase) => phase !== state.instances.get("media-k3-1")?.phase);
}

describe.each(Object.entries(PATHS))("a server that would go %s", (_, path) => {
  it("goes where nobody protects it", () => {
    expect(went(path({}))).not.toEqual([]);
  });

  it.each<[string, Partial<Instance>]>([
    ["through the API", { protectedBy: "alice" }],
    ["by its tag", { protectedByTag: true }],
  ])("stays where it is protected %s", (__, row) => {
    expect(went(path(row))).toEqual([]);
  });
});

describe("the tag `lightfleet:protect`", () => {
  it.each(["", "true", "yes", "because of the concert", "0"])(
    "protects with the value %j",
    (value) => {
      expect(isProtectTag({ "lightfleet:protect": value })).toBe(true);
    },
  );

  it.each(["false", "False", " FALSE "])("does not protect with the value %j", (value) => {
    expect(isProtectTag({ "lightfleet:protect": value })).toBe(false);
  });

  it("does not protect where it is not", () => {
    expect(isProtectTag({ team: "media", protect: "true" })).toBe(false);
  });

  const listed = (row: Instance, tags: Record<string, string>): Instance | undefined => {
    const state = aState({ rows: [row] });
    const instance = aCloudInstance({ tags: { ...aCloudInstance().tags, ...tags } });
    return apply(state, absorbListing(state, complete([instance]))).instances.get(row.name);
  };

  it("is followed by the row from the first listing that shows it, and when it is taken off", () => {
    const on = listed(aRow(), { "lightfleet:protect": "" });

    expect(on).toMatchObject({ protectedByTag: true, protectedSince: NOW });
    expect(on === undefined || isProtected(on)).toBe(true);
    expect(listed(aRow({ protectedByTag: true, protectedSince: LONG_AGO }), {})).toMatchObject({
      protectedByTag: false,
      protectedSince: null,
    });
  });

  it("taken off leaves the protection of the API, and its beginning", () => {
    const both = aRow({ protectedByTag: true, protectedBy: "alice", protectedSince: LONG_AGO });

    expect(listed(both, {})).toMatchObject({ protectedBy: "alice", protectedSince: LONG_AGO });
  });

  it("counts in the very tick whose listing shows it", () => {
    const state = withFresh([aRow(CORDONED)]);
    const instance = aCloudInstance({ tags: { "lightfleet:protect": "" } });
    const listing = complete([instance]);

    const { moves } = plan(state, anObservation({ listing }));

    expect(moves.rows.filter(({ phase }) => phase === "deleting")).toEqual([]);
  });

  it.each(["surplus", "replace"] as const)(
    "ends a drain of the fleet's own, as the API's does: %s would lead nowhere",
    (drainReason) => {
      const row = listed(aRow({ ...CORDONED, drainReason }), { "lightfleet:protect": "" });

      expect(row).toMatchObject({ phase: "ready", cordonedAt: null, drainReason: null });
    },
  );
});

describe("what protection keeps from happening", () => {
  it("is shown with how many they are, and not where nothing is kept", () => {
    expect(protectedBlockers(2)).toMatchObject([{ guard: "protected", value: 2 }]);
    expect(protectedBlockers(0)).toEqual([]);
  });

  it("does not keep the others", () => {
    const rows = idleRows(2, CORDONED).map((row, index) =>
      index === 0 ? { ...row, protectedBy: "alice" } : row,
    );

    const { moves } = plan(withFresh(rows), anObservation());

    expect(moves.rows.map(({ name }) => name)).not.toContain("media-k3-1");
    expect(moves.rows[0]).toMatchObject({ name: "media-k3-2", phase: "deleting" });
  });
});
