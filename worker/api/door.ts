/** Who asks: by a token, or else by what Cloudflare Access says. */
import { isReservedName } from "../env-tokens.ts";
import { type Caller, createJudge, TOKEN_LENGTH_MIN } from "./auth.ts";
import type { ApiDeps, Call } from "./deps.ts";
import type { Problem } from "./problem.ts";

type Who =
  | { readonly caller: Caller }
  /** `isGuess`: something was sent that opens nothing. */
  | { readonly problem: Problem; readonly isGuess: boolean };

/** What it needs of the ways in. */
type Ways = Pick<ApiDeps, "tokens" | "access" | "settingsProblems" | "now">;

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** Where Cloudflare Access says who is there. */
export const ASSERTION = "Cf-Access-Jwt-Assertion";
const KEYS_RETRY_SECONDS = "5";

/** Without any way to say who one is, nobody may call anything. */
export function isConfigured({ tokens, access }: Pick<ApiDeps, "tokens" | "access">): boolean {
  return tokens.length > 0 || access !== null;
}

/** Gives the function that tells who a request is from. A token goes before what Access says. */
export function createDoor({
  tokens,
  access,
  settingsProblems,
  now,
}: Ways): (c: Call) => Promise<Who> {
  const judge = createJudge(tokens, now);
  const names = new Set(tokens.map(({ name }) => name.toLowerCase()));
  const configured = isConfigured({ tokens, access });

  return async (c) => {
    const authorization = c.req.header("Authorization");
    const assertion = c.req.header(ASSERTION);
    if (authorization === undefined && access !== null && assertion !== undefined) {
      const verdict = await access(assertion);
      switch (verdict.kind) {
        case "wrong":
          return { problem: ASSERTION_WRONG, isGuess: true };
        case "unavailable":
          c.set("failure", verdict.reason);
          return { problem: KEYS_UNAVAILABLE, isGuess: false };
        case "caller":
          if (names.has(verdict.caller.name.toLowerCase()) || isReservedName(verdict.caller.name))
            return { problem: NAME_TAKEN, isGuess: false };
          return isOfAnotherSite(c)
            ? { problem: ANOTHER_SITE, isGuess: false }
            : { caller: verdict.caller };
      }
    }
    const verdict = await judge(authorization);
    switch (verdict.kind) {
      case "missing":
        return { problem: configured ? TOKEN_MISSING : noTokens(settingsProblems), isGuess: false };
      case "wrong":
        if (!configured) return { problem: noTokens(settingsProblems), isGuess: true };
        return { problem: verdict.isShort ? TOKEN_SHORT : TOKEN_WRONG, isGuess: true };
      case "expired":
        return { problem: tokenExpired(verdict), isGuess: true };
      case "ambiguous":
        return { problem: TOKEN_TWICE, isGuess: true };
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

const TOKEN_TWICE: Problem = {
  ...TOKEN_WRONG,
  detail:
    "This token is configured more than once, so nobody knows whose it is, and it opens nothing. Nothing was changed. Ask an operator to make a token for each name.",
};

function tokenExpired({ name, at }: { readonly name: string; readonly at: number }): Problem {
  return {
    ...TOKEN_WRONG,
    detail: `The token \`${name}\` expired at ${new Date(at).toISOString()}. Nothing was changed. Ask an operator for a new one.`,
  };
}

/** What is wrong with the settings is said here too: nobody could look at it elsewhere. */
function noTokens(problems: readonly string[]): Problem {
  const wrong =
    problems.length === 0 ? "" : ` What is set is not accepted: ${problems.join("; ")}.`;
  return {
    kind: "unauthorized",
    detail: `No token of at least ${TOKEN_LENGTH_MIN} characters is configured, so nobody may call this. Set one with \`npx wrangler secret put OPERATOR_TOKEN\`; \`openssl rand -hex 32\` makes one.${wrong}`,
    headers: { "WWW-Authenticate": CHALLENGE },
  };
}

const NAME_TAKEN: Problem = {
  kind: "forbidden",
  detail:
    "Your identity in Cloudflare Access has the name of one of Lightfleet's tokens, or a name that means something else in the audit trail, so nobody could tell the two apart. Nothing was changed. Ask an operator to rename the token.",
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
