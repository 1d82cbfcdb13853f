import type { Blueprint, Bundle } from "../cloud/catalogue.ts";
import type { InstanceView } from "../cloud/view.ts";
import type { PortRule } from "../cloud/firewall.ts";
import { STATE_CODES, type InstanceState } from "../cloud/instance.ts";
import { statusAt, type Operation } from "../cloud/operation.ts";
import { REGIONS, zonesOf } from "../cloud/regions.ts";
import { isAvailableAt, type Snapshot } from "../cloud/snapshot.ts";
import type { Tag } from "../cloud/tags.ts";
import type { KeyPair } from "../cloud/world.ts";

/** What becomes JSON: members that are undefined are left out, as AWS does. */
type Json =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** An `Instance`. User data is never returned. */
export function renderInstance(view: InstanceView): JsonObject {
  const { instance } = view;
  return {
    name: instance.name,
    arn: instance.arn,
    supportCode: instance.supportCode,
    createdAt: epochSeconds(instance.createdAt),
    location: { availabilityZone: instance.zone, regionName: instance.region },
    resourceType: "Instance",
    tags: view.tags.map(renderTag),
    blueprintId: instance.blueprint.id,
    blueprintName: instance.blueprint.name,
    bundleId: instance.bundle.id,
    isStaticIp: false,
    privateIpAddress: instance.privateIp,
    publicIpAddress: view.publicIp ?? undefined,
    ipv6Addresses: instance.ipv6Addresses,
    ipAddressType: instance.ipAddressType,
    hardware: renderHardware(view),
    networking: {
      monthlyTransfer: { gbPerMonthAllocated: instance.bundle.transferGb },
      ports: view.firewall.map(renderPortInfo),
    },
    state: renderState(view.state),
    username: instance.blueprint.username,
    sshKeyName: instance.keyPair,
    metadataOptions: {
      state: "applied",
      httpTokens: "optional",
      httpEndpoint: "enabled",
      httpPutResponseHopLimit: 1,
      httpProtocolIpv6: "disabled",
    },
  };
}

function renderHardware({ instance }: InstanceView): JsonObject {
  const disk = {
    createdAt: epochSeconds(instance.createdAt),
    sizeInGb: instance.bundle.diskGb,
    isSystemDisk: true,
    iops: 100,
    path: "/dev/xvda",
    attachedTo: instance.name,
    isAttached: true,
  };
  return { cpuCount: instance.bundle.cpuCount, disks: [disk], ramSizeInGb: instance.bundle.ramGb };
}

/** An `InstanceState`. */
export function renderState(state: InstanceState): JsonObject {
  return { code: STATE_CODES[state], name: state };
}

function renderPortInfo(rule: PortRule): JsonObject {
  const accessFrom = rule.cidrs.includes("0.0.0.0/0") ? "Anywhere (0.0.0.0/0 and ::/0)" : "Custom";
  return {
    ...renderRule(rule),
    accessFrom,
    accessType: "Public",
    commonName: "",
    accessDirection: "inbound",
  };
}

/** An `InstancePortState`. */
export function renderPortState(rule: PortRule): JsonObject {
  return { ...renderRule(rule), state: "open" };
}

function renderRule(rule: PortRule): JsonObject {
  const { fromPort, toPort, protocol, cidrs, ipv6Cidrs, cidrListAliases } = rule;
  return { fromPort, toPort, protocol, cidrs, ipv6Cidrs, cidrListAliases };
}

/** An `Operation` as it stands at `now`. */
export function renderOperation(operation: Operation, now: number): JsonObject {
  const { status, changedAt } = statusAt(operation, now);
  return {
    id: operation.id,
    resourceName: operation.resourceName,
    resourceType: operation.resourceType,
    createdAt: epochSeconds(operation.startedAt),
    location: { availabilityZone: operation.zone, regionName: operation.region },
    isTerminal: status !== "Started",
    operationDetails: operation.details ?? undefined,
    operationType: operation.type ?? undefined,
    status,
    statusChangedAt: epochSeconds(changedAt),
    errorCode: status === "Failed" ? operation.failure?.code : undefined,
    errorDetails: status === "Failed" ? operation.failure?.details : undefined,
  };
}

/** A `KeyPair`. */
export function renderKeyPair(keyPair: KeyPair, region: string, now: number): JsonObject {
  return {
    name: keyPair.name,
    arn: keyPair.arn,
    supportCode: keyPair.supportCode,
    createdAt: epochSeconds(keyPair.createdAt),
    location: { availabilityZone: "all", regionName: region },
    resourceType: "KeyPair",
    tags: keyPair.tags.at(now).map(renderTag),
    fingerprint: keyPair.fingerprint,
  };
}

/** An `InstanceSnapshot`. One that a seed brought has no history. */
export function renderSnapshot(snapshot: Snapshot, region: string, now: number): JsonObject {
  const { name, blueprintId, sizeGb, made } = snapshot;
  const isAvailable = isAvailableAt(snapshot, now);
  return {
    name,
    arn: made?.arn,
    supportCode: made?.supportCode,
    createdAt: made === undefined ? undefined : epochSeconds(made.createdAt),
    location: { availabilityZone: "all", regionName: region },
    resourceType: "InstanceSnapshot",
    tags: (made?.tags ?? []).map(renderTag),
    state: isAvailable ? "available" : "pending",
    progress: isAvailable ? "" : "0%",
    fromInstanceName: made?.of.name,
    fromInstanceArn: made?.of.arn,
    fromBundleId: made?.of.bundleId,
    fromBlueprintId: blueprintId,
    isFromAutoSnapshot: false,
    sizeInGb: sizeGb,
  };
}

/** A `Bundle`. The price is a month's. */
export function renderBundle(bundle: Bundle): JsonObject {
  return {
    price: bundle.priceUsd,
    cpuCount: bundle.cpuCount,
    diskSizeInGb: bundle.diskGb,
    bundleId: bundle.id,
    instanceType: bundle.instanceType,
    isActive: bundle.isActive,
    name: bundle.name,
    power: bundle.power,
    ramSizeInGb: bundle.ramGb,
    transferPerMonthInGb: bundle.transferGb,
    supportedPlatforms: ["LINUX_UNIX"],
    publicIpv4AddressCount: 1,
  };
}

/** A `Blueprint`. */
export function renderBlueprint(blueprint: Blueprint): JsonObject {
  return {
    blueprintId: blueprint.id,
    name: blueprint.name,
    group: blueprint.group,
    type: blueprint.type,
    description: `${blueprint.name} ${blueprint.version}`,
    isActive: blueprint.isActive,
    minPower: blueprint.minPower,
    version: blueprint.version,
    versionCode: "1",
    platform: "LINUX_UNIX",
  };
}

/** All `Region`s; zones only when they are asked for. */
export function renderRegions(includeZones: boolean, includeDatabaseZones: boolean): JsonObject[] {
  return [...REGIONS].map(([name, facts]) => {
    const zones = zonesOf(name).map((zoneName) => ({ zoneName, state: "available" }));
    return {
      continentCode: facts.continent,
      description: `This region is recommended to serve users near ${facts.displayName}`,
      displayName: facts.displayName,
      name,
      availabilityZones: includeZones ? zones : [],
      relationalDatabaseAvailabilityZones: includeDatabaseZones ? zones : [],
    };
  });
}

function renderTag({ key, value }: Tag): JsonObject {
  return { key, value };
}

/** Timestamps are JSON numbers: seconds since the epoch with a fraction. */
function epochSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}
