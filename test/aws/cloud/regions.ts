interface RegionFacts {
  readonly displayName: string;
  readonly continent: "NA" | "EU" | "AS" | "OC" | "SA";
  /** Letters of the availability zones. Which letters Lightsail offers where is not published: our choice. */
  readonly zones: string;
  /** Last digit of the bundle ids: Sydney and Mumbai are known to have their own. */
  readonly bundleSuffix: 0 | 1 | 2;
}

/** The 20 regions of Lightsail's model (`RegionName`). */
export const REGIONS: ReadonlyMap<string, RegionFacts> = new Map(
  Object.entries({
    "us-east-1": facts("Virginia", "NA", "abcdef"),
    "us-east-2": facts("Ohio", "NA", "abc"),
    "us-west-1": facts("N. California", "NA", "ac"),
    "us-west-2": facts("Oregon", "NA", "abcd"),
    "eu-west-1": facts("Ireland", "EU", "abc"),
    "eu-west-2": facts("London", "EU", "abc"),
    "eu-west-3": facts("Paris", "EU", "abc"),
    "eu-central-1": facts("Frankfurt", "EU", "abc"),
    "eu-north-1": facts("Stockholm", "EU", "abc"),
    "eu-south-2": facts("Spain", "EU", "abc"),
    "ca-central-1": facts("Montreal", "NA", "ab"),
    "ap-east-1": facts("Hong Kong", "AS", "abc"),
    "ap-south-1": facts("Mumbai", "AS", "ab", 1),
    "ap-southeast-1": facts("Singapore", "AS", "abc"),
    "ap-southeast-2": facts("Sydney", "OC", "abc", 2),
    "ap-southeast-3": facts("Jakarta", "AS", "abc"),
    "ap-southeast-5": facts("Malaysia", "AS", "abc"),
    "ap-northeast-1": facts("Tokyo", "AS", "acd"),
    "ap-northeast-2": facts("Seoul", "AS", "abcd"),
    "sa-east-1": facts("São Paulo", "SA", "abc"),
  }),
);

/** The names of a region's availability zones, such as `ap-northeast-2a`. */
export function zonesOf(region: string): string[] {
  return (REGIONS.get(region)?.zones ?? "").split("").map((letter) => `${region}${letter}`);
}

function facts(
  displayName: string,
  continent: RegionFacts["continent"],
  zones: string,
  bundleSuffix: RegionFacts["bundleSuffix"] = 0,
): RegionFacts {
  return { displayName, continent, zones, bundleSuffix };
}
