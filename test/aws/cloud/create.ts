import { BLUEPRINTS, type Blueprint, type Bundle, bundlesOf } from "./catalogue.ts";
import { defaultFirewall } from "./firewall.ts";
import { hex, uuid } from "./ids.ts";
import { existsAt, planBoot, type BootFate, type Instance, type Power } from "./instance.ts";
import type { Operation } from "./operation.ts";
import { USER_DATA_BYTES_MAX } from "./options.ts";
import { isRefusal, refuse, type Refusal } from "./refusal.ts";
import { zonesOf } from "./regions.ts";
import { isAvailableAt } from "./snapshot.ts";
import { withTags, type Tag } from "./tags.ts";
import { Timeline } from "./timeline.ts";
import {
  addOperation,
  forgetLongGone,
  isNameUsed,
  missing,
  takePublicAddress,
  type Region,
  type World,
} from "./world.ts";

/** What a create call asks for; the image is a blueprint or a snapshot's name. */
export interface CreateRequest {
  readonly names: readonly string[];
  readonly zone: string;
  readonly image: { readonly blueprintId: string } | { readonly snapshotName: string };
  readonly bundleId: string;
  readonly userData: string;
  readonly keyPairName: string | null;
  readonly tags: readonly Tag[];
  readonly ipAddressType: "dualstack" | "ipv4" | "ipv6";
}

interface Order {
  readonly blueprint: Blueprint;
  readonly bundle: Bundle;
  readonly tags: readonly Tag[];
  readonly ipAddressType: "dualstack" | "ipv4";
}

const DEFAULT_KEY_PAIR = "LightsailDefaultKeyPair";
const NAME = /^[A-Za-z0-9_.-]{2,255}$/;
const CAPACITY_CODE = "InsufficientInstanceCapacity";

/** How long a create in a zone without capacity stays `Started` before it fails, where it is not refused at once. */
const CAPACITY_FAILURE_MS = 10_000;

/** Makes instances, all or none, with one operation for each name. */
export function createInstances(
  world: World,
  region: Region,
  request: CreateRequest,
): readonly Operation[] | Refusal {
  const order = checkOrder(world, region, request);
  if (isRefusal(order)) return order;
  const refusal =
    checkNames(world, region, request.names) ??
    checkCapacity(world, request.zone) ??
    checkQuota(world, region, order.bundle.cpuCount * request.names.length);
  if (refusal !== null) return refusal;
  forgetLongGone(world, region);
  return request.names.map((name) => createOne(world, region, request, order, name));
}

function checkOrder(world: World, region: Region, request: CreateRequest): Order | Refusal {
  if (!zonesOf(region.name).includes(request.zone)) {
    return refuse(
      "InvalidInputException",
      `The availability zone ${request.zone} does not exist in ${region.name}.`,
    );
  }
  const image = findImage(world, region, request.image);
  if (isRefusal(image)) return image;
  const bundle = bundlesOf(region.name).find(
    (bundle) => bundle.id === request.bundleId && bundle.isActive,
  );
  if (bundle === undefined)
    return refuse("InvalidInputException", `The bundle ${request.bundleId} is not available.`);
  if (bundle.diskGb < image.diskGb || bundle.power < image.blueprint.minPower) {
    return refuse("InvalidInputException", `The bundle ${bundle.id} is too small for this image.`);
  }
  if (request.ipAddressType === "ipv6") {
    return refuse(
      "InvalidInputException",
      `The bundle ${bundle.id} does not support the IP address type ipv6.`,
    );
  }
  const keyPair = request.keyPairName;
  if (keyPair !== null && keyPair !== DEFAULT_KEY_PAIR && !region.keyPairs.has(keyPair))
    return missing("KeyPair", keyPair);
  if (new TextEncoder().encode(request.userData).length > USER_DATA_BYTES_MAX) {
    return refuse("InvalidInputException", `User data is limited to ${USER_DATA_BYTES_MAX} bytes.`);
  }
  const tags = withTags([], request.tags);
  if (isRefusal(tags)) return tags;
  return { blueprint: image.blueprint, bundle, tags, ipAddressType: request.ipAddressType };
}

function findImage(
  world: World,
  region: Region,
  image: CreateRequest["image"],
): { blueprint: Blueprint; diskGb: number } | Refusal {
  const snapshot = "snapshotName" in image ? region.snapshots.get(image.snapshotName) : null;
  if (snapshot === undefined && "snapshotName" in image)
    return missing("InstanceSnapshot", image.snapshotName);
  if (snapshot !== null && snapshot !== undefined && !isAvailableAt(snapshot, world.now()))
    return refuse(
      "OperationFailureException",
      `The InstanceSnapshot ${snapshot.name} is in the pending state.`,
    );
  const blueprintId = "blueprintId" in image ? image.blueprintId : snapshot?.blueprintId;
  const blueprint = BLUEPRINTS.find((blueprint) => blueprint.id === blueprintId);
  // An image that was withdrawn still boots from a snapshot.
  if (blueprint === undefined || ("blueprintId" in image && !blueprint.isActive)) {
    return refuse("InvalidInputException", `The blueprint ${blueprintId} is not available.`);
  }
  return { blueprint, diskGb: snapshot?.sizeGb ?? 0 };
}

