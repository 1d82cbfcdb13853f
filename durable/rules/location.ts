/**
 * Where objects are made: as near as Cloudflare can to the AWS region of their fleet, for each probe and
 * each call of AWS goes that way and back. A hint counts when an object is made, and never after that.
 */

/** Cloudflare's words for the parts of the world that are near a region of Lightsail. */
type Hint = "wnam" | "enam" | "sam" | "weur" | "apac-ne" | "apac-se" | "oc";

/** The hint that lies nearest to each region of Lightsail. */
const HINTS: Readonly<Record<string, Hint>> = {
  "us-east-1": "enam",
  "us-east-2": "enam",
  "us-west-1": "wnam",
  "us-west-2": "wnam",
  "ca-central-1": "enam",
  "sa-east-1": "sam",
  "eu-west-1": "weur",
  "eu-west-2": "weur",
  "eu-west-3": "weur",
  "eu-central-1": "weur",
  "eu-north-1": "weur",
  "eu-south-2": "weur",
  "ap-south-1": "apac-se",
  "ap-southeast-1": "apac-se",
  "ap-southeast-2": "oc",
  "ap-southeast-3": "apac-se",
  "ap-southeast-5": "apac-se",
  "ap-east-1": "apac-se",
  "ap-northeast-1": "apac-ne",
  "ap-northeast-2": "apac-ne",
};

/** What to get an object with; nothing for a region that is not known, and Cloudflare then chooses. */
export function hintFor(region: string | null): { readonly locationHint?: Hint } {
  const locationHint = region === null ? undefined : HINTS[region];
  return locationHint === undefined ? {} : { locationHint };
}
