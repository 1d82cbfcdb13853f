/** A dispatcher takes slots for sessions to come, renews them, and gives them back. */
import { z } from "zod";
import type { LeaseView } from "../../durable/rules/views.ts";
import { oneOf, said, strict, text, whole } from "./fields.ts";
import { claimantOf } from "./on-fleet.ts";
import { LEASE } from "./openapi/examples.ts";
import { json, onFleet, optionalBody } from "./operation.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { problem, refused, refusedPart, unknownFleet } from "./problem.ts";
import { lease, leaseList, leases, released } from "./schemas/instance.ts";

const PAGE_MAX = 1_000;
const COUNT_MAX = 50;
const TTL_SECONDS = { least: 5, most: 3_600, default: 60 } as const;
/** A dispatcher's own id of a session fits. */
const KEY = /^[\x21-\x7e]{1,128}$/u;
const ZONE = /^[a-z]{2}-[a-z]+-\d[a-z]$/u;

const ttlSeconds = whole(TTL_SECONDS.least, TTL_SECONDS.most);

const wish = strict({
  count: whole(1, COUNT_MAX).default(1),
  partial: z.boolean(said("must be true or false")).default(false),
  key: text(KEY, "must be 1 to 128 printable ASCII characters without spaces")
    .nullable()
    .default(null),
  ttlSeconds: ttlSeconds.default(TTL_SECONDS.default),
  zone: text(ZONE, "must be an availability zone such as `ap-northeast-2a`")
    .nullable()
    .default(null),
}).meta({ id: "LeaseWish" });

/** Without a body it is renewed for as long as before. */
const change = strict({
  state: oneOf(["used"]).optional(),
  ttlSeconds: ttlSeconds.nullable().default(null),
}).meta({ id: "LeaseChange" });

const renewal = { state: "used" };

export const listLeases = onFleet({
  id: "listLeases",
  tag: "Leases",
  summary: "The leases that live, the oldest first",
  description:
    "An id is whole for who took the lease, and for operators. Others see its first half, which changes nothing.",
  query: strict(pageQuery(PAGE_MAX)),
  replies: {
    200: json("A page of leases.", leaseList, { leases: [LEASE], nextCursor: null }),
  },
  answer: async (c, { name, fleet }, { query }) => {
    const leases = await fleet.leases(claimantOf(c));
    if (leases === null) return unknownFleet(c, name);
    const { items, nextCursor } = pageOf(leases, placeOf, query);
    return c.json({ leases: items, nextCursor });
  },
});

export const postLeases = onFleet({
  id: "postLeases",
  tag: "Leases",
  summary: "Take slots for sessions to come",
  description:
    "All of `count` or none, unless `partial`. The same token's same `key` gives the same leases as long as they live, so a retry is safe.",
  body: optionalBody(wish, { key: "room-42", ttlSeconds: 60, zone: "ap-northeast-2a" }),
  replies: {
    200: json("The leases that the key gave before.", leases, { leases: [LEASE] }),
    201: json("New leases.", leases, { leases: [LEASE] }),
  },
  problems: ["conflict", "no-spare"],
  answer: async (c, { fleet, asked }, { body }) => {
    const given = await fleet.lease(body, asked);
    if ("refused" in given) return refused(c, given);
    if ("noSpare" in given) {
      const { detail, ...members } = given.noSpare;
      return problem(c, { kind: "no-spare", detail, members });
    }
    return c.json({ leases: given.leases }, given.repeated ? 200 : 201);
  },
});

export const putLease = onFleet({
  id: "putLease",
  tag: "Leases",
  summary: "Renew a lease, or say that its session is on the server",
  description:
    "Without a body it is renewed for as long as before. Only for the token that took it, and for operators.",
  body: optionalBody(change, renewal),
  replies: {
    200: json("The lease after it.", lease, { ...LEASE, state: "used", usedAt: LEASE.givenAt }),
  },
  problems: ["unknown-lease", "foreign-lease", "conflict"],
  answer: async (c, call, { body }) => {
    const { state, ttlSeconds } = body;
    const used = state === "used";
    const change = { ttlSeconds, used };
    const renewed = await call.fleet.renewLease(c.req.param("id") ?? "", change, claimantOf(c));
    return "refused" in renewed ? refusedPart(c, call, renewed, "unknown-lease") : c.json(renewed);
  },
});

export const deleteLease = onFleet({
  id: "deleteLease",
  tag: "Leases",
  summary: "Release a lease",
  description:
    "For leases of which no session came, or whose session has ended. Only for the token that took it, and for operators.",
  replies: { 200: json("Its slot is free.", released, { released: true }) },
  problems: ["unknown-lease", "foreign-lease"],
  answer: async (c, call) => {
    const told = await call.fleet.releaseLease(c.req.param("id") ?? "", claimantOf(c));
    return "refused" in told ? refusedPart(c, call, told, "unknown-lease") : c.json(told);
  },
});

/** Of what the asker may see, or a cursor would tell the ids of others'. */
function placeOf({ givenAt, instance, id }: LeaseView): string {
  return `${givenAt}.${instance}.${id.replace("…", "")}`;
}
