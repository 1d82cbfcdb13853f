import type { Now } from "../clock.ts";
import { AddressPool, type Random, seededRandom } from "./ids.ts";
import { existsAt, type BootFate, type Instance } from "./instance.ts";
import { type Operation, OperationLog } from "./operation.ts";
import {
  DEFAULT_ACCOUNT_ID,
  DEFAULT_PUBLIC_RANGE,
  DEFAULT_TIMING,
  DEFAULT_VCPU_QUOTA,
  PRIVATE_RANGE,
  STALE_MS_MAX,
  type CloudOptions,
  type KeyPairSeed,
  type Timing,
} from "./options.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";
import { withoutTags, withTags, type Tag } from "./tags.ts";
import { Timeline } from "./timeline.ts";
import { uuid } from "./ids.ts";

export interface KeyPair {
  readonly name: string;
  readonly arn: string;
  readonly supportCode: string;
  readonly createdAt: number;
  readonly fingerprint: string;
  readonly tags: Timeline<readonly Tag[]>;
}

/** What one region holds. */
export interface Region {
  readonly name: string;
  /** All instances that are there, and those that went not long ago, in the order of their creation. */
  instances: Instance[];
  readonly byName: Map<string, Instance>;
  readonly keyPairs: Map<string, KeyPair>;
  readonly snapshots: Map<string, Snapshot>;
  readonly staticIps: Set<string>;
  readonly operations: OperationLog;
  vcpuQuota: number;
}

/** The whole state behind a `Cloud`. Functions over it live in the files beside this one. */
export interface World {
  readonly now: Now;
  readonly random: Random;
  readonly accountId: string;
  readonly options: CloudOptions;
  timing: Timing;
  readonly publicAddresses: AddressPool;
  readonly privateAddresses: AddressPool;
  readonly addressesInUse: Map<string, Instance>;
  readonly regions: Map<string, Region>;
  readonly everCreated: Instance[];
  readonly fates: BootFate[];
  readonly closedZones: Map<string, "refuse" | "fail">;
  nextSeq: number;
}

/** An empty world with what the options seed into it. */
export function createWorld(options: CloudOptions): World {
  return {
    now: options.now,
    random: seededRandom(options.seed ?? 1),
    accountId: options.accountId ?? DEFAULT_ACCOUNT_ID,
    options,
    timing: { ...DEFAULT_TIMING, ...options.timing },
    publicAddresses: new AddressPool(options.publicRange ?? DEFAULT_PUBLIC_RANGE),
    privateAddresses: new AddressPool(PRIVATE_RANGE),
    addressesInUse: new Map(),
    regions: new Map(),
    everCreated: [],
    fates: [],
    closedZones: new Map(),
    nextSeq: 1,
  };
}

/** A region's state, made when it is first asked for. */
export function regionOf(world: World, name: string): Region {
  const known = world.regions.get(name);
  if (known !== undefined) return known;
  const here = (seed: { region?: string | undefined }): boolean =>
    seed.region === undefined || seed.region === name;
  const region: Region = {
    name,
    instances: [],
    byName: new Map(),
    keyPairs: new Map(),
    snapshots: new Map(
      (world.options.snapshots ?? []).filter(here).map((seed) => [seed.name, seed]),
    ),
    staticIps: new Set((world.options.staticIps ?? []).filter(here).map((seed) => seed.name)),
    operations: new OperationLog(),
    vcpuQuota: world.options.vcpuQuota ?? DEFAULT_VCPU_QUOTA,
  };
  world.regions.set(name, region);
  for (const seed of (world.options.keyPairs ?? []).filter(here)) addKeyPair(world, region, seed);
  return region;
}

/** Puts a key pair into a region. */
export function addKeyPair(world: World, region: Region, seed: KeyPairSeed): void {
  const id = uuid(world.random);
  region.keyPairs.set(seed.name, {
    name: seed.name,
    arn: `arn:aws:lightsail:${region.name}:${world.accountId}:KeyPair/${id}`,
    supportCode: `${world.accountId}/${seed.name}`,
    createdAt: world.now(),
    fingerprint: (id.replaceAll("-", "") + id.slice(0, 8)).match(/../g)?.join(":") ?? "",
    tags: new Timeline(world.now(), seed.tags ?? []),
  });
}

/** The instance of that name that is there now, or the error AWS gives. */
export function findInstance(world: World, region: Region, name: string): Instance | Refusal {
  const instance = region.byName.get(name);
  return instance !== undefined && existsAt(instance, world.now())
    ? instance
    : missing("Instance", name);
}

/** The wording is AWS's as remembered, not as documented. */
export function missing(what: string, name: string): Refusal {
  return refuse("NotFoundException", `The ${what} does not exist: ${name}`);
}

/** Whether a name is taken: instances, key pairs, snapshots and static IPs share one namespace in a region. */
export function isNameUsed(world: World, region: Region, name: string): boolean {
  const instance = region.byName.get(name);
  return (
    (instance !== undefined && existsAt(instance, world.now())) ||
    region.keyPairs.has(name) ||
    region.snapshots.has(name) ||
    region.staticIps.has(name)
  );
}

/** An address of the public range that no instance holds now. */
export function takePublicAddress(world: World): string {
  return world.publicAddresses.take((address) => {
    const holder = world.addressesInUse.get(address);
    return (
      holder !== undefined &&
      existsAt(holder, world.now()) &&
      holder.power.at(world.now()).address === address
    );
  });
}

/** Forgets instances that went longer ago than any stale view reaches. They stay in `everCreated`. */
export function forgetLongGone(world: World, region: Region): void {
  const horizon = world.now() - STALE_MS_MAX;
  region.instances = region.instances.filter(
    (instance) => existsAt(instance, horizon) || instance.createdAt > horizon,
  );
}

/** Writes an operation down. Without `endsAt` it is done at once, as AWS answers for ports and deletes. */
export function addOperation(
  world: World,
  region: Region,
  about: { name: string; zone: string; type: string | null; kind?: Operation["resourceType"] },
  rest: Partial<Pick<Operation, "details" | "endsAt" | "failure">> = {},
): Operation {
  const now = world.now();
  return region.operations.add({
    id: uuid(world.random),
    seq: world.nextSeq++,
    type: about.type,
    resourceName: about.name,
    resourceType: about.kind ?? "Instance",
    region: region.name,
    zone: about.zone,
    details: rest.details ?? null,
    startedAt: now,
    endsAt: rest.endsAt ?? now,
    failure: rest.failure ?? null,
  });
}

/** Sets or takes away the tags of an instance or a key pair. */
export function changeTags(
  world: World,
  region: Region,
  name: string,
  change: { set: readonly Tag[] } | { remove: readonly string[] },
): Operation | Refusal {
  const keyPair = region.keyPairs.get(name);
  const found = keyPair ?? findInstance(world, region, name);
  if ("refused" in found) return found;
  const before = found.tags.at(world.now());
  const after = "set" in change ? withTags(before, change.set) : withoutTags(before, change.remove);
  if ("refused" in after) return after;
  found.tags.set(world.now(), after);
  const about = { name, zone: "zone" in found ? found.zone : "all", type: null };
  return addOperation(world, region, keyPair === undefined ? about : { ...about, kind: "KeyPair" });
}
