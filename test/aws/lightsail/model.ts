import { z } from "zod";
import json from "../models/lightsail.json" with { type: "json" };
import { refuse, type Refusal } from "../cloud/refusal.ts";

const ShapeSchema = z.object({
  type: z.enum([
    "structure",
    "list",
    "map",
    "string",
    "integer",
    "float",
    "double",
    "boolean",
    "timestamp",
  ]),
  required: z.array(z.string()).optional(),
  members: z.record(z.string(), z.object({ shape: z.string() })).optional(),
  member: z.object({ shape: z.string() }).optional(),
  key: z.object({ shape: z.string() }).optional(),
  value: z.object({ shape: z.string() }).optional(),
  enum: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  error: z.object({ httpStatusCode: z.number() }).optional(),
});

const ModelSchema = z.object({
  metadata: z.object({ targetPrefix: z.string() }),
  operations: z.record(
    z.string(),
    z.object({ input: z.object({ shape: z.string() }), output: z.object({ shape: z.string() }) }),
  ),
  shapes: z.record(z.string(), ShapeSchema),
});

export type Shape = z.infer<typeof ShapeSchema>;

const model = ModelSchema.parse(json);

/** Before the dot in `X-Amz-Target`. */
export const TARGET_PREFIX = model.metadata.targetPrefix;

/** Operations that the trimmed model lacks: their shapes are written here from the SDK's types. */
const ADDED: Readonly<Record<string, { input: string; output: string } | undefined>> = {
  GetKeyPair: { input: "GetKeyPairRequest", output: "GetKeyPairResult" },
  GetInstanceSnapshot: {
    input: "GetInstanceSnapshotRequest",
    output: "GetInstanceSnapshotResult",
  },
  GetKeyPairs: { input: "GetKeyPairsRequest", output: "GetKeyPairsResult" },
  GetInstanceSnapshots: {
    input: "GetInstanceSnapshotsRequest",
    output: "GetInstanceSnapshotsResult",
  },
  CreateInstanceSnapshot: {
    input: "CreateInstanceSnapshotRequest",
    output: "CreateInstanceSnapshotResult",
  },
};

/** Shapes of the model, and those of the operations that it lacks. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  ...model.shapes,
  // The model allows fewer characters than the service does: names with a dot pass there.
  ResourceName: { type: "string", pattern: "[\\w.][\\w.\\-]*[\\w.\\-]" },
  GetKeyPairRequest: {
    type: "structure",
    required: ["keyPairName"],
    members: { keyPairName: { shape: "ResourceName" } },
  },
  GetKeyPairResult: { type: "structure", members: { keyPair: { shape: "KeyPair" } } },
  GetInstanceSnapshotRequest: {
    type: "structure",
    required: ["instanceSnapshotName"],
    members: { instanceSnapshotName: { shape: "ResourceName" } },
  },
  GetInstanceSnapshotResult: {
    type: "structure",
    members: { instanceSnapshot: { shape: "InstanceSnapshot" } },
  },
  GetKeyPairsRequest: {
    type: "structure",
    members: { pageToken: { shape: "string" }, includeDefaultKeyPair: { shape: "boolean" } },
  },
  GetKeyPairsResult: {
    type: "structure",
    members: { keyPairs: { shape: "KeyPairList" }, nextPageToken: { shape: "string" } },
  },
  KeyPairList: { type: "list", member: { shape: "KeyPair" } },
  GetInstanceSnapshotsRequest: {
    type: "structure",
    members: { pageToken: { shape: "string" } },
  },
  GetInstanceSnapshotsResult: {
    type: "structure",
    members: {
      instanceSnapshots: { shape: "InstanceSnapshotList" },
      nextPageToken: { shape: "string" },
    },
  },
  InstanceSnapshotList: { type: "list", member: { shape: "InstanceSnapshot" } },
  CreateInstanceSnapshotRequest: {
    type: "structure",
    required: ["instanceSnapshotName", "instanceName"],
    members: {
      instanceSnapshotName: { shape: "ResourceName" },
      instanceName: { shape: "ResourceName" },
      tags: { shape: "TagList" },
    },
  },
  CreateInstanceSnapshotResult: {
    type: "structure",
    members: { operations: { shape: "OperationList" } },
  },
  InstanceSnapshot: {
    type: "structure",
    members: {
      name: { shape: "ResourceName" },
      arn: { shape: "NonEmptyString" },
      supportCode: { shape: "string" },
      createdAt: { shape: "IsoDate" },
      fromInstanceName: { shape: "string" },
      fromInstanceArn: { shape: "string" },
      fromBundleId: { shape: "string" },
      location: { shape: "ResourceLocation" },
      resourceType: { shape: "ResourceType" },
      tags: { shape: "TagList" },
      state: { shape: "string" },
      progress: { shape: "string" },
      fromBlueprintId: { shape: "string" },
      isFromAutoSnapshot: { shape: "boolean" },
      sizeInGb: { shape: "integer" },
    },
  },
  KeyPair: {
    type: "structure",
    members: {
      name: { shape: "ResourceName" },
      arn: { shape: "NonEmptyString" },
      supportCode: { shape: "string" },
      createdAt: { shape: "IsoDate" },
      location: { shape: "ResourceLocation" },
      resourceType: { shape: "ResourceType" },
      tags: { shape: "TagList" },
      fingerprint: { shape: "string" },
    },
  },
};

/** The request or reply shape of an operation. */
export function shapeOf(operation: string, direction: "input" | "output"): string {
  const shape = ADDED[operation]?.[direction] ?? model.operations[operation]?.[direction].shape;
  if (shape === undefined) throw new Error(`the model has no operation ${operation}`);
  return shape;
}

