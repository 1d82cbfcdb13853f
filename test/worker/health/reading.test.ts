import { describe, expect, it } from "vitest";
import { interpret, resolve } from "../../../worker/health/reading.ts";

function said(body: string, pointer = "/sessions", status = 200) {
  return interpret(status, new TextEncoder().encode(body), pointer, "media-a-1");
}

describe("an answer", () => {
  it.each([
    ['{"sessions":0}', "/sessions", 0],
    ['{"sessions":3.0}', "/sessions", 3],
    ['{"a":{"b/c":[{"~n":7}]}}', "/a/b~1c/0/~0n", 7],
    ["5", "", 5],
    ["[1,2]", "/1", 2],
    ['{"":{"":4}}', "//", 4],
  ])("%s says, at '%s', %i sessions", (body, pointer, sessions) => {
    expect(said(body, pointer)).toEqual({
      kind: "answer",
      sessions,
      draining: false,
      named: false,
    });
  });

  it("may name the instance and say that it drains", () => {
    expect(said('{"sessions":1,"instance":"media-a-1","draining":true}')).toEqual({
      kind: "answer",
      sessions: 1,
      draining: true,
      named: true,
    });
    expect(said('{"sessions":1,"instance":null,"draining":null}')).toMatchObject({
      kind: "answer",
      named: false,
    });
  });
});

describe("the same key", () => {
  it.each([
    ["in two objects", '{"sessions":1,"a":{"b":1},"c":{"b":2}}'],
    ["as a value", '{"sessions":1,"a":"sessions","b":["sessions","sessions"]}'],
    ["within a text", String.raw`{"sessions":1,"a":"\"sessions\":0,","b":"{\"b\":1,\"b\":2}"}`],
    ["behind a list", '{"a":[1,{"sessions":2},["sessions"]],"sessions":1}'],
    ["as the prototype's", '{"sessions":1,"constructor":1,"__proto__":2}'],
  ])("is no repetition %s", (_what, body) => {
    expect(said(body)).toMatchObject({ kind: "answer", sessions: 1 });
  });
});

describe("a hole", () => {
  it.each([
    ["nothing", ""],
    ["a page", "<html>"],
    ["half an answer", '{"sessions":0'],
    ["no such member", "{}"],
    ["null", '{"sessions":null}'],
    ["a text", '{"sessions":"0"}'],
    ["a negative number", '{"sessions":-1}'],
    ["a fraction", '{"sessions":0.5}'],
    ["too large a number", '{"sessions":1e300}'],
    ["a list", '{"sessions":[]}'],
    ["false", '{"sessions":false}'],
    ["another's name", '{"sessions":0,"instance":"media-a-2"}'],
    ["a name that is none", '{"sessions":0,"instance":7}'],
    ["a garbled draining", '{"sessions":0,"draining":"no"}'],
    ["a second number of sessions", '{"sessions":3,"sessions":0}'],
    ["a second name", '{"instance":"media-a-2","sessions":0,"instance":"media-a-1"}'],
    ["a key that is written twice in two ways", '{"sessions":3,"sess\\u0069ons":0}'],
    ["a key twice somewhere inside", '{"sessions":0,"rooms":[{"a":1},{"b":{"c":1,"c":2}}]}'],
  ])("is what %s leaves", (_what, body) => {
    expect(said(body).kind).toBe("hole");
  });

  it.each([204, 301, 302, 401, 404, 500, 503])("is what HTTP %i leaves", (status) => {
    expect(said('{"sessions":0}', "/sessions", status)).toEqual({
      kind: "hole",
      detail: `it answered HTTP ${status}`,
    });
  });

  it("is what bytes that are not UTF-8 leave", () => {
    expect(interpret(200, Uint8Array.of(0x22, 0xff, 0x22), "", "x").kind).toBe("hole");
  });
});

describe("a pointer", () => {
  it("does not reach what is not in the document", () => {
    expect(resolve({ a: [1] }, "/a/length")).toBeUndefined();
    expect(resolve({ a: [1] }, "/a/00")).toBeUndefined();
    expect(resolve({}, "/constructor/name/length")).toBeUndefined();
    expect(resolve({ a: 1 }, "a")).toBeUndefined();
    expect(resolve({ a: "text" }, "/a/0")).toBeUndefined();
  });

  it("takes ~01 for ~1, not for a slash", () => {
    expect(resolve({ "~1": 1, "/": 2 }, "/~01")).toBe(1);
  });
});
