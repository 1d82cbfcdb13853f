import type { Cloud } from "../cloud/cloud.ts";
import type { Ec2Tag } from "../cloud/ec2-tags.ts";
import { lengthOf, TAG_VALUE_LENGTH_MAX, TAGS_PER_RESOURCE_MAX } from "../cloud/tags.ts";
import { listOf, structuresOf, type Params } from "./query.ts";
import { refuseEc2, type Ec2Refusal } from "./refusal.ts";
import { fromToken, toToken } from "../text.ts";
import { resourceTypeOf } from "./resource.ts";
import type { Element } from "./xml.ts";

/** EC2's API reference says 127 where its guides say 128; the narrower one is kept. */
const TAG_KEY_LENGTH_MAX = 127;
const RESOURCES_PER_CALL_MAX = 1000;
const RESULTS_MIN = 5;
const RESULTS_MAX = 1000;

const DONE: readonly Element[] = [["return", "true"]];

/** Answers DescribeTags as things stood at `asOf`. What is not there is an empty set, never an error. */
export function describeTags(
  cloud: Cloud,
  region: string,
  params: Params,
  asOf = cloud.now() - cloud.timing.ec2TagLagMs,
): readonly Element[] | Ec2Refusal {
  const filters = readFilters(params);
  if ("code" in filters) return filters;
  const limit = readMaxResults(params);
  if (typeof limit !== "number") return limit;
  const start = readToken(params.get("NextToken"));
  if (typeof start !== "number") return start;
  const seen = cloud.ec2Tags.list(region, asOf);
  const found = seen.filter((tag) => filters.every((filter) => filter(tag)));
  const page = found.slice(start, start + limit);
  const items = page.map((tag): Element => ["item", renderTag(tag)]);
  const isMore = found.length > start + limit;
  return [
    ["tagSet", items],
    ...(isMore ? [["nextToken", writeToken(start + limit)] as const] : []),
  ];
}

/** Answers CreateTags: adds or overwrites, on all resources or on none. */
export function createTags(
  cloud: Cloud,
  region: string,
  params: Params,
): readonly Element[] | Ec2Refusal {
  const resources = readResources(params);
  if ("code" in resources) return resources;
  const tags = structuresOf(params, "Tag").map((at): readonly [string, string] => [
    params.get(`${at}.Key`) ?? "",
    params.get(`${at}.Value`) ?? "",
  ]);
  if (tags.length === 0)
    return refuseEc2("MissingParameter", "The request must contain the parameter Tag");
  const fault = tags.map(faultOf).find((fault) => fault !== null);
  if (fault !== undefined) return refuseEc2("InvalidParameterValue", fault);
  const after = resources.map(
    (id) => new Map([...cloud.ec2Tags.of(region, id, cloud.now()), ...tags]),
  );
  if (after.some((tags) => tags.size > TAGS_PER_RESOURCE_MAX)) {
    return refuseEc2(
      "TagLimitExceeded",
      `The maximum number of Tags for a resource has been reached: ${TAGS_PER_RESOURCE_MAX}`,
    );
  }
  for (const id of resources)
    for (const [key, value] of tags) cloud.setEc2Tag(region, id, key, value);
  return DONE;
}

/** Answers DeleteTags. Without a value any value goes; an empty one deletes only an empty one; no tags means all. */
export function deleteTags(
  cloud: Cloud,
  region: string,
  params: Params,
): readonly Element[] | Ec2Refusal {
  const resources = readResources(params);
  if ("code" in resources) return resources;
  const meant = structuresOf(params, "Tag").map((at) => ({
    key: params.get(`${at}.Key`),
    value: params.get(`${at}.Value`),
  }));
  for (const id of resources) {
    for (const [key, value] of cloud.ec2Tags.of(region, id, cloud.now())) {
      const isMeant = meant.some(
        (tag) => tag.key === key && (tag.value === undefined || tag.value === value),
      );
      if (meant.length === 0 || isMeant) cloud.setEc2Tag(region, id, key, null);
    }
  }
  return DONE;
}

type Filter = (tag: Ec2Tag) => boolean;

