import { z } from "zod";
import { FaultSchema } from "../wire/faults.ts";
import { isRefusal, type Refusal } from "../cloud/refusal.ts";
import { DEFAULT_BUCKETS, type Lane } from "../wire/throttle.ts";
import type { Wire } from "../wire/wire.ts";

/** Takes parsed JSON; what it returns is the reply, and nothing stands for `{ "done": true }`. */
export type Write = (wire: Wire, input: unknown) => unknown;

const Region = z.string().optional();
const Named = z.strictObject({ name: z.string(), region: Region });
const Bucket = z.strictObject({
  capacity: z.number().positive(),
  refillPerSecond: z.number().min(0),
  refusedCost: z.union([z.literal(0), z.literal(1)]).default(0),
  othersPerSecond: z.number().min(0).exactOptional(),
});
const LANES: readonly string[] = Object.keys(DEFAULT_BUCKETS);
const LaneName = z
  .string()
  .refine((name): name is Lane => LANES.includes(name), `one of ${LANES.join(", ")}`);
const Throttle = z.union([
  z.strictObject({ lane: LaneName, bucket: Bucket }),
  z.strictObject({ shared: Bucket.nullable() }),
  z.strictObject({ apart: z.strictObject({ reads: Bucket, writes: Bucket }).nullable() }),
]);
const Fate = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("boots"), bootMs: z.number().min(0).optional() }),
  z.strictObject({ kind: z.literal("never") }),
  z.strictObject({
    kind: z.literal("fails"),
    afterMs: z.number().min(0),
    code: z.string(),
    details: z.string(),
  }),
  z.strictObject({ kind: z.literal("vanishes"), afterMs: z.number().min(0) }),
]);
const Milliseconds = z.number().min(0).exactOptional();
const Timing = z.strictObject({
  bootMs: Milliseconds,
  bootJitterMs: Milliseconds,
  addressLagMs: Milliseconds,
  stopMs: Milliseconds,
  rebootMs: Milliseconds,
  shuttingDownMs: Milliseconds,
  ec2TagLagMs: Milliseconds,
});
const Tag = z.strictObject({ key: z.string(), value: z.string().optional() });
const Credential = z.strictObject({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string().optional(),
  isExpired: z.boolean().optional(),
});

/** What can be changed: method and name after `/_control/`. */
export const WRITES: Readonly<Record<string, Write | undefined>> = {
  "POST faults": (wire, input) => ({
    id: wire.faults.add(FaultSchema.parse(input), wire.cloud.now()),
  }),
  "DELETE faults": (wire, input) => {
    const { id } = z.strictObject({ id: z.int().optional() }).parse(input);
    if (id === undefined) wire.faults.clear();
    else return { done: wire.faults.remove(id) };
    return undefined;
  },
  "POST throttle": ({ throttle }, input) => {
    const change = Throttle.parse(input);
    if ("shared" in change) throttle.setShared(change.shared);
    else if ("apart" in change) throttle.setApart(change.apart);
    else throttle.setLane(change.lane, change.bucket);
  },
  "POST boots": ({ cloud }, input) => cloud.setNextBoots(z.array(Fate).parse(input)),
  "POST timing": ({ cloud }, input) => cloud.setTiming(Timing.parse(input)),
  "POST vanish": ({ cloud }, input) => {
    const { name, region } = Named.parse(input);
    return { done: cloud.vanish(name, region) };
  },
  "POST stop": ({ cloud }, input) =>
    byHand(cloud.instance(...nameOf(input)), (region, name) => cloud.stopInstance(region, name)),
  "POST start": ({ cloud }, input) =>
    byHand(cloud.instance(...nameOf(input)), (region, name) => cloud.startInstance(region, name)),
  "POST reboot": ({ cloud }, input) =>
    byHand(cloud.instance(...nameOf(input)), (region, name) => cloud.rebootInstance(region, name)),
  "POST zone": ({ cloud }, input) => {
    const { zone, capacity } = z
      .strictObject({ zone: z.string(), capacity: z.enum(["refuse", "fail", "ok"]) })
      .parse(input);
    if (capacity === "ok") cloud.openZone(zone);
    else cloud.closeZone(zone, capacity);
  },
  "POST quota": ({ cloud }, input) => {
    const { vcpus, region } = z
      .strictObject({ vcpus: z.int().min(0), region: Region })
      .parse(input);
    cloud.setVcpuQuota(vcpus, region);
  },
  "POST key-pair": ({ cloud }, input) =>
    cloud.addKeyPair(Named.extend({ tags: z.array(Tag).optional() }).parse(input)),
  "POST snapshot": ({ cloud }, input) =>
    cloud.addSnapshot(
      Named.extend({ blueprintId: z.string(), sizeGb: z.number().default(20) }).parse(input),
    ),
  "POST ec2-tag": ({ cloud }, input) => {
    const tag = z.strictObject({
      region: z.string(),
      resourceId: z.string(),
      key: z.string(),
      value: z.string().nullable(),
    });
    const { region, resourceId, key, value } = tag.parse(input);
    cloud.setEc2Tag(region, resourceId, key, value);
  },
  "POST credentials": (wire, input) => wire.setCredentials(z.array(Credential).parse(input)),
};

function nameOf(input: unknown): [name: string, region: string | undefined] {
  const { name, region } = Named.parse(input);
  return [name, region];
}

/** Does to an instance what a person in the console would do. */
function byHand(
  view: { instance: { region: string; name: string } } | null,
  act: (region: string, name: string) => unknown,
): { done: boolean } | Refusal {
  const result = view === null ? null : act(view.instance.region, view.instance.name);
  return isRefusal(result) ? result : { done: result !== null };
}
