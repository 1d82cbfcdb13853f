import type { Now } from "../clock.ts";
import { billOf, type Bill } from "./bill.ts";
import { createInstances, type CreateRequest } from "./create.ts";
import { Ec2Tags } from "./ec2-tags.ts";
import { closeRule, openRule, putRules, type PortRequest, type PortRule } from "./firewall.ts";
import { billedUntil, existsAt, type BootFate } from "./instance.ts";
import type { Operation, OperationLog } from "./operation.ts";
import type { CloudOptions, KeyPairSeed, Seeded, SnapshotSeed, Timing } from "./options.ts";
import {
  changePorts,
  type PortChange,
  deleteInstance,
  moveAddress,
  rebootInstance,
  startInstance,
  stopInstance,
} from "./power.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import { createSnapshot, type Snapshot, type SnapshotRequest } from "./snapshot.ts";
import { REGIONS } from "./regions.ts";
import type { Tag } from "./tags.ts";
import { type InstanceView, type Server, serverOf, viewAt } from "./view.ts";
import {
  addKeyPair,
  changeTags,
  createWorld,
  findInstance,
  regionOf,
  type KeyPair,
  type World,
} from "./world.ts";

/** One instance that was ever made. */
export interface Created {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly createdAt: number;
  /** When it ceased to cost money, or null. */
  readonly endedAt: number | null;
}

/** One accepted DeleteInstance call. */
export interface Deletion {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly at: number;
}

/**
 * The state of the embedded AWS: a pure function of the clock it is given and of the calls made on it. It has no
 * timers, no ambient time and no ambient randomness. Names are unique per region; methods that take an optional
 * region look in all of them.
 */
export class Cloud {
  readonly #world: World;
  readonly #ec2Tags = new Ec2Tags();
  readonly #deletionWatchers: ((deletion: Deletion) => void)[] = [];
  #changes = 0;

  constructor(options: CloudOptions) {
    this.#world = createWorld(options);
  }

  get now(): Now {
    return this.#world.now;
  }

  // --- what the API does -------------------------------------------------------------------------------------

  createInstances(region: string, request: CreateRequest): readonly Operation[] | Refusal {
    this.#changes += 1;
    return createInstances(this.#world, regionOf(this.#world, region), request);
  }

  deleteInstance(region: string, name: string): Operation | Refusal {
    this.#changes += 1;
    const operation = deleteInstance(this.#world, regionOf(this.#world, region), name);
    if (!isRefusal(operation)) this.#tellOfDeletion(region, name);
    return operation;
  }

  startInstance(region: string, name: string): Operation | Refusal {
    this.#changes += 1;
    return startInstance(this.#world, regionOf(this.#world, region), name);
  }

  stopInstance(region: string, name: string): Operation | Refusal {
    this.#changes += 1;
    return stopInstance(this.#world, regionOf(this.#world, region), name);
  }

  rebootInstance(region: string, name: string): Operation | Refusal {
    this.#changes += 1;
    return rebootInstance(this.#world, regionOf(this.#world, region), name);
  }

  createSnapshot(region: string, request: SnapshotRequest): Operation | Refusal {
    return createSnapshot(this.#world, regionOf(this.#world, region), request);
  }

  putPorts(region: string, name: string, ports: readonly PortRequest[]): Operation | Refusal {
    return this.#changePorts(region, name, {
      call: "PutInstancePublicPorts",
      ports,
      apply: () => putRules(ports),
    });
  }

  openPort(region: string, name: string, port: PortRequest): Operation | Refusal {
    const apply = (rules: readonly PortRule[]) => openRule(rules, port);
    return this.#changePorts(region, name, {
      call: "OpenInstancePublicPorts",
      ports: [port],
      apply,
    });
  }

  closePort(region: string, name: string, port: PortRequest): Operation | Refusal {
    const apply = (rules: readonly PortRule[]) => closeRule(rules, port);
    return this.#changePorts(region, name, {
      call: "CloseInstancePublicPorts",
      ports: [port],
      apply,
    });
  }

