/** What AWS calls its things, as far as a spec names them. */

/** The 20 regions of Lightsail (Smithy model of 2025-04-02, enum RegionName). */
export const REGIONS = [
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "eu-central-1",
  "eu-north-1",
  "eu-south-2",
  "ca-central-1",
  "ap-east-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-5",
  "ap-northeast-1",
  "ap-northeast-2",
  "sa-east-1",
] as const;

/** Blueprints and bundles: `ubuntu_22_04`, `medium_3_0`; some regions add a suffix. */
export const CATALOGUE_ID = /^[A-Za-z0-9][\w.-]{0,63}$/u;

/**
 * Names of instances, snapshots and key pairs. The model says `\w[\w\-]*\w`; the service also takes
 * dots and wants at least two characters (terraform-provider-aws, PR 8647). Without the flag `i`, which
 * lets `\u212a` (the sign for kelvin) pass as a k.
 */
export const RESOURCE_NAME = /^[A-Za-z0-9][\w.-]{0,253}[A-Za-z0-9]$/u;

/** An EC2 resource: `key-0abc1234`, `pg-0123456789abcdef0`, `tgw-attach-...`. */
export const RESOURCE_ID = /^(?=.{1,64}$)[a-z]+(-[a-z]+)*-([0-9a-f]{8}|[0-9a-f]{17})$/u;

/** User data is 16 KB raw on EC2; Lightsail documents no figure of its own. */
export const USER_DATA_BYTES_MAX = 16_384;

/** 50 tags on one resource, two of which are ours: `lightfleet:owner` and `lightfleet:spec`. */
export const USER_TAGS_MAX = 48;
export const TAG_CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** AWS keeps this prefix to itself, in any case of letters. */
export function isReservedTagKey(key: string): boolean {
  return key.toLowerCase().startsWith("aws:");
}

/** Tags count Unicode characters, not UTF-16 units. */
export function characters(text: string): number {
  return Array.from(text).length;
}

/** The firewall of an instance takes up to 60 source addresses of each family through the API. */
export const FIREWALL_SOURCES_MAX = 60;
