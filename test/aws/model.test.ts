import { GetDisksCommand } from "@aws-sdk/client-lightsail";
import { expect, test } from "vitest";
import { createCloud } from "./cloud/cloud.ts";
import { isRefusal } from "./cloud/refusal.ts";
import { callLightsail, LIGHTSAIL_OPERATIONS, type LightsailOperation } from "./lightsail/call.ts";
import { SHAPES, shapeOf, validateRequest } from "./lightsail/model.ts";
import { anInstance, BOOTED_MS, handClock, REGION, startAws } from "./rig.ts";

const named = { instanceName: "media-1" };
const tagged = { resourceName: "media-1" };
const portInfo = { protocol: "tcp", fromPort: 443, toPort: 443 };

/** One good request for each operation, in an order in which all of them succeed. */
const REQUESTS: Record<LightsailOperation, (operationId: string) => unknown> = {
  GetRegions: () => ({ includeAvailabilityZones: true }),
  GetBundles: () => ({ includeInactive: true }),
  GetBlueprints: () => ({}),
  GetKeyPair: () => ({ keyPairName: "ops" }),
  GetKeyPairs: () => ({ includeDefaultKeyPair: true }),
  GetInstanceSnapshots: () => ({}),
  CreateInstanceSnapshot: () => ({ ...named, instanceSnapshotName: "new-snap" }),
  GetInstanceSnapshot: () => ({ instanceSnapshotName: "snap" }),
  GetInstance: () => named,
  GetInstances: () => ({}),
  GetInstanceState: () => named,
  GetInstancePortStates: () => named,
  GetOperation: (operationId) => ({ operationId }),
  GetOperations: () => ({}),
  GetOperationsForResource: () => tagged,
  TagResource: () => ({ ...tagged, tags: [{ key: "a", value: "1" }] }),
  UntagResource: () => ({ ...tagged, tagKeys: ["a"] }),
  PutInstancePublicPorts: () => ({ ...named, portInfos: [portInfo] }),
  OpenInstancePublicPorts: () => ({ ...named, portInfo }),
  CloseInstancePublicPorts: () => ({ ...named, portInfo }),
  RebootInstance: () => named,
  StopInstance: () => named,
  StartInstance: () => ({ instanceName: "media-stopped" }),
  DeleteInstance: () => named,
  CreateInstances: () => anInstance("media-2"),
  CreateInstancesFromSnapshot: () => {
    const { blueprintId: _none, ...rest } = anInstance("media-3");
    return { ...rest, instanceSnapshotName: "snap" };
  },
};

/** Members of a reply that the model does not have, or whose type is another there. */
function strangers(shapeName: string, value: unknown, path: string): string[] {
  const shape = SHAPES[shapeName];
  if (shape?.type === "list" && Array.isArray(value)) {
    return value.flatMap((item, index) =>
      strangers(shape.member?.shape ?? "", item, `${path}[${index}]`),
    );
  }
  if (shape?.type === "structure" && typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, item]) => {
      const member = shape.members?.[name];
      return member === undefined
        ? [`${path}.${name}`]
        : strangers(member.shape, item, `${path}.${name}`);
    });
  }
  const types = {
    string: "string",
    boolean: "boolean",
    integer: "number",
    float: "number",
    timestamp: "number",
  };
  const expected = Object.entries(types).find(([type]) => type === shape?.type)?.[1];
  const isEnumMember = shape?.enum === undefined || shape.enum.includes(String(value));
  return typeof value === expected && isEnumMember ? [] : [`${path} = ${JSON.stringify(value)}`];
}

