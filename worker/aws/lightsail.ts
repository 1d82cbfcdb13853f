/**
 * The calls of Lightsail that the fleet makes (API 2016-11-28, JSON 1.1). Each is sent once and
 * bears the name of the AWS operation.
 */
import { z } from "zod";
import type { Bundle } from "../../durable/rules/model.ts";
import type { PortRule } from "../../durable/rules/spec.ts";
import type { Action, CloudInstance, Rejection } from "../../durable/rules/world.ts";
import { type Aws, type CallSite, type Reply, callAws } from "./client.ts";
import {
  type Operations,
  type Result,
  classifyFailedOperation,
  readLightsail,
  wordsOfOperation,
} from "./errors.ts";
import { type OddInstance, type ReadInstance, readInstance } from "./instance.ts";

export interface InstancePage {
  readonly instances: readonly CloudInstance[];
  /** Those that cannot be read: anybody's. */
  readonly odd: readonly OddInstance[];
  readonly nextPageToken: string | null;
}

export interface BundlePage {
  readonly bundles: readonly Bundle[];
  readonly nextPageToken: string | null;
}

/** An operation that failed for good, classified as a refusal of its call would be. */
export interface OperationFailure {
  readonly rejection: Rejection;
  readonly code: string;
  readonly message: string;
}

export type CreateAction = Extract<Action, { kind: "create" }>;

/** A page without `instances` is garbled, never an empty fleet: AWS sends `[]` for none. */
const InstancesShape = z
  .object({ instances: z.array(z.unknown()), nextPageToken: z.string().nullish() })
  .transform((wire): InstancePage => {
    const rows = wire.instances.map((row) => readInstance(row));
    return {
      instances: rows.flatMap((row) => (row.kind === "read" ? row.instance : [])),
      odd: rows.flatMap((row) => (row.kind === "odd" ? row : [])),
      nextPageToken: wire.nextPageToken || null,
    };
  });

const BundleShape = z
  .object({ bundleId: z.string().min(1), price: z.number(), cpuCount: z.number() })
  .transform((wire): Bundle => ({
    id: wire.bundleId,
    usdPerMonth: wire.price,
    vcpus: wire.cpuCount,
  }));

/** A bundle without its price or size says nothing that we could count with: it is left out. */
const BundlesShape = z
  .object({
    bundles: z.array(BundleShape.nullable().catch(null)),
    nextPageToken: z.string().nullish(),
  })
  .transform((wire): BundlePage => ({
    bundles: wire.bundles.flatMap((bundle) => bundle ?? []),
    nextPageToken: wire.nextPageToken || null,
  }));

/** The code of an operation that failed without one. */
const OPERATION_FAILED = "OperationFailed";

const OperationShape = z.object({
  id: z.string().nullish(),
  resourceName: z.string().nullish(),
  status: z.string(),
  errorCode: z.string().nullish(),
  errorDetails: z.string().nullish(),
});
const OperationsShape = z.object({ operations: z.array(OperationShape).min(1) });
/** PutInstancePublicPorts answers with one operation, in the singular. */
const SingleOperationShape = z.object({ operation: OperationShape });

/** One page (about 20) of all instances of the account in the region, everybody's. */
export async function getInstances(
  aws: Aws,
  site: CallSite,
  pageToken: string | null,
): Promise<Result<InstancePage>> {
  const request = pageToken === null ? {} : { pageToken };
  return readLightsail(await callLightsail(aws, site, "GetInstances", request), InstancesShape);
}

/** One instance by name; an unknown name is the rejection `notFound`. */
export async function getInstance(
  aws: Aws,
  site: CallSite,
  name: string,
): Promise<Result<ReadInstance>> {
  const reply = await callLightsail(aws, site, "GetInstance", { instanceName: name });
  const shape = z
    .object({ instance: z.looseObject({}) })
    .transform(({ instance }) => readInstance(instance));
  return readLightsail(reply, shape);
}

/** What became of an operation that AWS had accepted; `null` while it has not failed. */
export async function getOperation(
  aws: Aws,
  site: CallSite,
  id: string,
): Promise<Result<OperationFailure | null>> {
  const reply = await callLightsail(aws, site, "GetOperation", { operationId: id });
  const result = readLightsail(reply, SingleOperationShape);
  if (result.kind !== "done") return result;
  const { status, errorCode, errorDetails } = result.value.operation;
  if (status !== "Failed") return { ...result, value: null };
  const code = errorCode ?? OPERATION_FAILED;
  const message = errorDetails ?? "the operation failed";
  const failure = classifyFailedOperation(code, message, reply);
  const kept = wordsOfOperation(message, reply);
  if (failure.kind !== "rejected")
    return { ...result, value: { rejection: "other", code: OPERATION_FAILED, message: kept } };
  const { rejection, code: keptCode } = failure;
  return { ...result, value: { rejection, code: keptCode, message: kept } };
}

/** One page of what AWS sells or has sold in the region: an old bundle still costs what it costs. */
export async function getBundles(
  aws: Aws,
  site: CallSite,
  pageToken: string | null,
): Promise<Result<BundlePage>> {
  const request = { includeInactive: true, ...(pageToken === null ? {} : { pageToken }) };
  return readLightsail(await callLightsail(aws, site, "GetBundles", request), BundlesShape);
}

