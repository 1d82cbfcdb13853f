import { describe, expect, it } from "vitest";
import { documentOf } from "../../worker/api/openapi/document.ts";
import { problemExample } from "../../worker/api/openapi/document.ts";
import { ROUTES } from "../../worker/api/routes.ts";
import { status } from "../worker/api/views.ts";
import { operationsOf, readDescription } from "./description.ts";
import { Judge } from "./judge.ts";
import { Known } from "./known.ts";
import { readOptions } from "./options.ts";
import { requestOf } from "./request.ts";

const URL = "http://127.0.0.1/v1/fleets/media";
const PROBLEM = "application/problem+json";

const description = readDescription(JSON.parse(JSON.stringify(documentOf(ROUTES))));
const judge = new Judge(description);

function heard(body: unknown, code = 200, type = "application/json; charset=utf-8") {
  const headers = new Headers({
    "Content-Type": type,
    "X-Request-Id": "1",
    "Server-Timing": "total;dur=1",
    "Cache-Control": "no-store",
  });
  return { status: code, headers, text: typeof body === "string" ? body : JSON.stringify(body) };
}

describe("the judge", () => {
  it("finds nothing about replies that the description allows", () => {
    expect(judge.faultsOf("GET", URL, heard(status("media")))).toEqual([]);
    expect(judge.faultsOf("GET", URL, heard("a screen", 200, "text/plain"))).toEqual([]);
    expect(judge.faultsOf("GET", URL, heard(problemExample("unauthorized"), 401, PROBLEM))).toEqual(
      [],
    );
    expect(
      judge.faultsOf("PATCH", URL, heard(problemExample("method-not-allowed"), 405, PROBLEM)),
    ).toEqual([]);
  });

  it.each([
    ["a member too many", heard({ ...status("media"), colour: "red" }), "additional properties"],
    ["a time that is none", heard(status("media", "22 Nov")), "match format"],
    ["a count below nothing", heard({ ...status("media"), spares: -1 }), ">= 0"],
    ["text that is no JSON", heard("<html>"), "no JSON"],
    ["a type that is not told", heard(status("media"), 200, "text/html"), "is none of"],
    ["a status that is not told", heard(status("media"), 202), "not in the description"],
    ["a failure", heard(problemExample("internal"), 500, PROBLEM), "it failed"],
    ["a 503", heard(problemExample("unavailable"), 503, PROBLEM), "it failed"],
    ["a problem of no known type", heard({ type: "about:blank" }, 404, PROBLEM), "must"],
  ])("finds %s", (_words, told, fault) => {
    expect(judge.faultsOf("GET", URL, told).join()).toContain(fault);
  });

  it("finds a header that is missing, and a reply where nothing answers", () => {
    const { text } = heard(status("media"));
    const bare = {
      status: 200,
      headers: new Headers({ "Content-Type": "application/json" }),
      text,
    };

    expect(judge.faultsOf("GET", URL, bare)).toHaveLength(3);
    expect(judge.faultsOf("GET", `${URL}/nothing`, heard({}))).toHaveLength(1);
  });
});

describe("the requests", () => {
  const about = { description, operations: operationsOf(description), token: "t" };

  it("are the same for the same seed and number, and others for another", () => {
    const one = requestOf(7, 3, about, new Known());

    expect({ ...requestOf(7, 3, about, new Known()), body: null }).toEqual({ ...one, body: null });
    const others = Array.from({ length: 20 }, (_, n) => requestOf(8, n, about, new Known()).path);
    expect(new Set(others).size).toBeGreaterThan(5);
  });

  it("reach every operation, right and spoiled", () => {
    const drawn = Array.from({ length: 3_000 }, (_, n) => requestOf(1, n, about, new Known()));

    const meant = new Set(
      drawn.map(({ method, path }) => judge.operationOf(method, `http://127.0.0.1${path}`)),
    );
    for (const { operationId } of about.operations) expect(meant).toContain(operationId);
    expect(drawn.some(({ body }) => body instanceof Uint8Array)).toBe(true);
    expect(drawn.some(({ headers }) => !("Authorization" in headers))).toBe(true);
  });
});

describe("the command line of the fuzz", () => {
  it("is read, and told apart from what makes no sense", () => {
    expect(readOptions(["--requests", "5", "--seed", "9", "--from", "2", "--roles"], 1)).toEqual({
      requests: 5,
      seed: 9,
      from: 2,
      roles: true,
    });
    expect(readOptions([], 42)).toEqual({ requests: 10_000, seed: 42, from: 0, roles: false });
    expect(readOptions(["--help"], 1)).toBeNull();
    expect(() => readOptions(["--requests", "x"], 1)).toThrow("--requests must be");
    expect(() => readOptions(["--speed", "1"], 1)).toThrow("--speed");
  });
});