interface Complaint {
  readonly kind: "type" | "constraint";
  readonly text: string;
}

/**
 * Checks a request against the model, as AWS's front door does: required members, types, patterns, enums and bounds.
 * Unknown members are ignored. The wording is that of AWS's common validation (unverified for Lightsail).
 */
export function validateRequest(operation: string, input: unknown): Refusal | null {
  const complaints = check(shapeOf(operation, "input"), input, "");
  const wrongType = complaints.find((complaint) => complaint.kind === "type");
  if (wrongType !== undefined) return refuse("SerializationException", wrongType.text);
  if (complaints.length === 0) return null;
  const plural = complaints.length === 1 ? "error" : "errors";
  const texts = complaints.map((complaint) => complaint.text).join("; ");
  return refuse(
    "InvalidInputException",
    `${complaints.length} validation ${plural} detected: ${texts}`,
  );
}

function check(shapeName: string, value: unknown, path: string): Complaint[] {
  const shape = SHAPES[shapeName];
  if (shape === undefined) throw new Error(`the model has no shape ${shapeName}`);
  return CHECKS[shape.type](shape, value, path);
}

type Check = (shape: Shape, value: unknown, path: string) => Complaint[];

const CHECKS: Record<Shape["type"], Check> = {
  structure: checkStructure,
  list: checkList,
  map: checkMap,
  string: (shape, value, path) =>
    typeof value === "string" ? checkString(shape, value, path) : [wrongType(path, "string")],
  integer: (shape, value, path) =>
    Number.isInteger(value)
      ? checkBounds(shape, Number(value), path)
      : [wrongType(path, "integer")],
  float: checkNumber,
  double: checkNumber,
  timestamp: checkNumber,
  boolean: (_shape, value, path) =>
    typeof value === "boolean" ? [] : [wrongType(path, "boolean")],
};

function checkNumber({ type }: Shape, value: unknown, path: string): Complaint[] {
  return typeof value === "number" ? [] : [wrongType(path, type)];
}

function checkList({ member }: Shape, value: unknown, path: string): Complaint[] {
  if (!Array.isArray(value)) return [wrongType(path, "list")];
  return value.flatMap((item, index) =>
    check(member?.shape ?? "", item, `${path}.${index + 1}.member`),
  );
}

function checkMap(shape: Shape, value: unknown, path: string): Complaint[] {
  if (!isRecord(value)) return [wrongType(path, "map")];
  return Object.entries(value).flatMap(([key, item]) =>
    check(shape.value?.shape ?? "", item, `${path}.${key}`),
  );
}

function checkStructure(shape: Shape, value: unknown, path: string): Complaint[] {
  if (!isRecord(value)) return [wrongType(path, "structure")];
  return Object.entries(shape.members ?? {}).flatMap(([name, member]) => {
    const at = path === "" ? name : `${path}.${name}`;
    const item = value[name];
    if (item !== undefined && item !== null) return check(member.shape, item, at);
    return shape.required?.includes(name) ? [broken("null", at, "Member must not be null")] : [];
  });
}

function checkString(shape: Shape, value: string, path: string): Complaint[] {
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    return [broken(value, path, `Member must satisfy enum value set: [${shape.enum.join(", ")}]`)];
  }
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, "us").test(value)) {
    return [
      broken(value, path, `Member must satisfy regular expression pattern: ${shape.pattern}`),
    ];
  }
  return [];
}

function checkBounds({ min, max }: Shape, value: number, path: string): Complaint[] {
  if (min !== undefined && value < min) {
    return [broken(String(value), path, `Member must have value greater than or equal to ${min}`)];
  }
  if (max !== undefined && value > max) {
    return [broken(String(value), path, `Member must have value less than or equal to ${max}`)];
  }
  return [];
}

function broken(value: string, path: string, rule: string): Complaint {
  const shown = value === "null" ? "null" : `'${value}'`;
  return {
    kind: "constraint",
    text: `Value ${shown} at '${path}' failed to satisfy constraint: ${rule}`,
  };
}

function wrongType(path: string, type: string): Complaint {
  return { kind: "type", text: `${path === "" ? "The request" : path} is not of type ${type}` };
}

/** Whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
