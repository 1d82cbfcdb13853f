import type { Cloud } from "../cloud/cloud.ts";
import { listOf, type Params } from "./query.ts";
import { refuseEc2, type Ec2Refusal } from "./refusal.ts";
import { createTags, deleteTags, describeTags } from "./tags.ts";
import type { Element } from "./xml.ts";

interface Handler {
  readonly lane: "ec2" | "ec2-write";
  readonly answer: (
    cloud: Cloud,
    region: string,
    params: Params,
    asOf: number | undefined,
  ) => readonly Element[] | Ec2Refusal;
}

const OPERATIONS = {
  DescribeTags: { lane: "ec2", answer: describeTags },
  CreateTags: { lane: "ec2-write", answer: createTags },
  DeleteTags: { lane: "ec2-write", answer: deleteTags },
} as const satisfies Record<string, Handler>;

export type Ec2Operation = keyof typeof OPERATIONS;

/** Whether an Action is one of the modelled ones. */
export function isEc2Operation(name: string): name is Ec2Operation {
  return Object.hasOwn(OPERATIONS, name);
}

/** The lane whose bucket a call draws from. */
export function ec2LaneOf(operation: Ec2Operation): Handler["lane"] {
  return OPERATIONS[operation].lane;
}

/** Carries a call out. A dry run is answered as one that would have succeeded. */
export function callEc2(
  cloud: Cloud,
  region: string,
  operation: Ec2Operation,
  params: Params,
  asOf?: number,
): readonly Element[] | Ec2Refusal {
  if (params.get("DryRun") === "true") {
    return refuseEc2("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
  }
  return OPERATIONS[operation].answer(cloud, region, params, asOf);
}

/** The resources that a call names, for faults and records. */
export function ec2ResourcesOf(params: Params): string[] {
  return [
    ...listOf(params, "ResourceId"),
    ...listOf(params, "Filter.1.Value"),
    ...listOf(params, "Filter.2.Value"),
  ];
}
