import type { Operation } from "../cloud/operation.ts";
import { isRefusal, refuse, type Refusal } from "../cloud/refusal.ts";
import type { LightsailCall } from "./call.ts";
import { type JsonObject, renderOperation } from "./render.ts";
import * as requests from "./requests.ts";

type Answer = JsonObject | Refusal;

export function createInstances({ cloud, region, input }: LightsailCall): Answer {
  const request = requests.CreateInstances.parse(input);
  const { blueprintId } = request;
  return answerAll(
    cloud.now(),
    cloud.createInstances(region, { ...orderOf(request), image: { blueprintId } }),
  );
}

export function createInstancesFromSnapshot({ cloud, region, input }: LightsailCall): Answer {
  const request = requests.CreateInstancesFromSnapshot.parse(input);
  const { instanceSnapshotName, sourceInstanceName } = request;
  if ((instanceSnapshotName === undefined) === (sourceInstanceName === undefined)) {
    return refuse(
      "InvalidInputException",
      "Give either instanceSnapshotName or sourceInstanceName.",
    );
  }
  if (instanceSnapshotName === undefined) {
    return refuse(
      "NotFoundException",
      `There are no automatic snapshots of ${sourceInstanceName}.`,
    );
  }
  const order = { ...orderOf(request), image: { snapshotName: instanceSnapshotName } };
  return answerAll(cloud.now(), cloud.createInstances(region, order));
}

export function createInstanceSnapshot(call: LightsailCall): Answer {
  const { instanceSnapshotName: name, instanceName, tags } = requests.NewSnapshot.parse(call.input);
  return answerList(call, call.cloud.createSnapshot(call.region, { name, instanceName, tags }));
}

export function deleteInstance(call: LightsailCall): Answer {
  return answerList(call, call.cloud.deleteInstance(call.region, instanceName(call)));
}

export function startInstance(call: LightsailCall): Answer {
  return answerList(call, call.cloud.startInstance(call.region, instanceName(call)));
}

export function stopInstance(call: LightsailCall): Answer {
  return answerList(call, call.cloud.stopInstance(call.region, instanceName(call)));
}

export function rebootInstance(call: LightsailCall): Answer {
  return answerList(call, call.cloud.rebootInstance(call.region, instanceName(call)));
}

export function putPorts(call: LightsailCall): Answer {
  const { instanceName, portInfos } = requests.PutPorts.parse(call.input);
  return answerOne(call, call.cloud.putPorts(call.region, instanceName, portInfos));
}

export function openPort(call: LightsailCall): Answer {
  const { instanceName, portInfo } = requests.OnePort.parse(call.input);
  return answerOne(call, call.cloud.openPort(call.region, instanceName, portInfo));
}

export function closePort(call: LightsailCall): Answer {
  const { instanceName, portInfo } = requests.OnePort.parse(call.input);
  return answerOne(call, call.cloud.closePort(call.region, instanceName, portInfo));
}

export function tagResource(call: LightsailCall): Answer {
  const { resourceName, resourceArn, tags } = requests.SetTags.parse(call.input);
  const fault = faultOfArn(call, resourceName, resourceArn);
  if (fault !== null) return fault;
  return answerList(call, call.cloud.tagResource(call.region, resourceName, tags));
}

export function untagResource(call: LightsailCall): Answer {
  const { resourceName, resourceArn, tagKeys } = requests.RemoveTags.parse(call.input);
  const fault = faultOfArn(call, resourceName, resourceArn);
  if (fault !== null) return fault;
  return answerList(call, call.cloud.untagResource(call.region, resourceName, tagKeys));
}

/** What AWS does where name and ARN speak of two resources is not known; here it touches neither. */
function faultOfArn(
  { cloud, region }: LightsailCall,
  name: string,
  arn: string | undefined,
): Refusal | null {
  if (arn === undefined) return null;
  const view = cloud.find(region, name);
  const ofInstance = isRefusal(view) ? null : view.instance.arn;
  const arns = [ofInstance, cloud.keyPair(region, name)?.arn ?? null];
  if (arns.includes(arn) || arns.every((other) => other === null)) return null;
  return refuse("InvalidInputException", `The resource ${name} does not have the ARN ${arn}.`);
}

function orderOf(
  request: ReturnType<typeof requests.CreateInstancesFromSnapshot.parse> | CreateInput,
) {
  return {
    names: request.instanceNames,
    zone: request.availabilityZone,
    bundleId: request.bundleId,
    userData: request.userData ?? "",
    keyPairName: request.keyPairName ?? null,
    tags: request.tags,
    ipAddressType: request.ipAddressType,
  };
}

type CreateInput = ReturnType<typeof requests.CreateInstances.parse>;

function instanceName({ input }: LightsailCall): string {
  return requests.OneInstance.parse(input).instanceName;
}

function answerAll(now: number, operations: readonly Operation[] | Refusal): Answer {
  if (isRefusal(operations)) return operations;
  return { operations: operations.map((operation) => renderOperation(operation, now)) };
}

function answerList({ cloud }: LightsailCall, operation: Operation | Refusal): Answer {
  return answerAll(cloud.now(), isRefusal(operation) ? operation : [operation]);
}

/** The port calls answer with one operation, not with a list. */
function answerOne({ cloud }: LightsailCall, operation: Operation | Refusal): Answer {
  return isRefusal(operation) ? operation : { operation: renderOperation(operation, cloud.now()) };
}
