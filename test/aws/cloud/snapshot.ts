import type { Operation } from "./operation.ts";
import type { SnapshotSeed } from "./options.ts";
import { isRefusal, refuse, type Refusal } from "./refusal.ts";
import { withTags, type Tag } from "./tags.ts";
import { addOperation, findInstance, isNameUsed, type Region, type World } from "./world.ts";

/** A snapshot that a seed brought, or one that a call has made of an instance. */
export interface Snapshot extends SnapshotSeed {
  readonly made?: {
    readonly arn: string;
    readonly supportCode: string;
    readonly createdAt: number;
    /** Until then it is pending, and no instance can be made of it. */
    readonly availableAt: number;
    readonly of: { readonly name: string; readonly arn: string; readonly bundleId: string };
    readonly tags: readonly Tag[];
  };
}

export interface SnapshotRequest {
  readonly name: string;
  readonly instanceName: string;
  readonly tags: readonly Tag[];
}

export function isAvailableAt({ made }: Snapshot, at: number): boolean {
  return made === undefined || at >= made.availableAt;
}

/** Begins to take a snapshot of an instance that runs or is stopped. */
export function createSnapshot(
  world: World,
  region: Region,
  { name, instanceName, tags: wanted }: SnapshotRequest,
): Operation | Refusal {
  const instance = findInstance(world, region, instanceName);
  if (isRefusal(instance)) return instance;
  if (isNameUsed(world, region, name))
    return refuse("InvalidInputException", `Some names are already in use: ${name}`);
  const now = world.now();
  const { state } = instance.power.at(now);
  if (state !== "running" && state !== "stopped")
    return refuse(
      "OperationFailureException",
      `You can't create a snapshot of ${instanceName} while it is ${state}.`,
    );
  const tags = withTags([], wanted);
  if (isRefusal(tags)) return tags;
  const availableAt = now + world.timing.snapshotMs;
  const about = {
    name,
    zone: "all",
    type: "CreateInstanceSnapshot",
    kind: "InstanceSnapshot",
  } as const;
  const operation = addOperation(world, region, about, {
    details: instanceName,
    endsAt: availableAt,
  });
  region.snapshots.set(name, {
    name,
    blueprintId: instance.blueprint.id,
    sizeGb: instance.bundle.diskGb,
    made: {
      arn: `arn:aws:lightsail:${region.name}:${world.accountId}:InstanceSnapshot/${operation.id}`,
      supportCode: `${world.accountId}/${name}`,
      createdAt: now,
      availableAt,
      of: { name: instance.name, arn: instance.arn, bundleId: instance.bundle.id },
      tags,
    },
  });
  return operation;
}