  tagResource(region: string, name: string, tags: readonly Tag[]): Operation | Refusal {
    return changeTags(this.#world, regionOf(this.#world, region), name, { set: tags });
  }

  untagResource(region: string, name: string, keys: readonly string[]): Operation | Refusal {
    return changeTags(this.#world, regionOf(this.#world, region), name, { remove: keys });
  }

  /** Up to `limit` instances of a region after the one numbered `afterSeq`, as they stood at `asOf`. */
  list(region: string, asOf = this.now(), afterSeq = 0, limit = Infinity): InstanceView[] {
    const views: InstanceView[] = [];
    for (const instance of regionOf(this.#world, region).instances) {
      if (views.length >= limit) break;
      const view = instance.seq > afterSeq ? viewAt(instance, asOf) : null;
      if (view !== null) views.push(view);
    }
    return views;
  }

  /** One instance as it stood at `asOf`, or the error AWS gives. */
  find(region: string, name: string, asOf?: number): InstanceView | Refusal {
    const { instances } = regionOf(this.#world, region);
    const then =
      asOf === undefined
        ? undefined
        : instances.findLast((one) => one.name === name && existsAt(one, asOf));
    const instance = then ?? findInstance(this.#world, regionOf(this.#world, region), name);
    if ("refused" in instance) return instance;
    return (
      viewAt(instance, asOf ?? this.now()) ?? {
        refused: "NotFoundException",
        message: `The Instance does not exist: ${name}`,
      }
    );
  }

  keyPair(region: string, name: string): KeyPair | null {
    return regionOf(this.#world, region).keyPairs.get(name) ?? null;
  }

  keyPairs(region: string): KeyPair[] {
    return [...regionOf(this.#world, region).keyPairs.values()];
  }

  snapshot(region: string, name: string): Snapshot | null {
    return regionOf(this.#world, region).snapshots.get(name) ?? null;
  }

  snapshots(region: string): Snapshot[] {
    return [...regionOf(this.#world, region).snapshots.values()];
  }

  operations(region: string): OperationLog {
    return regionOf(this.#world, region).operations;
  }

  get ec2Tags(): Ec2Tags {
    return this.#ec2Tags;
  }

  // --- what someone in the data centre sees --------------------------------------------------------------------

  /** The machines that are up now. A rebooting one is not, though the API calls it running. */
  servers(region?: string): Server[] {
    return this.#regionNames(region).flatMap((name) =>
      this.list(name).flatMap((view) => serverOf(view, this.now())),
    );
  }

  /** Raised whenever a call, or somebody who steers, may have changed an instance. */
  get changes(): number {
    return this.#changes;
  }

  /** Until when `servers()` stays as it is now while `changes` does. */
  serversHoldUntil(): number {
    const now = this.now();
    let until = Number.POSITIVE_INFINITY;
    for (const region of this.#world.regions.values())
      for (const { power, firewall } of region.instances)
        until = Math.min(until, power.nextAfter(now), firewall.nextAfter(now));
    return until;
  }

  /** The instance of that name that is there now, or null. */
  instance(name: string, region?: string): InstanceView | null {
    for (const regionName of this.#regionNames(region)) {
      const found = this.find(regionName, name);
      if (!("refused" in found)) return found;
    }
    return null;
  }

  /** What everything has cost so far. */
  bill(): Bill {
    return billOf(this.#world.everCreated, this.now());
  }

  /** All that was ever created, oldest first. */
  everCreated(): Created[] {
    return this.#world.everCreated.map((instance) => ({
      name: instance.name,
      arn: instance.arn,
      region: instance.region,
      createdAt: instance.createdAt,
      endedAt: billedUntil(instance, this.now()),
    }));
  }

  /** The accepted delete calls, oldest first. */
  deletions(): Deletion[] {
    const deletions = this.#world.everCreated.flatMap(({ name, arn, region, deletedAt }) =>
      deletedAt === null ? [] : [{ name, arn, region, at: deletedAt }],
    );
    return deletions.sort((a, b) => a.at - b.at);
  }

  /** Tells of each delete call when it is accepted, before its reply: what stood on the server then can be seen. */
  watchDeletions(watch: (deletion: Deletion) => void): void {
    this.#deletionWatchers.push(watch);
  }

  get timing(): Timing {
    return this.#world.timing;
  }

  // --- what tests steer ------------------------------------------------------------------------------------------

  /** Changes how long things take from now on. What is already under way is not changed. */
  setTiming(timing: Partial<Timing>): void {
    this.#world.timing = { ...this.#world.timing, ...timing };
  }

  /** What becomes of the next boots, in order; one fate for each instance. */
  setNextBoots(fates: readonly BootFate[]): void {
    this.#world.fates.push(...fates);
  }

  /** Takes an instance away without any call, as a failure of AWS's would. False if it is not there. */
  vanish(name: string, region?: string): boolean {
    const view = this.instance(name, region);
    if (view === null) return false;
    this.#changes += 1;
    const { address } = view.instance.power.at(this.now());
    view.instance.power.set(this.now(), {
      state: "gone",
      address,
      isAddressShown: false,
      isUp: false,
    });
    return true;
  }

  /** Gives a running instance another address. Returns the one that it had; null if it does not run. */
  moveAddress(region: string, name: string): string | null {
    this.#changes += 1;
    return moveAddress(this.#world, regionOf(this.#world, region), name);
  }

  /** From now on creates in that zone are refused, or accepted and then failed. */
  closeZone(zone: string, how: "refuse" | "fail" = "refuse"): void {
    this.#world.closedZones.set(zone, how);
  }

  openZone(zone: string): void {
    this.#world.closedZones.delete(zone);
  }

  /** Sets the quota of vCPUs, in one region or in all. */
  setVcpuQuota(vcpus: number, region?: string): void {
    for (const name of region === undefined ? REGIONS.keys() : [region]) {
      regionOf(this.#world, name).vcpuQuota = vcpus;
    }
  }

  vcpuQuota(region: string): number {
    return regionOf(this.#world, region).vcpuQuota;
  }

  addKeyPair(seed: KeyPairSeed): void {
    for (const name of this.#seededRegions(seed))
      addKeyPair(this.#world, regionOf(this.#world, name), seed);
  }

  addSnapshot(seed: SnapshotSeed): void {
    for (const name of this.#seededRegions(seed))
      regionOf(this.#world, name).snapshots.set(seed.name, seed);
  }

  /** Sets or, with null, removes a tag of an EC2 resource, as a person in the console would. */
  setEc2Tag(region: string, resourceId: string, key: string, value: string | null): void {
    const tags = new Map(this.#ec2Tags.of(region, resourceId, this.now()));
    if (value === null) tags.delete(key);
    else tags.set(key, value);
    this.#ec2Tags.set(region, resourceId, tags, this.now());
  }

  #tellOfDeletion(region: string, name: string): void {
    if (this.#deletionWatchers.length === 0) return;
    const deletion = this.deletions().findLast((one) => one.name === name && one.region === region);
    if (deletion === undefined) throw new Error("an accepted delete is on record");
    for (const watch of this.#deletionWatchers) watch(deletion);
  }

  #changePorts(region: string, name: string, change: PortChange): Operation | Refusal {
    this.#changes += 1;
    return changePorts(this.#world, regionOf(this.#world, region), name, change);
  }

  #regionNames(region: string | undefined): string[] {
    return region === undefined ? [...this.#world.regions.keys()] : [region];
  }

  #seededRegions(seed: Seeded): Iterable<string> {
    return seed.region === undefined ? REGIONS.keys() : [seed.region];
  }
}

/** Makes a cloud. Only the clock is needed; see `CloudOptions` for the rest. */
export function createCloud(options: CloudOptions): Cloud {
  return new Cloud(options);
}