function checkNames(world: World, region: Region, names: readonly string[]): Refusal | null {
  if (names.length === 0)
    return refuse("InvalidInputException", "At least one instance name is needed.");
  const { namesPerCreate = Infinity } = world.options;
  if (names.length > namesPerCreate) {
    // Type and wording are ours: AWS documents no bound, and we could not see one.
    const rule = `The number of instance names must be at most ${namesPerCreate}, but is ${names.length}.`;
    return refuse("InvalidInputException", rule);
  }
  if (!names.every((name) => NAME.test(name))) {
    // The wording that the real service gives (terraform-provider-aws, pull request 8647).
    const rule =
      "Resource names must be at least 2 characters long and contain only alphanumerics, -, _, and .";
    return refuse("InvalidInputException", rule);
  }
  const used = names.filter(
    (name, index) => isNameUsed(world, region, name) || names.indexOf(name) !== index,
  );
  // The wording is reported by several clients; so is that nothing of the call is carried out.
  return used.length === 0
    ? null
    : refuse("InvalidInputException", `Some names are already in use: ${used.join(", ")}`);
}

function checkCapacity(world: World, zone: string): Refusal | null {
  if (world.closedZones.get(zone) !== "refuse") return null;
  return refuse(world.options.capacityError ?? "OperationFailureException", capacityMessage(zone));
}

function capacityMessage(zone: string): string {
  return `There is insufficient capacity for the requested bundle in the Availability Zone ${zone}.`;
}

function checkQuota(world: World, region: Region, wantedVcpus: number): Refusal | null {
  const now = world.now();
  const used = region.instances
    .filter((instance) => existsAt(instance, now))
    .reduce((sum, i) => sum + i.bundle.cpuCount, 0);
  if (used + wantedVcpus <= region.vcpuQuota) return null;
  // The wording is reported in pullpreview/action #105; its error type is not.
  const message = "Sorry, you've reached the maximum number of instances for your account.";
  return refuse(world.options.quotaError ?? "InvalidInputException", message);
}

function createOne(
  world: World,
  region: Region,
  request: CreateRequest,
  order: Order,
  name: string,
): Operation {
  const now = world.now();
  const address = takePublicAddress(world);
  const power = new Timeline<Power>(now, {
    state: "pending",
    address,
    isAddressShown: false,
    isUp: false,
  });
  const boot = planBoot(
    power,
    address,
    now,
    world.timing,
    drawJitterMs(world),
    drawFate(world, request.zone),
  );
  const instance: Instance = {
    seq: world.nextSeq++,
    name,
    region: region.name,
    zone: request.zone,
    arn: `arn:aws:lightsail:${region.name}:${world.accountId}:Instance/${uuid(world.random)}`,
    supportCode: `${world.accountId}/i-${hex(world.random, 17)}`,
    createdAt: now,
    blueprint: order.blueprint,
    bundle: order.bundle,
    userData: request.userData,
    keyPair: request.keyPairName ?? DEFAULT_KEY_PAIR,
    ipAddressType: order.ipAddressType,
    privateIp: world.privateAddresses.take(() => false),
    ipv6Addresses: order.ipAddressType === "dualstack" ? [drawIpv6(world)] : [],
    power,
    tags: new Timeline(now, order.tags),
    firewall: new Timeline(now, defaultFirewall(order.blueprint)),
    deletedAt: null,
  };
  region.instances.push(instance);
  region.byName.set(name, instance);
  world.everCreated.push(instance);
  world.addressesInUse.set(address, instance);
  const type = "snapshotName" in request.image ? "CreateInstancesFromSnapshot" : "CreateInstance";
  return addOperation(world, region, { name, zone: request.zone, type }, boot);
}

function drawFate(world: World, zone: string): BootFate {
  if (world.closedZones.get(zone) === "fail") {
    return {
      kind: "fails",
      afterMs: CAPACITY_FAILURE_MS,
      code: CAPACITY_CODE,
      details: capacityMessage(zone),
    };
  }
  return world.fates.shift() ?? { kind: "boots" };
}

/** What this boot takes longer than the configured time. */
export function drawJitterMs(world: World): number {
  return world.timing.bootJitterMs > 0 ? world.random() % (world.timing.bootJitterMs + 1) : 0;
}

/** An address of the documentation prefix, written as the model's `Ipv6Address` demands: eight full groups. */
function drawIpv6(world: World): string {
  const groups = Array.from({ length: 6 }, () =>
    (world.random() & 0xffff).toString(16).toUpperCase(),
  );
  return ["2001", "DB8", ...groups].join(":");
}
