/**
 * The API's tokens, as the settings give them:
 *
 *     OPERATOR_TOKEN     secret
 *     DISPATCHER_TOKEN   name:secret;exp=2027-01-01;fleets=media,staging , other:sha256:HEX
 *
 * What can be read in two ways opens nothing: a comma inside a secret would make a token of its tail, a colon
 * would publish its head as a name. Nothing here throws: wrong settings must not blind the fleets, whose
 * servers carry broadcasts. No sentence repeats an entry, for what looks like a name may be part of a secret.
 */
import { FLEET_ITSELF } from "../durable/rules/views.ts";
import { type Role, type Token, TOKEN_LENGTH_MIN } from "./api/auth.ts";

export type TokenSetting = "OPERATOR_TOKEN" | "VIEWER_TOKEN" | "DISPATCHER_TOKEN";

export interface ReadTokens {
  /** Those that open something. */
  readonly tokens: readonly Token[];
  /** Why others do not, each in a sentence without any part of a token. */
  readonly refused: readonly string[];
  /** Everything in these settings that may be a secret, whether it opens something or not. */
  readonly secrets: readonly string[];
}

interface Entry {
  /** Setting and place, for people. */
  readonly where: string;
  readonly role: Role;
  readonly name: string;
  readonly value: string;
  readonly options: readonly string[];
}

type Read = { readonly token: Token } | { readonly problem: string };

const ROLE_OF: Readonly<Record<TokenSetting, Role>> = {
  OPERATOR_TOKEN: "operator",
  VIEWER_TOKEN: "viewer",
  DISPATCHER_TOKEN: "dispatcher",
};

const VALUE_LENGTH_MAX = 512;
/** What can stand in a header, without what separates entries, names and options. */
const VALUE = /^[\x21-\x2b\x2d-\x39\x3c-\x7e]+$/u;
const DIGEST = /^sha256$/iu;
const HASHED = /^sha256:[0-9a-f]{64}$/iu;
/** Capitals all over, or at the beginning alone: secrets have them anywhere. */
const NAME = /^(?:[A-Za-z][a-z0-9._@-]{0,63}|[A-Z][A-Z0-9._@-]{0,63})$/u;
/** Letters and digits that follow each other directly, as they do in secrets; `ci-2026-11` has none. */
const MIXED = /(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])/giu;
const MIXED_MAX = 2;
const FLEET = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/u;
const DAY = /^\d{4}-\d{2}-\d{2}$/u;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/u;

/** Words that stand in audits for something else, or that begin an id. */
const RESERVED: ReadonlySet<string> = new Set([
  FLEET_ITSELF,
  "unknown",
  "tag",
  "token",
  "access",
  "sha256",
]);

/** Whether a name means something else in audits: no token and no identity of Access may carry it. */
export function isReservedName(name: string): boolean {
  return RESERVED.has(name.toLowerCase());
}

/** @param people mail addresses that Cloudflare Access lets in as operators */
export function readTokens(
  settings: Readonly<Record<TokenSetting, string | null>>,
  people: readonly string[],
): ReadTokens {
  const names = Object.keys(ROLE_OF) as TokenSetting[];
  const split = names.map((name) => splitSetting(name, settings[name]));
  const entries = split.flatMap((setting) => ("entries" in setting ? setting.entries : []));
  const read = entries.map((entry) => ({ entry, ...readEntry(entry) }));
  const twice = read.map(({ entry }) => twinOf(entry, entries));
  const tokens = read.flatMap((each, index) =>
    "token" in each && twice[index] === null ? [each.token] : [],
  );
  return {
    tokens,
    refused: [
      ...split.flatMap((setting) => ("problem" in setting ? [setting.problem] : [])),
      ...read.flatMap((each, index) => {
        const problem = "problem" in each ? each.problem : (twice[index] ?? null);
        return problem === null ? [] : [`${each.entry.where} ${problem}`];
      }),
      ...peopleNamedLike(tokens, people),
    ],
    secrets: names.flatMap((name) => partsOf(settings[name])),
  };
}

/** The entries of a setting; a comma in the list of an entry's fleets ends none. */
function splitSetting(
  setting: TokenSetting,
  text: string | null,
): { readonly entries: readonly Entry[] } | { readonly problem: string } {
  if (text === null) return { entries: [] };
  const texts: string[] = [];
  for (const piece of text.split(",").map((each) => each.trim())) {
    const last = texts.at(-1);
    const [head = ""] = piece.split(";");
    const goesOn = last !== undefined && /;\s*fleets=[^;]*$/u.test(last) && !head.includes(":");
    if (goesOn) texts[texts.length - 1] = `${last},${piece}`;
    else texts.push(piece);
  }
  const entries: Entry[] = [];
  for (const [index, each] of texts.entries()) {
    const where = `${setting}: entry ${index + 1}`;
    const entry = splitEntry(each, ROLE_OF[setting], where);
    if (entry === null)
      return {
        problem: `${where} must be a token, name:token, or sha256: and 64 hex digits in the place of the token, which itself has no comma, colon or semicolon; until it is, none of ${setting} is accepted`,
      };
    if (texts.length > 1 && entry.name === null)
      return {
        problem: `${where} has no name: with a comma in ${setting} each token needs one, such as alice:..., or a comma inside a token would make two of it; until then none of them is accepted`,
      };
    entries.push({ ...entry, name: entry.name ?? entry.role });
  }
  return { entries };
}

