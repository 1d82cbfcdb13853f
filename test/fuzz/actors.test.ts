import { describe, expect, it } from "vitest";
import { readTokens } from "../../worker/env-tokens.ts";
import { type Actor, makeActors, Rights, settingsOf } from "./actors.ts";
import type { Operation } from "./description.ts";
import type { Heard } from "./judge.ts";

const ACTORS = makeActors("the-token-of-the-operator");
const named = (name: string): Actor => {
  const found = ACTORS.find(({ id }) => id === `token:${name}`);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

function operation(method: string, path: string, role: string): Operation {
  return {
    operationId: `${method} ${path}`,
    method,
    path,
    parameters: [],
    responses: {},
    "x-role": role,
  };
}

const LEASES = operation("GET", "/v1/fleets/{fleet}/leases", "viewer");
const RENEW = operation("PUT", "/v1/fleets/{fleet}/leases/{id}", "dispatcher");

function faults(
  rights: Rights,
  actor: Actor,
  asked: Operation,
  path: string,
  body: unknown,
  { status = 200, token = actor.token } = {},
): string[] {
  const headers = { Authorization: `Bearer ${token}` };
  const request = { number: 1, method: asked.method, path, headers, body: null };
  const heard: Heard = {
    status,
    headers: new Headers({ "Content-Type": "application/json" }),
    text: JSON.stringify(body),
  };
  return rights.faultsOf(actor, asked, request, heard);
}

describe("the actors of the fuzz", () => {
  it("have tokens that the Worker takes, each with its limits", () => {
    const settings = settingsOf(ACTORS);
    const { tokens, refused } = readTokens(
      {
        OPERATOR_TOKEN: "the-token-of-the-operator",
        VIEWER_TOKEN: settings["VIEWER_TOKEN"] ?? null,
        DISPATCHER_TOKEN: settings["DISPATCHER_TOKEN"] ?? null,
      },
      [],
    );

    expect(refused).toEqual([]);
    const made = tokens.map(({ name, role, fleets }) => ({ id: `token:${name}`, role, fleets }));
    const wanted = ACTORS.map(({ id, role, fleets }) => ({ id, role, fleets }));
    expect(made).toHaveLength(ACTORS.length);
    expect(made).toEqual(expect.arrayContaining(wanted));
  });
});

describe("the rights of the actors", () => {
  it("are kept by refusals, and by what each may do", () => {
    const rights = new Rights();
    const own = { leases: [{ id: "a1", actor: "token:dan" }] };

    expect(faults(rights, named("dan"), LEASES, "/v1/fleets/media/leases", own)).toEqual([]);
    expect(faults(rights, named("dan"), RENEW, "/v1/fleets/media/leases/a1", {})).toEqual([]);
    expect(faults(rights, named("operator"), RENEW, "/v1/fleets/media/leases/a1", {})).toEqual([]);
    const refused = { status: 403 };
    expect(faults(rights, named("eve"), RENEW, "/v1/fleets/media/leases/a1", {}, refused)).toEqual(
      [],
    );
  });

  it("are broken by a lease of another that is changed, or shown with its id", () => {
    const rights = new Rights();
    const list = { leases: [{ id: "a1", actor: "token:dan" }] };

    expect(faults(rights, named("eve"), LEASES, "/v1/fleets/media/leases", list)).toEqual([
      "token:eve: it was shown the id of a lease of token:dan",
    ]);
    expect(faults(rights, named("eve"), RENEW, "/v1/fleets/media/leases/a1", {})).toHaveLength(1);
    const masked = { leases: [{ id: "a…", actor: "token:dan" }] };
    expect(faults(rights, named("eve"), LEASES, "/v1/fleets/media/leases", masked)).toEqual([]);
  });

  it.each([
    ["a role that is too low", "vera", RENEW, "/v1/fleets/media/leases/b2"],
    ["another fleet", "vic", LEASES, "/v1/fleets/media/leases?limit=1"],
    ["the whole deployment", "vic", operation("GET", "/v1/thing", "viewer"), "/v1/thing"],
    ["an end that has passed", "xavier", LEASES, "/v1/fleets/media/leases"],
  ])("are broken by %s", (_, name, asked, path) => {
    expect(faults(new Rights(), named(name), asked, path, { leases: [] })).toHaveLength(1);
  });

  it("are broken by a list with other fleets, and by an answer without a token", () => {
    const list = operation("GET", "/v1/fleets", "viewer");
    const body = { fleets: [{ name: "media" }] };

    expect(faults(new Rights(), named("vic"), list, "/v1/fleets", body)).toHaveLength(1);
    expect(faults(new Rights(), named("vera"), list, "/v1/fleets", body)).toEqual([]);
    expect(
      faults(new Rights(), named("vera"), list, "/v1/fleets", body, { token: "x" }),
    ).toHaveLength(1);
  });
});
