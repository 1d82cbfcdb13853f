/**
 * What Lightsail has in a region that a spec can name: bundles, blueprints, snapshots, key pairs and
 * zones. Only the doctor asks for it; a fleet runs without these rights, but for the prices.
 */
import { z } from "zod";
import type { Aws, CallSite } from "./client.ts";
import { type Result, readLightsail } from "./errors.ts";
import { callLightsail } from "./lightsail.ts";

/** A size that is sold, or was. */
export interface Offer {
  readonly id: string;
  readonly usdPerMonth: number;
  readonly vcpus: number;
  readonly power: number;
  readonly diskGb: number;
  readonly isActive: boolean;
  readonly hasPublicIpv4: boolean;
  readonly runsLinux: boolean;
}

export interface Blueprint {
  readonly id: string;
  readonly minPower: number;
  readonly isActive: boolean;
  readonly isWindows: boolean;
}

export interface Snapshot {
  /** `available` once servers can be made from it. */
  readonly state: string;
  /** The least disk that holds it. */
  readonly sizeGb: number;
}

export interface Zone {
  readonly name: string;
  readonly state: string;
}

/** One page of a list, and where the next begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | null;
}

const Token = z
  .string()
  .nullish()
  .transform((token) => token || null);

/** What lacks a member that we need is left out: a half-told size says nothing that could be checked. */
function listOf<T>(item: z.ZodType<T>) {
  return z
    .array(item.nullable().catch(null))
    .transform((items) => items.flatMap((one) => (one === null ? [] : [one])));
}

const OfferShape = z
  .object({
    bundleId: z.string().min(1),
    price: z.number(),
    cpuCount: z.number(),
    power: z.number(),
    diskSizeInGb: z.number(),
    isActive: z.boolean(),
    // What is not said of a size is what most sizes have.
    publicIpv4AddressCount: z.number().nullish().catch(null),
    supportedPlatforms: z.array(z.string()).nullish().catch(null),
  })
  .transform((wire): Offer => ({
    id: wire.bundleId,
    usdPerMonth: wire.price,
    vcpus: wire.cpuCount,
    power: wire.power,
    diskGb: wire.diskSizeInGb,
    isActive: wire.isActive,
    hasPublicIpv4: (wire.publicIpv4AddressCount ?? 1) > 0,
    runsLinux: wire.supportedPlatforms?.includes("LINUX_UNIX") ?? true,
  }));

const BlueprintShape = z
  .object({
    blueprintId: z.string().min(1),
    minPower: z.number(),
    isActive: z.boolean(),
    platform: z.string().nullish().catch(null),
  })
  .transform((wire): Blueprint => ({
    id: wire.blueprintId,
    minPower: wire.minPower,
    isActive: wire.isActive,
    isWindows: wire.platform === "WINDOWS",
  }));

/** One page of all sizes, those that are not sold any more with them. */
export async function getOffers(
  aws: Aws,
  site: CallSite,
  pageToken: string | null,
): Promise<Result<Page<Offer>>> {
  const shape = z
    .object({ bundles: listOf(OfferShape), nextPageToken: Token })
    .transform(({ bundles, nextPageToken }) => ({ items: bundles, nextPageToken }));
  return readLightsail(await callLightsail(aws, site, "GetBundles", everything(pageToken)), shape);
}

/** One page of all images of AWS's, those that are withdrawn with them. */
export async function getBlueprints(
  aws: Aws,
  site: CallSite,
  pageToken: string | null,
): Promise<Result<Page<Blueprint>>> {
  const shape = z
    .object({ blueprints: listOf(BlueprintShape), nextPageToken: Token })
    .transform(({ blueprints, nextPageToken }) => ({ items: blueprints, nextPageToken }));
  return readLightsail(
    await callLightsail(aws, site, "GetBlueprints", everything(pageToken)),
    shape,
  );
}

/** A snapshot by its name; an unknown one is the rejection `notFound`. */
export async function getInstanceSnapshot(
  aws: Aws,
  site: CallSite,
  name: string,
): Promise<Result<Snapshot>> {
  const shape = z
    .object({ instanceSnapshot: z.object({ state: z.string(), sizeInGb: z.number() }) })
    .transform(({ instanceSnapshot: { state, sizeInGb } }) => ({ state, sizeGb: sizeInGb }));
  const request = { instanceSnapshotName: name };
  return readLightsail(await callLightsail(aws, site, "GetInstanceSnapshot", request), shape);
}

/** Whether there is a key pair of that name; an unknown one is the rejection `notFound`. */
export async function getKeyPair(aws: Aws, site: CallSite, name: string): Promise<Result<unknown>> {
  const shape = z.object({ keyPair: z.object({ name: z.literal(name) }) });
  return readLightsail(await callLightsail(aws, site, "GetKeyPair", { keyPairName: name }), shape);
}

const RegionShape = z.object({
  name: z.string(),
  availabilityZones: listOf(
    z.object({ zoneName: z.string(), state: z.string().nullish() }),
  ).nullish(),
});

/** The zones of the region that is asked; empty where it does not list itself. */
export async function getZones(aws: Aws, site: CallSite): Promise<Result<readonly Zone[]>> {
  const shape = z
    .object({
      regions: listOf(RegionShape),
    })
    .transform(({ regions }) => {
      const zones = regions.find(({ name }) => name === site.region)?.availabilityZones ?? [];
      return zones.map(({ zoneName, state }): Zone => ({ name: zoneName, state: state ?? "" }));
    });
  const request = { includeAvailabilityZones: true };
  return readLightsail(await callLightsail(aws, site, "GetRegions", request), shape);
}

function everything(pageToken: string | null): object {
  return { includeInactive: true, ...(pageToken === null ? {} : { pageToken }) };
}
