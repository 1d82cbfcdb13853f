import { refuse, type Refusal } from "../cloud/refusal.ts";

import { fromToken, toToken } from "../text.ts";

/** Where a listing goes on: after the row numbered `after`, which begins its page `page` (from 1). */
export interface PageStart {
  readonly after: number;
  readonly page: number;
}

/** Lightsail has no page size parameter; about 20 instances come at a time (aws-sdk-java-v2 #2156). */
export const INSTANCES_PER_PAGE = 20;

/** Operations are documented to come in pages of at most 200. */
export const OPERATIONS_PER_PAGE = 200;

/** AWS's own number is not known; with the retired ones there are two pages here, so that clients must turn them. */
export const BUNDLES_PER_PAGE = 10;

/** Of key pairs and of snapshots; AWS's own number is not known. */
export const NAMED_PER_PAGE = 20;

const TOKEN = /^([A-Za-z]+)\/(\d+)\/(\d+)$/;

/** Reads a page token of `operation`. A token of another operation, or none of ours, is refused. */
export function readPageToken(operation: string, token: string | undefined): PageStart | Refusal {
  if (token === undefined) return { after: 0, page: 1 };
  const match = TOKEN.exec(fromToken(token));
  if (match === null || match[1] !== operation)
    return refuse("InvalidInputException", "The page token is not valid.");
  return { after: Number(match[2]), page: Number(match[3]) };
}

/** Cuts a page from rows that hold one more than a page if there are more. */
export function cutPage<T>(
  operation: string,
  start: PageStart,
  rows: readonly T[],
  size: number,
  seqOf: (row: T) => number,
): { rows: readonly T[]; nextPageToken?: string } {
  const page = rows.slice(0, size);
  const last = page[size - 1];
  if (last === undefined || rows.length <= size) return { rows: page };
  const token = `${operation}/${seqOf(last)}/${start.page + 1}`;
  return { rows: page, nextPageToken: toToken(token) };
}
