/**
 * Every route, asked by everybody: each role, with tokens for all fleets, for this one and for another, as the
 * owner of the lease in the path and as somebody else, with a token that has expired, a wrong one and none. What
 * must come of it follows from the routes as they are declared, so that no new one is left out.
 */
import { describe, expect, it } from "vitest";
import { writeInstance } from "../../../durable/ledger/instances.ts";
import { leasesOf, releaseLease, renewLease } from "../../../durable/operate-lease.ts";
import type { FleetApi } from "../../../durable/rules/views.ts";
import { mayAct, type Role, type Token } from "../../../worker/api/auth.ts";
import { needsToken } from "../../../worker/api/roles.ts";
import { ROUTES, type Route } from "../../../worker/api/routes.ts";
import { aFleet, given, restart, stateOf } from "../../durable/fleet-builder.ts";
import { idleRows } from "../../durable/rules/builders.ts";
import { changes, createWorld, NOW, serve, type World } from "./fakes.ts";

const ROLES: readonly Role[] = ["viewer", "dispatcher", "operator"];
const SCOPES = [null, ["media"], ["calls"]] as const;
const LEASE = "7";

interface Caller {
  readonly token: Token;
  readonly owns: boolean;
}

/** A token for each role and scope, once as the owner of the lease and once not. */
const CALLERS: readonly Caller[] = ROLES.flatMap((role) =>
  SCOPES.flatMap((fleets) =>
    [true, false].map((owns) => {
      const name = `${role}-${fleets?.join() ?? "all"}-${owns ? "owner" : "other"}`;
      return { owns, token: { name, role, value: `the-token-of-${name}`, fleets } };
    }),
  ),
);
const EXPIRED: Token = {
  name: "expired",
  role: "operator",
  value: "the-token-that-has-expired",
  expiresAt: NOW,
};
const TOKENS = [...CALLERS.map(({ token }) => token), EXPIRED];
const STRANGERS = [null, "Bearer a-token-that-nobody-knows", `Bearer ${EXPIRED.value}`];

/** What a route says of a caller; null where it lets the caller in. */
function refusalOf({ role, reach, operation }: Route, { token, owns }: Caller): RegExp | null {
  if (!needsToken(role)) return null;
  if (!mayAct(token.role, role)) return new RegExp(`role ${role};`, "u");
  const fleets = token.fleets ?? null;
  const isOutside = reach === "deployment" || (reach === "fleet" && !fleets?.includes("media"));
  if (fleets !== null && isOutside) return / alone, and this is about /u;
  const isOwned = operation.problems?.includes("foreign-lease") === true;
  return isOwned && !owns && token.role !== "operator" ? /foreign-lease/u : null;
}

/** Leases are those of a real ledger, with one that `owner` took. */
function withLeases(world: World, owner: string): (fleet: FleetApi) => FleetApi {
  const fleet = aFleet();
  const [row] = idleRows(1);
  if (row === undefined) throw new Error("there is one");
  writeInstance(fleet.sql, row);
  const lease = [LEASE, null, row.name, owner, fleet.now, 60_000, fleet.now + 60_000, null, 0];
  fleet.sql.rows("INSERT INTO leases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", ...lease);
  restart(fleet);
  const note = (method: keyof FleetApi): void =>
    void world.calls.push({ fleet: "media", method, args: [] });
  return (fake) => ({
    ...fake,
    leases: async (asked) => {
      note("leases");
      return leasesOf(stateOf(fleet), asked);
    },
    renewLease: async (id, change, asked) => {
      note("renewLease");
      return renewLease(fleet.engine, id, change, asked, given(fleet));
    },
    releaseLease: async (id, asked) => {
      note("releaseLease");
      return releaseLease(fleet.engine, id, asked, given(fleet));
    },
  });
}

async function ask(route: Route, authorization: string | null, owner = "token:nobody") {
  const world = createWorld();
  const { app } = serve(world, TOKENS, null, withLeases(world, owner));
  const { method, operation } = route;
  const path = route.path
    .replace(":fleet", "media")
    .replace(":name", "media-ab12-1")
    .replace(":id", LEASE);
  const query = "confirm" in operation.query.shape ? "?confirm=media" : "";
  const body = operation.body === null ? null : JSON.stringify(operation.body.example);
  const response = await app.request(path + query, {
    method,
    headers: {
      ...(authorization === null ? {} : { Authorization: authorization }),
      ...(body === null ? {} : { "Content-Type": "application/json" }),
    },
    body,
  });
  return { world, status: response.status, text: await response.text() };
}

describe.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
  "%s",
  (_, route) => {
    it("asks strangers for a token if it is not open, and asks no object for them", async () => {
      for (const authorization of STRANGERS) {
        const { status, world } = await ask(route, authorization);

        expect(status === 401, `${authorization}: ${status}`).toBe(needsToken(route.role));
        expect(changes(world)).toEqual([]);
        if (needsToken(route.role)) expect(world.calls).toEqual([]);
      }
    });

    it("lets in whom it is for, and refuses everybody else with what it lacks", async () => {
      for (const caller of CALLERS) {
        const { token, owns } = caller;
        const id = `token:${token.name}`;
        const owner = owns ? id : "token:nobody";

        const { status, text, world } = await ask(route, `Bearer ${token.value}`, owner);

        const refusal = refusalOf(route, caller);
        const told = `${token.name}: ${status} ${text}`;
        if (refusal === null) {
          expect([200, 201, 202, 204, 404, 409], told).toContain(status);
        } else {
          expect(status, told).toBe(403);
          expect(text).toMatch(refusal);
          if (!text.includes("foreign-lease")) expect(world.calls, told).toEqual([]);
        }
      }
    });

    it("shows a token for another fleet nothing of this one", async () => {
      for (const { token } of CALLERS.filter(({ token: { fleets } }) =>
        fleets?.includes("calls"),
      )) {
        const { status, text, world } = await ask(route, `Bearer ${token.value}`);

        if (!needsToken(route.role)) continue;
        expect(world.calls.filter(({ fleet }) => fleet === "media")).toEqual([]);
        if (status < 300) expect(text).not.toContain("media");
      }
    });
  },
);