test.each(LIGHTSAIL_OPERATIONS)(
  "the reply of %s has the members, types and enums of the model, and no others",
  (name) => {
    const clock = handClock();
    const seeds = {
      keyPairs: [{ name: "ops" }],
      snapshots: [{ name: "snap", blueprintId: "debian_12", sizeGb: 20 }],
    };
    const cloud = createCloud({ now: clock.now, ...seeds });
    callLightsail(cloud, REGION, "CreateInstances", {
      ...anInstance("media-1", "media-stopped"),
      tags: [{ key: "t" }],
    });
    clock.advance(BOOTED_MS);
    cloud.stopInstance(REGION, "media-stopped");
    clock.advance(BOOTED_MS);
    const operation = name as LightsailOperation;
    const operationId = cloud.operations(REGION).all()[0]?.id ?? "";

    const reply = callLightsail(cloud, REGION, operation, REQUESTS[operation](operationId));

    if (isRefusal(reply)) throw new Error(`${name} was refused: ${reply.message}`);
    const body: unknown = JSON.parse(JSON.stringify(reply));
    // accessType: the real service writes `public` or `Public`; ours keeps to the model.
    expect(strangers(shapeOf(name, "output"), body, name)).toEqual([]);
    expect(Object.keys(reply)).not.toHaveLength(0);
  },
);

test.each<[string, LightsailOperation, unknown, string]>([
  [
    "a missing member",
    "GetInstance",
    {},
    "Value null at 'instanceName' failed to satisfy constraint: Member must not be null",
  ],
  ["a member that is null", "GetInstance", { instanceName: null }, "Member must not be null"],
  [
    "a name of one character",
    "GetInstance",
    { instanceName: "x" },
    "Member must satisfy regular expression pattern",
  ],
  [
    "an enum's stranger",
    "PutInstancePublicPorts",
    { ...named, portInfos: [{ protocol: "sctp" }] },
    "Member must satisfy enum value set: [tcp, all, udp, icmp, icmpv6]",
  ],
  [
    "a number out of bounds",
    "OpenInstancePublicPorts",
    { ...named, portInfo: { fromPort: 65_536 } },
    "less than or equal to 65535",
  ],
  ["a blank text", "GetOperation", { operationId: " " }, "Value ' ' at 'operationId'"],
  ["two faults at once", "PutInstancePublicPorts", {}, "2 validation errors detected"],
])("%s is refused with InvalidInputException", (_what, operation, input, message) => {
  const refusal = validateRequest(operation, input);

  expect(refusal?.refused).toBe("InvalidInputException");
  expect(refusal?.message).toContain(message);
});

test.each<[string, LightsailOperation, unknown]>([
  ["a text", "GetInstance", { instanceName: 7 }],
  ["a list", "CreateInstances", { ...anInstance("a"), instanceNames: "media-1" }],
  ["a whole number", "OpenInstancePublicPorts", { ...named, portInfo: { fromPort: 1.5 } }],
  ["a flag", "GetBundles", { includeInactive: "yes" }],
  ["a structure", "GetInstances", []],
])(
  "what should be %s and is not, is refused with SerializationException",
  (_what, operation, input) => {
    expect(validateRequest(operation, input)).toMatchObject({ refused: "SerializationException" });
  },
);

test("members that the model does not know are ignored, and names may hold a dot", () => {
  expect(validateRequest("GetInstance", { instanceName: "media.1", colour: "red" })).toBeNull();
});

test("an operation that the embedded AWS lacks is answered with its name and where the gaps are listed", async () => {
  const { lightsail } = await startAws();

  const asked = lightsail.send(new GetDisksCommand({}));

  const words = /does not have GetDisks.*test\/aws\/README\.md, "Gaps"/u;
  await expect(asked).rejects.toThrow(words);
  await expect(asked).rejects.toMatchObject({ name: "UnknownOperationException" });
});

test("an operation that is not modelled is unknown, and so is one of another service's", async () => {
  const { wire } = await startAws();
  const target = (name: string) => ({
    method: "POST",
    path: "/",
    headers: { "x-amz-target": name },
    body: "{}",
  });

  wire.handle(target("Lightsail_20161128.CreateDisk"));
  wire.handle(target("DynamoDB_20120810.ListTables"));

  // Unsigned as they are, they get no further than the door; but the record shows what was asked.
  expect(wire.calls.list().map((call) => [call.op, call.outcome])).toEqual([
    ["CreateDisk", "MissingAuthenticationTokenException"],
    ["ListTables", "MissingAuthenticationTokenException"],
  ]);
});
