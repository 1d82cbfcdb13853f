/** Who asks: by a token, or else by what Cloudflare Access says. */
import { type Caller, createJudge, TOKEN_LENGTH_MIN } from "./auth.ts";
import type { ApiDeps, Call } from "./deps.ts";
import type { Problem } from "./problem.ts";

type Who = { readonly caller: Caller } | { readonly problem: Problem };

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** Where Cloudflare Access says who is there. */
export const ASSERTION = "Cf-Access-Jwt-Assertion";
const KEYS_RETRY_SECONDS = "5";

/** Without any way to say who one is, nobody may call anything. */
export function isConfigured({ tokens, access }: Pick<ApiDeps, "tokens" | "access">): boolean {
  return tokens.length > 0 || access !== null;
}

/** Gives the function that tells who a request is from. A token goes before what Access says. */
export function createDoor({ tokens, access }: ApiDeps): (c: Call) => Promise<Who> {
  const judge = createJudge(tokens);
  const configured = isConfigured({ tokens, access });

  return async (c) => {
    const authorization = c.req.header("Authorization");
    const assertion = c.req.header(ASSERTION);
    if (authorization === undefined && access !== null && assertion !== undefined) {
      const verdict = await access(assertion);
      switch (verdict.kind) {
        case "wrong":
          return { problem: ASSERTION_WRONG };
        case "unavailable":
          c.set("failure", verdict.reason);
          return { problem: KEYS_UNAVAILABLE };
        case "caller":
          return isOfAnotherSite(c) ? { problem: ANOTHER_SITE } : { caller: verdict.caller };
      }
    }
    const verdict = await judge(authorization);
    switch (verdict.kind) {
      case "missing":
        return { problem: configured ? TOKEN_MISSING : NO_TOKENS };
      case "wrong":
        return { problem: verdict.isShort ? TOKEN_SHORT : TOKEN_WRONG };
      case "caller":
        return { caller: verdict.caller };
    }
  };
}

/**
 * Access knows a browser by a cookie, which goes along with what another site's page makes it send. A
 * browser tells where a change comes from; what is no browser tells nothing.
 */
function isOfAnotherSite(c: Call): boolean {
  if (READS.has(c.req.method)) return false;
  const origin = c.req.header("Origin");
  const site = c.req.header("Sec-Fetch-Site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return origin !== undefined && origin !== new URL(c.req.url).origin;
}

const CHALLENGE = 'Bearer realm="lightfleet"';

const TOKEN_MISSING: Problem = {
  kind: "unauthorized",
  detail: "Send a token in the header `Authorization: Bearer ...`.",
  headers: { "WWW-Authenticate": CHALLENGE },
};

const TOKEN_WRONG: Problem = {
  kind: "unauthorized",
  detail: "The token is not one of those configured. Nothing was changed. Ask an operator for one.",
  headers: { "WWW-Authenticate": `${CHALLENGE}, error="invalid_token"` },
};

const TOKEN_SHORT: Problem = {
  ...TOKEN_WRONG,
  detail: `The token has fewer than ${TOKEN_LENGTH_MIN} characters, and no such token is accepted, even where one is configured. Nothing was changed. Set a longer one with \`npx wrangler secret put OPERATOR_TOKEN\`; \`openssl rand -hex 32\` makes one.`,
};

const NO_TOKENS: Problem = {
  kind: "unauthorized",
  detail: `No token of at least ${TOKEN_LENGTH_MIN} characters is configured, so nobody may call this. Set one with \`npx wrangler secret put OPERATOR_TOKEN\`; \`openssl rand -hex 32\` makes one.`,
  headers: { "WWW-Authenticate": CHALLENGE },
};

const ASSERTION_WRONG: Problem = {
  kind: "unauthorized",
  detail: `What Cloudflare Access says (\`${ASSERTION}\`) is not for this application, or is over. Nothing was changed. Sign in again, or send a token; if it stays so, compare ACCESS_TEAM_DOMAIN and ACCESS_AUD with the application in Zero Trust.`,
  headers: { "WWW-Authenticate": CHALLENGE },
};

const KEYS_UNAVAILABLE: Problem = {
  kind: "keys-unavailable",
  detail: `The keys of Cloudflare Access could not be read, so nobody can be told from anybody. Nothing was changed. Repeat it after ${KEYS_RETRY_SECONDS} s, or send a token; if it stays so, look at ACCESS_TEAM_DOMAIN.`,
  headers: { "Retry-After": KEYS_RETRY_SECONDS },
};

const ANOTHER_SITE: Problem = {
  kind: "forbidden",
  detail:
    "This change comes from a page of another site. Nothing was changed. Make it from Lightfleet's own page, or with a token.",
};
