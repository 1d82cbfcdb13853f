import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createJudge, mayAct } from "../../../worker/api/auth.ts";

/** As `openssl rand -hex 16` gives one. */
const LONG = "0123456789abcdef0123456789abcdef";
const DIGEST = sha256(LONG);

const now = () => Date.UTC(2026, 10, 22);

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const TOKENS = [
  { name: "alice", role: "operator", value: "a-long-secret" },
  { name: "bob", role: "viewer", value: "another" },
] as const;

describe("the judge of a token", () => {
  it("knows whose token it is", async () => {
    const judge = createJudge(TOKENS, now);

    expect(await judge("Bearer another")).toEqual({
      kind: "caller",
      caller: { id: "token:bob", name: "bob", role: "viewer", fleets: null },
    });
  });

  it("takes the scheme in any case, with spaces around the token", async () => {
    const judge = createJudge(TOKENS, now);

    expect((await judge("bearer   a-long-secret ")).kind).toBe("caller");
  });

  it("tells a wrong token from a missing one", async () => {
    const judge = createJudge(TOKENS, now);

    expect((await judge("Bearer a-long-secreT")).kind).toBe("wrong");
    expect((await judge("Bearer a-long-secret2")).kind).toBe("wrong");
    expect((await judge(undefined)).kind).toBe("missing");
    expect((await judge("a-long-secret")).kind).toBe("missing");
  });

  it("does not take a token's name or its hash for the token", async () => {
    const judge = createJudge(TOKENS, now);

    expect((await judge("Bearer alice")).kind).toBe("wrong");
    expect((await judge("Bearer alice:a-long-secret")).kind).toBe("wrong");
  });

  it("knows nobody by a token that two have, whether it is given or known by its digest", async () => {
    const old = { name: "old", role: "viewer", value: LONG } as const;
    for (const value of [LONG, `sha256:${DIGEST}`]) {
      const judge = createJudge([old, { name: "new", role: "operator", value }], now);

      expect(await judge(`Bearer ${LONG}`)).toEqual({ kind: "ambiguous" });
    }
  });

  it("knows a token by its digest, and does not take the digest for the token", async () => {
    const value = `sha256:${DIGEST}`;
    const judge = createJudge([{ name: "ci", role: "viewer", value }], now);

    expect(await judge(`Bearer ${LONG}`)).toMatchObject({ caller: { name: "ci" } });
    for (const wrong of [DIGEST, value, LONG.toUpperCase()])
      expect((await judge(`Bearer ${wrong}`)).kind).toBe("wrong");
  });

  it("takes no short token that is known by its digest: that one could be guessed", async () => {
    const value = `sha256:${sha256("abcde")}`;
    const judge = createJudge([{ name: "ci", role: "operator", value }], now);

    expect(await judge("Bearer abcde")).toEqual({ kind: "wrong", isShort: true });
  });

  it("takes a token until the moment at which it expires, and says so then", async () => {
    const expiresAt = Date.UTC(2027, 0, 1);
    let at = expiresAt - 1;
    const judge = createJudge([{ name: "ci", role: "viewer", value: LONG, expiresAt }], () => at);

    expect((await judge(`Bearer ${LONG}`)).kind).toBe("caller");
    at = expiresAt;
    expect(await judge(`Bearer ${LONG}`)).toEqual({ kind: "expired", name: "ci", at: expiresAt });
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
