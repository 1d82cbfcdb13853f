import { describe, expect, it } from "vitest";
import { parseSpec } from "../../../worker/api/spec.ts";
import { LEAST } from "./fakes.ts";

function problemsOf(more: object): string[] {
  const parsed = parseSpec({ ...LEAST, ...more });
  return parsed.ok ? [] : parsed.errors.map(({ field, message }) => `${field}: ${message}`);
}

function limitsOf(limits: object) {
  const parsed = parseSpec({ ...LEAST, limits: { maxInstances: 10, ...limits } });
  return parsed.ok ? parsed.value.limits : null;
}

describe("the monthly cap and the quota", () => {
  it.each([
    [{ maxMonthlyUsd: 1 }, { maxMonthlyUsd: 1 }],
    [{ maxMonthlyUsd: "2999.50" }, { maxMonthlyUsd: 2_999.5 }],
    [{ maxMonthlyUsd: 10_000_000 }, { maxMonthlyUsd: 10_000_000 }],
    [{ maxMonthlyUsd: null }, { maxMonthlyUsd: null }],
    [{ maxVcpus: "1" }, { maxVcpus: 1 }],
    [{ maxVcpus: 100_000 }, { maxVcpus: 100_000 }],
    [{ maxVcpus: null }, { maxVcpus: null }],
  ])("may be %j", (written, kept) => {
    expect(limitsOf(written)).toMatchObject(kept);
  });

  it.each([
    ["maxMonthlyUsd", 0],
    ["maxMonthlyUsd", 0.99],
    ["maxMonthlyUsd", 10_000_000.01],
    ["maxMonthlyUsd", "$3000"],
    ["maxMonthlyUsd", ""],
    ["maxMonthlyUsd", true],
    ["maxVcpus", 0],
    ["maxVcpus", 1.5],
    ["maxVcpus", 100_001],
    ["maxVcpus", "all"],
  ])("are no cap that caps nothing: %s %j is refused", (field, value) => {
    expect(problemsOf({ limits: { maxInstances: 10, [field]: value } })).toEqual([
      expect.stringMatching(`^limits\\.${field}: must be a .*number from 1 to `),
    ]);
  });
});

describe("the limits of leases", () => {
  it("are a day for each lease and no number of them, where the spec says nothing", () => {
    expect(limitsOf({})).toMatchObject({ leasesPerToken: null, leaseMaxSeconds: 86_400 });
  });

  it.each([
    ["leasesPerToken", 0],
    ["leasesPerToken", 1.5],
    ["leasesPerToken", 100_001],
    ["leaseMaxSeconds", 4],
    ["leaseMaxSeconds", 2_592_001],
    ["leaseMaxSeconds", null],
  ])("do not take %s %j", (field, value) => {
    expect(problemsOf({ limits: { maxInstances: 10, [field]: value } })).toEqual([
      expect.stringContaining(`limits.${field}: must be a whole number from `),
    ]);
  });
});

describe("the least number of spares", () => {
  it("must fit on the most servers", () => {
    const fits = { spares: { min: 10 }, limits: { maxInstances: 10 } };
    const tooMany = { spares: { min: 11 }, limits: { maxInstances: "10" } };

    expect(problemsOf(fits)).toEqual([]);
    expect(problemsOf(tooMany)).toEqual([
      "limits.maxInstances: is too low for spares.min (11): that takes 11 servers; raise it, or lower spares.min",
    ]);
  });

  it("counts sessions, of which a server may hold several", () => {
    const spec = (maxInstances: number) => ({
      health: { ...LEAST.health, capacity: 4 },
      spares: { min: 10 },
      limits: { maxInstances },
    });

    expect(problemsOf(spec(3))).toEqual([]);
    expect(problemsOf(spec(2))).toEqual([
      expect.stringContaining("limits.maxInstances: is too low for spares.min (10): that takes 3"),
    ]);
  });

  it("is told beside every other problem, and not where a number is no number", () => {
    expect(
      problemsOf({ bundle: "", spares: { min: 3, max: 2 }, limits: { maxInstances: 1 } }).map(
        (problem) => problem.split(":")[0],
      ),
    ).toEqual(["bundle", "spares.min", "limits.maxInstances"]);
    expect(problemsOf({ spares: { min: "many" }, limits: { maxInstances: 1 } })).toEqual([
      expect.stringMatching(/^spares\.min: must be/u),
    ]);
  });
});
