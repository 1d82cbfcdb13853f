/**
 * The tag that says the target: DescribeTags and CreateTags of EC2 (API 2016-11-15, query protocol). A
 * missing resource or tag is an empty set with HTTP 200, so `missing` is no error, and never a value.
 */
import { z } from "zod";
import type { TagAddress } from "../../durable/rules/spec.ts";
import { type Aws, type CallSite, callAws } from "./client.ts";
import { type Result, readEc2 } from "./errors.ts";

/** One page of the search. EC2 may answer with an empty page and a token to go on. */
export interface TagPage {
  /** Exactly what was written, spaces and zeros included; null where this page does not have it. */
  readonly value: string | null;
  readonly nextToken: string | null;
}

/** EC2 takes 5 to 1000; two filters that name one tag leave one. */
const PAGE_SIZE = 5;

/** Layout of a pretty printer, or nothing: an element without children is a string. */
const Blank = z.string().regex(/^\s*$/);

const DescribeTagsShape = z
  .object({
    DescribeTagsResponse: z.object({
      tagSet: z.union([
        Blank.transform(() => []),
        z
          .object({
            item: z.array(
              z.object({ resourceId: z.string(), key: z.string(), value: z.string().default("") }),
            ),
          })
          .transform((set) => set.item),
      ]),
      nextToken: z.string().optional(),
    }),
  })
  .transform((wire) => wire.DescribeTagsResponse);

/** Looks for one tag, from the start or from where `nextToken` says. */
export async function describeTags(
  aws: Aws,
  site: CallSite,
  tag: TagAddress,
  nextToken: string | null,
): Promise<Result<TagPage>> {
  const reply = await ask(aws, site, {
    ...tagsOf(tag.resource),
    "Filter.2.Name": "key",
    "Filter.2.Value.1": literally(tag.key),
    ...(nextToken === null ? {} : { NextToken: nextToken }),
  });
  const result = readEc2(reply, DescribeTagsShape);
  if (result.kind !== "done") return result;

  const { tagSet, nextToken: next } = result.value;
  // Exact, because the filters are patterns, and keys differ by case.
  const match = tagSet.find((item) => item.resourceId === tag.resource && item.key === tag.key);
  return { ...result, value: { value: match?.value ?? null, nextToken: next?.trim() || null } };
}

const CreateTagsShape = z.object({ CreateTagsResponse: z.object({ return: z.literal("true") }) });

/** Adds the tag, or overwrites its value; safe to repeat. */
export async function createTag(
  aws: Aws,
  site: CallSite,
  tag: TagAddress,
  value: string,
): Promise<Result<null>> {
  const result = readEc2(await ask(aws, site, tagCreation(tag, value)), CreateTagsShape);
  return result.kind === "done" ? { ...result, value: null } : result;
}

/** What EC2 answers to a call that it would have carried out, had it not been asked only whether. */
const WOULD_SUCCEED = "DryRunOperation";

/** Whether the key may write the tag: EC2 checks the rights, and changes nothing. */
export async function mayCreateTag(
  aws: Aws,
  site: CallSite,
  tag: TagAddress,
  value: string,
): Promise<Result<unknown>> {
  const reply = await ask(aws, site, { ...tagCreation(tag, value), DryRun: "true" });
  const result = readEc2(reply, z.never());
  if (result.kind !== "rejected" || result.code !== WOULD_SUCCEED) return result;
  return { kind: "done", value: null, requestId: result.requestId };
}

function tagCreation({ resource, key }: TagAddress, value: string) {
  return {
    Action: "CreateTags",
    "ResourceId.1": resource,
    "Tag.1.Key": key,
    "Tag.1.Value": value,
  };
}

const AnyTagShape = z
  .object({ DescribeTagsResponse: z.object({ tagSet: z.unknown() }) })
  .transform((wire) => !Blank.safeParse(wire.DescribeTagsResponse.tagSet).success);

/** Whether a resource has any tag. Without one, nobody can say whether the resource is there at all. */
export async function hasAnyTag(
  aws: Aws,
  site: CallSite,
  resource: string,
): Promise<Result<boolean>> {
  return readEc2(await ask(aws, site, tagsOf(resource)), AnyTagShape);
}

function tagsOf(resource: string) {
  return {
    Action: "DescribeTags",
    "Filter.1.Name": "resource-id",
    "Filter.1.Value.1": literally(resource),
    MaxResults: String(PAGE_SIZE),
  };
}

function ask(aws: Aws, site: CallSite, parameters: Readonly<Record<string, string>>) {
  return callAws(aws, site, {
    service: "ec2",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: new URLSearchParams({ Version: "2016-11-15", ...parameters }).toString(),
  });
}

/** Filter values are patterns; a backslash makes `*`, `?` and itself literal (EC2 User Guide, "Filtering"). */
function literally(text: string): string {
  return text.replace(/[\\*?]/g, "\\$&");
}
