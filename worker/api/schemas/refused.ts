/** Replies about requests that were refused. */
import { z } from "zod";
import { count, thing, time } from "./thing.ts";

const refusedAddress = thing("RefusedAddress", "What was refused to one address.", {
  address: z
    .string()
    .describe("An IPv4 address, the /64 of an IPv6 address, or `unknown` without Cloudflare."),
  wrong: count.describe("401: no token that is accepted, or none at all."),
  forbidden: count.describe("403: a token of the wrong role or fleet, or another's lease."),
  tooMany: count.describe("429: too many requests."),
  firstAt: time,
  lastAt: time,
  lastActor: z.string().nullable().describe("Whose token was refused last; null if nobody knows."),
});
export type RefusedAddress = z.output<typeof refusedAddress>;

export const refusedList = thing("RefusedList", "Addresses whose requests were refused.", {
  since: time.describe("Since when this isolate counts."),
  addresses: z.array(refusedAddress),
  forgotten: count.describe("Refusals to addresses that are not listed any more."),
});
export type RefusedList = z.output<typeof refusedList>;