function readFilters(params: Params): Filter[] | Ec2Refusal {
  const filters: Filter[] = [];
  for (const at of structuresOf(params, "Filter")) {
    const name = params.get(`${at}.Name`) ?? "";
    const patterns = listOf(params, `${at}.Value`).map(toPattern);
    const matches = (text: string): boolean => patterns.some((pattern) => pattern.test(text));
    if (name === "key") filters.push((tag) => matches(tag.key));
    else if (name === "value") filters.push((tag) => matches(tag.value));
    else if (name === "resource-id") filters.push((tag) => matches(tag.resourceId));
    else if (name === "resource-type")
      filters.push((tag) => matches(resourceTypeOf(tag.resourceId) ?? ""));
    else if (name.startsWith("tag:"))
      filters.push((tag) => tag.key === name.slice(4) && matches(tag.value));
    else return refuseEc2("InvalidParameterValue", `The filter '${name}' is invalid`);
  }
  return filters;
}

/** A filter's value: `*` stands for any text, `?` for one character, and a backslash takes that meaning away. */
function toPattern(value: string): RegExp {
  const source = value.replaceAll(/\\[*?\\]|[*?]|[\\^$.|+()[\]{}/]/g, (found) => {
    if (found === "*") return ".*";
    if (found === "?") return ".";
    return found.length === 2 ? found : `\\${found}`;
  });
  return new RegExp(`^${source}$`, "us");
}

function readMaxResults(params: Params): number | Ec2Refusal {
  const text = params.get("MaxResults");
  if (text === undefined) return RESULTS_MAX;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= RESULTS_MIN && limit <= RESULTS_MAX) return limit;
  return refuseEc2(
    "InvalidParameterValue",
    `Value ( ${text} ) for parameter maxResults is invalid. Expecting a value between ${RESULTS_MIN} and ${RESULTS_MAX}.`,
  );
}

function writeToken(start: number): string {
  return toToken(`DescribeTags/${start}`);
}

function readToken(token: string | undefined): number | Ec2Refusal {
  if (token === undefined) return 0;
  const match = /^DescribeTags\/(\d+)$/.exec(fromToken(token));
  return match === null
    ? refuseEc2("InvalidPaginationToken", "The specified pagination token is not valid")
    : Number(match[1]);
}

function readResources(params: Params): string[] | Ec2Refusal {
  const resources = listOf(params, "ResourceId");
  if (resources.length === 0)
    return refuseEc2("MissingParameter", "The request must contain the parameter resourceIdSet");
  if (resources.length > RESOURCES_PER_CALL_MAX) {
    return refuseEc2(
      "InvalidParameterValue",
      `At most ${RESOURCES_PER_CALL_MAX} resources can be tagged in one call`,
    );
  }
  const unknown = resources.find((id) => resourceTypeOf(id) === null);
  return unknown === undefined
    ? resources
    : refuseEc2("InvalidID", `The ID '${unknown}' is not valid`);
}

function faultOf([key, value]: readonly [string, string]): string | null {
  if (key.length === 0 || lengthOf(key) > TAG_KEY_LENGTH_MAX) {
    return `Tag keys must be between 1 and ${TAG_KEY_LENGTH_MAX} characters long`;
  }
  if (lengthOf(value) > TAG_VALUE_LENGTH_MAX)
    return `Tag value exceeds the maximum length of ${TAG_VALUE_LENGTH_MAX} characters`;
  return key.startsWith("aws:")
    ? "Tag keys starting with 'aws:' are reserved for internal use"
    : null;
}

function renderTag(tag: Ec2Tag): readonly Element[] {
  return [
    ["resourceId", tag.resourceId],
    ["resourceType", resourceTypeOf(tag.resourceId) ?? ""],
    ["key", tag.key],
    ["value", tag.value],
  ];
}

/** Which page of a listing a call asks for, from 1: what faults on one page are told apart by. */
export function pageOf(params: Params): number {
  const start = readToken(params.get("NextToken"));
  const limit = readMaxResults(params);
  return typeof start === "number" && typeof limit === "number" ? Math.floor(start / limit) + 1 : 1;
}
