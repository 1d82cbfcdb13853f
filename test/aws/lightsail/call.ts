import type { Cloud } from "../cloud/cloud.ts";
import { isRefusal, refuse, type Refusal } from "../cloud/refusal.ts";
import { isRecord, validateRequest } from "./model.ts";
import { readPageToken } from "./page.ts";
import * as reads from "./reads.ts";
import type { JsonObject } from "./render.ts";
import * as writes from "./writes.ts";

/** One call of Lightsail's, already parsed. `asOf` is set when a stale view is to be served. */
export interface LightsailCall {
  readonly cloud: Cloud;
  readonly region: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly asOf: number | undefined;
}

/** Calls of one lane share a token bucket. */
export type LightsailLane = "list" | "create" | "ports" | "delete" | "tags" | "other";

interface Handler {
  readonly lane: LightsailLane;
  readonly answer: (call: LightsailCall) => JsonObject | Refusal;
}

const OPERATIONS = {
  CreateInstances: { lane: "create", answer: writes.createInstances },
  CreateInstancesFromSnapshot: { lane: "create", answer: writes.createInstancesFromSnapshot },
  GetInstance: { lane: "list", answer: reads.getInstance },
  GetInstances: { lane: "list", answer: reads.getInstances },
  GetInstanceState: { lane: "list", answer: reads.getInstanceState },
  DeleteInstance: { lane: "delete", answer: writes.deleteInstance },
  StartInstance: { lane: "other", answer: writes.startInstance },
  StopInstance: { lane: "other", answer: writes.stopInstance },
  RebootInstance: { lane: "other", answer: writes.rebootInstance },
  PutInstancePublicPorts: { lane: "ports", answer: writes.putPorts },
  OpenInstancePublicPorts: { lane: "ports", answer: writes.openPort },
  CloseInstancePublicPorts: { lane: "ports", answer: writes.closePort },
  GetInstancePortStates: { lane: "list", answer: reads.getInstancePortStates },
  TagResource: { lane: "tags", answer: writes.tagResource },
  UntagResource: { lane: "tags", answer: writes.untagResource },
  GetOperation: { lane: "list", answer: reads.getOperation },
  GetOperations: { lane: "list", answer: reads.getOperations },
  GetOperationsForResource: { lane: "list", answer: reads.getOperationsForResource },
  GetBundles: { lane: "list", answer: reads.getBundles },
  GetBlueprints: { lane: "list", answer: reads.getBlueprints },
  GetRegions: { lane: "list", answer: reads.getRegions },
  GetInstanceSnapshot: { lane: "list", answer: reads.getInstanceSnapshot },
  GetInstanceSnapshots: { lane: "list", answer: reads.getInstanceSnapshots },
  CreateInstanceSnapshot: { lane: "create", answer: writes.createInstanceSnapshot },
  GetKeyPair: { lane: "list", answer: reads.getKeyPair },
  GetKeyPairs: { lane: "list", answer: reads.getKeyPairs },
} as const satisfies Record<string, Handler>;

export type LightsailOperation = keyof typeof OPERATIONS;

/** The operations that are modelled. */
export const LIGHTSAIL_OPERATIONS: readonly string[] = Object.keys(OPERATIONS);

/** Whether a name is one of the modelled operations. */
export function isLightsailOperation(name: string): name is LightsailOperation {
  return Object.hasOwn(OPERATIONS, name);
}

/** The lane whose bucket a call draws from. */
export function laneOf(operation: LightsailOperation): LightsailLane {
  return OPERATIONS[operation].lane;
}

/** Carries a call out: checks it against the model, then answers with the reply's body or the refusal. */
export function callLightsail(
  cloud: Cloud,
  region: string,
  operation: LightsailOperation,
  input: unknown,
  asOf?: number,
): JsonObject | Refusal {
  const refusal = validateRequest(operation, input);
  if (refusal !== null) return refusal;
  if (!isRecord(input))
    return refuse("SerializationException", "The request is not of type structure");
  return OPERATIONS[operation].answer({ cloud, region, input, asOf });
}

/** What a call is about, for faults and records: the names it gives, and the page it asks for. */
export function subjectOf(
  operation: LightsailOperation,
  input: unknown,
): { resources: string[]; page: number } {
  if (!isRecord(input)) return { resources: [], page: 1 };
  const named = [
    input["instanceName"],
    input["resourceName"],
    input["keyPairName"],
    input["instanceSnapshotName"],
    input["operationId"],
  ];
  const listed: unknown[] = Array.isArray(input["instanceNames"]) ? input["instanceNames"] : [];
  const token = input["pageToken"];
  const start = readPageToken(operation, typeof token === "string" ? token : undefined);
  return {
    resources: [...named, ...listed].filter((name) => typeof name === "string"),
    page: isRefusal(start) ? 1 : start.page,
  };
}
