import { describe, expect, it } from "vitest";
import { createJudge, mayAct } from "../../../worker/api/auth.ts";

const TOKENS = [
  { name: "alice", role: "operator", value: "a-long-secret" },
  { name: "bob", role: "viewer", value: "another" },
] as const;

describe("the judge of a token", () => {
  it("knows whose token it is", async () => {
    const judge = createJudge(TOKENS);

    expect(await judge("Bearer another")).toEqual({
      kind: "caller",
      caller: { id: "token:bob", name: "bob", role: "viewer" },
    });
  });

  it("takes the scheme in any case, with spaces around the token", async () => {
    const judge = createJudge(TOKENS);

    expect((await judge("bearer   a-long-secret ")).kind).toBe("caller");
  });

  it("tells a wrong token from a missing one", async () => {
    const judge = createJudge(TOKENS);

    expect((await judge("Bearer a-long-secreT")).kind).toBe("wrong");
    expect((await judge("Bearer a-long-secret2")).kind).toBe("wrong");
    expect((await judge(undefined)).kind).toBe("missing");
    expect((await judge("a-long-secret")).kind).toBe("missing");
  });

  it("does not take a token's name or its hash for the token", async () => {
    const judge = createJudge(TOKENS);

    expect((await judge("Bearer alice")).kind).toBe("wrong");
    expect((await judge("Bearer alice:a-long-secret")).kind).toBe("wrong");
  });

  it("lets the first of two tokens of the same value stand", async () => {
    const judge = createJudge([
      { name: "old", role: "viewer", value: "same" },
      { name: "new", role: "operator", value: "same" },
    ]);

    expect(await judge("Bearer same")).toMatchObject({ caller: { name: "old" } });
  });
});

describe("a role", () => {
  it("may do what lesser roles may, and no more", () => {
    expect(mayAct("operator", "viewer")).toBe(true);
    expect(mayAct("dispatcher", "viewer")).toBe(true);
    expect(mayAct("dispatcher", "operator")).toBe(false);
    expect(mayAct("viewer", "dispatcher")).toBe(false);
  });
});