function splitEntry(
  text: string,
  role: Role,
  where: string,
): (Omit<Entry, "name"> & { readonly name: string | null }) | null {
  const [head = "", ...options] = text.split(";").map((part) => part.trim());
  const colon = HASHED.test(head) ? -1 : head.indexOf(":");
  const name = colon < 0 ? null : head.slice(0, colon).trim();
  const written = head.slice(colon + 1).trim();
  const value = HASHED.test(written) ? written.toLowerCase() : written;
  // A digest that is cut short is no token with the name `sha256`.
  const isNamed = name === null || (isName(name) && !DIGEST.test(name));
  if (!isNamed || (!VALUE.test(value) && !HASHED.test(value))) return null;
  return { where, role, name, value, options };
}

function isName(text: string): boolean {
  return NAME.test(text) && [...text.matchAll(MIXED)].length <= MIXED_MAX;
}

function readEntry({ role, name, value, options }: Entry): Read {
  if (!HASHED.test(value) && value.length < TOKEN_LENGTH_MIN)
    return {
      problem: `has fewer than ${TOKEN_LENGTH_MIN} characters and is not accepted; \`openssl rand -hex 32\` makes a good one`,
    };
  if (value.length > VALUE_LENGTH_MAX)
    return { problem: `has more than ${VALUE_LENGTH_MAX} characters and is not accepted` };
  const isOfAnotherRole = name !== role && Object.values(ROLE_OF).some((each) => each === name);
  if (isReservedName(name) || isOfAnotherRole)
    return { problem: "has a name that means something else here: give it another one" };
  const limited = readOptions(options);
  if ("problem" in limited) return limited;
  return { token: { role, name, value, ...limited } };
}

/** An option that is not understood might be a limit, so that it opens nothing. */
function readOptions(
  options: readonly string[],
): Pick<Token, "expiresAt" | "fleets"> | { readonly problem: string } {
  let expiresAt: number | null = null;
  let fleets: readonly string[] | null = null;
  for (const option of options) {
    const [key = "", ...rest] = option.split("=");
    const text = rest.join("=").trim();
    if (key.trim() === "exp" && expiresAt === null) {
      expiresAt = momentOf(text);
      if (expiresAt === null)
        return { problem: "must end with a moment, such as ;exp=2027-01-01 (in UTC)" };
    } else if (key.trim() === "fleets" && fleets === null) {
      fleets = text.split(",").map((each) => each.trim());
      if (!fleets.every((each) => FLEET.test(each)))
        return { problem: "must name its fleets, such as ;fleets=media,staging" };
    } else return { problem: "has an option that is not one of ;exp= and ;fleets=, each once" };
  }
  return { expiresAt, fleets };
}

/** The beginning of a day in UTC, or a moment with an offset. `2027-02-30` is neither. */
function momentOf(text: string): number | null {
  if (!DAY.test(text) && !MOMENT.test(text)) return null;
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text.slice(0, 10))) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** Which other entry has its name or its value; null where none has. Neither of the two is accepted. */
function twinOf(entry: Entry, entries: readonly Entry[]): string | null {
  const others = entries.filter((other) => other !== entry);
  const name = entry.name.toLowerCase();
  const namesake = others.find((other) => other.name.toLowerCase() === name);
  if (namesake !== undefined)
    return `has the name of another token (${namesake.where}): give each its own; until then neither is accepted`;
  const same = others.find((other) => other.value === entry.value);
  if (same !== undefined)
    return `is the same token as another (${same.where}): make one for each; until then neither is accepted`;
  return null;
}

function peopleNamedLike(tokens: readonly Token[], people: readonly string[]): string[] {
  const names = new Set(tokens.map(({ name }) => name.toLowerCase()));
  return people.some((each) => names.has(each.toLowerCase()))
    ? [
        "ACCESS_OPERATORS: an address is the name of a token: rename the token; until then that person is not let in",
      ]
    : [];
}

/** Of an entry that is refused, any part may be a secret. */
function partsOf(text: string | null): string[] {
  if (text === null) return [];
  const parts = text.split(",").map((each) => each.trim());
  return [text, ...parts, ...parts.map((each) => each.slice(each.indexOf(":") + 1).trim())].flatMap(
    (part) => [part, part.split(";")[0]?.trim() ?? ""],
  );
}
