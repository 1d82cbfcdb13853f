/** Cloudflare Access in the runtime that verifies its signatures in production. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createAccessJudge } from "../../../worker/api/access.ts";

const ISSUER = "https://example.cloudflareaccess.com";
const AUD = "a".repeat(64);

describe("Access in workerd", () => {
  it("is believed for what its key signed, and for nothing else", async () => {
    const ours = await generateKeyPair("RS256", { extractable: true });
    const foreign = await generateKeyPair("RS256", { extractable: true });
    const jwk = { ...(await exportJWK(ours.publicKey)), kid: "ours", alg: "RS256" };
    const judge = createAccessJudge(
      { issuer: ISSUER, audiences: [AUD], role: "dispatcher", operators: [] },
      { send: async () => Response.json({ keys: [jwk] }), now: () => Date.now() },
    );
    const token = async (key: CryptoKey): Promise<string> =>
      await new SignJWT({ email: "dan@example.org" })
        .setProtectedHeader({ alg: "RS256", kid: "ours" })
        .setIssuer(ISSUER)
        .setAudience([AUD])
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(key);

    expect(await judge(await token(ours.privateKey))).toEqual({
      kind: "caller",
      caller: {
        id: "access:dan@example.org",
        name: "dan@example.org",
        role: "dispatcher",
        fleets: null,
      },
    });
    expect(await judge(await token(foreign.privateKey))).toEqual({ kind: "wrong" });
  });
});
