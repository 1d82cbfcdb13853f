/** One request out of the description: a right one, or one with something wrong about it. */
import { createRandom, type Random } from "../aws/demand/random.ts";
import type { Description, Operation } from "./description.ts";
import { chance, oneOf, whole } from "../aws/demand/draw.ts";
import type { Known } from "./known.ts";
import { Values } from "./values.ts";

export interface Request {
  readonly number: number;
  readonly method: string;
  /** With its query, as it is sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

/** Larger than any body that the API reads. */
const HUGE_BYTES = 300_000;
/** No header value that a client could not send. */
const HEADER_VALUE = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/u;

const METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"] as const;

const PATHS = [
  "/v1",
  "/v1/",
  "/v1/fleets/",
  "/v1/fleets/media/",
  "/v1/fleets//instances",
  "/v1/fleets/media/instances/x/reboot",
  "/v2/fleets",
  "/metrics/x",
  "/%2e%2e/v1/fleets",
  "/v1/fleets/%00",
  "/v1/fleets/%ff",
  "/v1/fleets/%zz",
  "/page/0/main.js",
] as const;

const BODY_TYPES = [
  "text/plain",
  "application/xml",
  "application/json; charset=utf-8",
  "x",
] as const;

const BROKEN_BODIES = [
  "",
  "{",
  "[",
  '{"a":',
  "nul",
  "{'a':1}",
  "\uFEFF{}",
  "1 2",
  '"\\ud800"',
] as const;

/** The number alone says which request it is; what is known by then says whom it names. */
export function requestOf(
  seed: number,
  number: number,
  {
    description,
    operations,
    token,
  }: { description: Description; operations: readonly Operation[]; token: string },
  known: Known,
): Request {
  const random = createRandom(seed, String(number));
  const values = new Values(random, description);
  const operation = oneOf(random, operations);
  const method = chance(random, 0.02) ? oneOf(random, METHODS) : operation.method;
  const place = chance(random, 0.02)
    ? oneOf(random, PATHS)
    : pathOf(operation, random, known) + queryOf(operation, random, values, known);
  const body = method === "GET" || method === "DELETE" ? null : bodyOf(operation, random, values);
  return {
    number,
    method,
    path: place,
    headers: {
      ...tokenOf(random, token),
      ...(body === null ? {} : { "Content-Type": typeOf(random) }),
      ...headersOf(operation, random, values, known),
    },
    body,
  };
}

function pathOf({ path }: Operation, random: Random, known: Known): string {
  return path.replaceAll(/\{(\w+)\}/gu, (_, name: string) => {
    if (chance(random, 0.04)) return encodeURIComponent(oddName(random));
    return encodeURIComponent(oneOf(random, known.namesOf(name, path)));
  });
}

function oddName(random: Random): string {
  return oneOf(random, [
    "a".repeat(33),
    "Media",
    "a b",
    "__proto__",
    "é",
    "x/y",
    "-",
    "a".repeat(4_000),
  ]);
}

function queryOf(operation: Operation, random: Random, values: Values, known: Known): string {
  const query = new URLSearchParams();
  for (const { name, in: place, schema } of operation.parameters) {
    if (place !== "query" || !chance(random, name === "confirm" ? 0.9 : 0.3)) continue;
    const value = chance(random, 0.1)
      ? values.spoiled(values.valid(schema))
      : (known.valueOf(name, random) ?? values.valid(schema));
    query.append(name, textOf(value));
    if (chance(random, 0.03)) query.append(name, textOf(value));
  }
  if (chance(random, 0.03)) query.append(oneOf(random, ["verbose", "", "__proto__"]), "1");
  const written = query.toString();
  const garbage = chance(random, 0.01) ? "&%zz=%" : "";
  return written === "" && garbage === "" ? "" : `?${written}${garbage}`;
}

function textOf(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 2_000);
}

function bodyOf({ requestBody }: Operation, random: Random, values: Values): Request["body"] {
  const content = requestBody?.content["application/json"];
  if (content === undefined) return chance(random, 0.9) ? null : "{}";
  if (chance(random, 0.02)) return oneOf(random, BROKEN_BODIES);
  if (chance(random, 0.005)) return " ".repeat(HUGE_BYTES);
  if (chance(random, 0.01)) return new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]);
  if (chance(random, 0.05)) return null;
  const value = chance(random, 0.5)
    ? values.renewed(content.example)
    : values.valid(content.schema);
  let changed = value;
  for (let left = chance(random, 0.5) ? 0 : whole(random, 1, 3); left > 0; left -= 1)
    changed = values.spoiled(changed);
  return JSON.stringify(changed);
}

function typeOf(random: Random): string {
  return chance(random, 0.03) ? oneOf(random, BODY_TYPES) : "application/json";
}

function tokenOf(random: Random, token: string): Record<string, string> {
  if (chance(random, 0.97)) return { Authorization: `Bearer ${token}` };
  if (chance(random, 0.3)) return {};
  return { Authorization: oneOf(random, ["Bearer", "Bearer x", "Basic eDp4", `bearer  ${token}`]) };
}

function headersOf(
  operation: Operation,
  random: Random,
  values: Values,
  known: Known,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, in: place, schema } of operation.parameters) {
    if (place !== "header" || !chance(random, 0.1)) continue;
    const value = textOf(known.valueOf(name, random) ?? values.spoiled(values.valid(schema)));
    if (HEADER_VALUE.test(value)) headers[name] = value;
  }
  if (chance(random, 0.1))
    headers["Accept"] = oneOf(random, [
      "text/plain",
      "*/*",
      "application/json",
      ";;q=",
      "text/html",
    ]);
  return headers;
}
