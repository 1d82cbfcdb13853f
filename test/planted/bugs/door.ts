/** Who may call, and as whom. */
import type { HeldBug } from "../bug.ts";

const KIND = "a seam";
const TOKENS = "worker/env-tokens.ts";
const TOKENS_TEST = "test/worker/env-tokens.test.ts";
const MATRIX = "test/worker/api/matrix.test.ts";

export const DOOR: readonly HeldBug[] = [
  {
    name: "token-for-one-fleet-opens-all",
    kind: KIND,
    what: "a token that is for some fleets alone calls the others too",
    heldBy: [MATRIX],
    file: "worker/api/app.ts",
    find: "  if (outside !== null) return problem(c, outside);\n",
    replace: "",
  },
  {
    name: "lists-show-every-fleet",
    kind: KIND,
    what: "a token that is for some fleets alone reads the names and numbers of the others in lists",
    heldBy: [MATRIX],
    file: "worker/api/scope.ts",
    find: "(await directory.names()).filter((name) => fleets.includes(name))",
    replace: "await directory.names()",
  },
  {
    name: "two-tokens-of-one-name",
    kind: KIND,
    what: "two tokens of one name share their leases, and the audit trail cannot tell them apart",
    heldBy: [TOKENS_TEST],
    file: TOKENS,
    find: "other.name.toLowerCase() === name",
    replace: "other.name === name && other.role === entry.role",
  },
  {
    name: "tail-of-a-token-is-a-token",
    kind: KIND,
    what: "a comma inside a token makes an operator's token of what follows it",
    heldBy: [TOKENS_TEST],
    file: TOKENS,
    find: "if (texts.length > 1 && entry.name === null)",
    replace: "if (texts.length > 2 && entry.name === null)",
  },
  {
    name: "service-token-is-a-person",
    kind: KIND,
    what: "a service token of Access that is named like a mail address changes that person's leases",
    heldBy: ["test/worker/api/access.test.ts"],
    file: "worker/api/access.ts",
    find: "`access-service:${name}`",
    replace: "`access:${name}`",
  },
  {
    name: "guesses-are-free",
    kind: KIND,
    what: "an address may try as many tokens as it likes, as fast as it can",
    heldBy: ["test/worker/api/rates.test.ts"],
    file: "worker/api/app.ts",
    find: "who.isGuess ? wrong.take(addressOf(c), deps.now()) : null",
    replace: 'who.isGuess ? wrong.take(c.get("requestId"), deps.now()) : null',
  },
];
