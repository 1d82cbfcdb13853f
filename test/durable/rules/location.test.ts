import { describe, expect, it } from "vitest";
import { hintFor } from "../../../durable/rules/location.ts";
import { REGIONS } from "../../aws/cloud/regions.ts";

describe("the place of an object", () => {
  it.each([...REGIONS.keys()])("is hinted at for a fleet in %s", (region) => {
    expect(hintFor(region).locationHint).toBeDefined();
  });

  it.each([
    ["us-east-1", "enam"],
    ["us-west-2", "wnam"],
    ["eu-central-1", "weur"],
    ["ap-northeast-2", "apac-ne"],
    ["ap-southeast-1", "apac-se"],
    ["ap-southeast-2", "oc"],
    ["sa-east-1", "sam"],
  ])("of %s is %s", (region, hint) => {
    expect(hintFor(region)).toEqual({ locationHint: hint });
  });

  it("is Cloudflare's choice where the region is not known", () => {
    expect(hintFor(null)).toEqual({});
    expect(hintFor("mars-north-1")).toEqual({});
  });
});