/** Instances from a blueprint. Lightsail has no client token: the names are what makes it repeatable. */
export async function createInstances(
  aws: Aws,
  site: CallSite,
  wanted: CreateAction,
  blueprint: string,
): Promise<Result<Operations>> {
  const request = { ...creation(wanted), blueprintId: blueprint };
  const reply = await callLightsail(aws, site, "CreateInstances", request, wanted.userData);
  return begun(readLightsail(reply, OperationsShape), reply);
}

/** Instances from a snapshot of one. */
export async function createInstancesFromSnapshot(
  aws: Aws,
  site: CallSite,
  wanted: CreateAction,
  snapshot: string,
): Promise<Result<Operations>> {
  const request = { ...creation(wanted), instanceSnapshotName: snapshot };
  const reply = await callLightsail(
    aws,
    site,
    "CreateInstancesFromSnapshot",
    request,
    wanted.userData,
  );
  return begun(readLightsail(reply, OperationsShape), reply);
}

/** Replaces the whole set of port rules, so it is safe to repeat. */
export async function putInstancePublicPorts(
  aws: Aws,
  site: CallSite,
  name: string,
  ports: readonly PortRule[],
): Promise<Result<null>> {
  const request = { instanceName: name, portInfos: ports.map(toPortInfo) };
  const reply = await callLightsail(aws, site, "PutInstancePublicPorts", request);
  const result = readLightsail(reply, SingleOperationShape);
  if (result.kind !== "done") return result;
  return accepted({ ...result, value: { operations: [result.value.operation] } }, reply);
}

/** Sets tags over those that are there, so it is safe to repeat. */
export async function tagResource(
  aws: Aws,
  site: CallSite,
  name: string,
  arn: string,
  tags: Readonly<Record<string, string>>,
): Promise<Result<null>> {
  const request = { resourceName: name, resourceArn: arn, tags: toTags(tags) };
  const reply = await callLightsail(aws, site, "TagResource", request);
  return accepted(readLightsail(reply, OperationsShape), reply);
}

/** Takes tags off; keys that are not there are no error. */
export async function untagResource(
  aws: Aws,
  site: CallSite,
  name: string,
  arn: string,
  keys: readonly string[],
): Promise<Result<null>> {
  const request = { resourceName: name, resourceArn: arn, tagKeys: keys };
  const reply = await callLightsail(aws, site, "UntagResource", request);
  return accepted(readLightsail(reply, OperationsShape), reply);
}

/**
 * Deletes one instance. With `forceDeleteAddOns`, because an add-on that somebody switched on in the
 * console (automatic snapshots) would otherwise keep the instance alive and billed.
 */
export async function deleteInstance(
  aws: Aws,
  site: CallSite,
  name: string,
): Promise<Result<null>> {
  const request = { instanceName: name, forceDeleteAddOns: true };
  const reply = await callLightsail(aws, site, "DeleteInstance", request);
  return accepted(readLightsail(reply, OperationsShape), reply);
}

/** One call of Lightsail by the name of its operation. */
export function callLightsail(
  aws: Aws,
  site: CallSite,
  operation: string,
  request: object,
  script = "",
) {
  return callAws(aws, site, {
    service: "lightsail",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `Lightsail_20161128.${operation}`,
    },
    body: JSON.stringify(request),
    ...(script === "" ? {} : { script }),
  });
}

function creation(wanted: CreateAction): object {
  return {
    instanceNames: wanted.names,
    availabilityZone: wanted.zone,
    bundleId: wanted.bundle,
    ...(wanted.userData === "" ? {} : { userData: wanted.userData }),
    ...(wanted.keyPair === null ? {} : { keyPairName: wanted.keyPair }),
    tags: toTags(wanted.tags),
  };
}

function toTags(tags: Readonly<Record<string, string>>): object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function toPortInfo(rule: PortRule): object {
  return {
    protocol: rule.protocol,
    fromPort: rule.from,
    toPort: rule.to,
    ...(rule.cidrs === undefined ? {} : { cidrs: rule.cidrs }),
    ...(rule.ipv6Cidrs === undefined ? {} : { ipv6Cidrs: rule.ipv6Cidrs }),
    ...(rule.cidrListAliases === undefined ? {} : { cidrListAliases: rule.cidrListAliases }),
  };
}

/** A create is done when it is accepted; its operations say later whether it has made the servers. */
function begun(result: Result<z.infer<typeof OperationsShape>>, reply: Reply): Result<Operations> {
  const taken = accepted(result, reply);
  if (taken.kind !== "done") return taken;
  if (result.kind !== "done") return result;
  const ids = result.value.operations.flatMap(({ id, resourceName }) =>
    id && resourceName ? [[resourceName, id] as const] : [],
  );
  return { ...taken, value: Object.fromEntries(ids) };
}

/** A change is done when none of its operations failed: HTTP 200 can carry a failed one. */
function accepted(result: Result<z.infer<typeof OperationsShape>>, reply: Reply): Result<null> {
  if (result.kind !== "done") return result;

  const { operations } = result.value;
  const failed = operations.filter((operation) => operation.status === "Failed");
  const [first] = failed;
  if (first === undefined) return { ...result, value: null };

  const message = first.errorDetails ?? "the operation failed";
  if (failed.length < operations.length) {
    const count = `${failed.length} of ${operations.length} operations failed`;
    return { kind: "unknown", message: `${count}: ${wordsOfOperation(message, reply)}` };
  }
  return classifyFailedOperation(first.errorCode ?? OPERATION_FAILED, message, reply);
}
