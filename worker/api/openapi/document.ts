/**
 * The OpenAPI 3.1 document, out of the routes. Each names only what is its own: what every operation of
 * a kind takes and answers (the path's names, the token, the problems, the headers) is added here.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import type { Body, Operation, Reply } from "../operation.ts";
import { KINDS, PROBLEM_KINDS, type ProblemKind, TYPE_PREFIX } from "../problem-kinds.ts";
import { needsToken } from "../roles.ts";
import type { Route } from "../routes.ts";
import { noSpareBody, problemBody } from "../schemas/problem.ts";
import { ALWAYS_SENT, HEADERS } from "./headers.ts";
import { ABOUT, ROLE_WORDS, TAGS } from "./words.ts";

type Registry = OpenAPIHono["openAPIRegistry"];
type Document = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;
type Path = Parameters<Registry["registerPath"]>[0];
type Replies = Path["responses"];
type Headers = Record<
  string,
  ReferenceObject | { description: string; schema: { type: "string" } }
>;
type ReferenceObject = { $ref: `#/components/${string}` };

const PARAMETER = /:(\w+)/gu;

const PATH_WORDS: Readonly<Record<string, { description: string; example: string }>> = {
  fleet: { description: "The name of a fleet.", example: "media" },
  name: { description: "The name of an instance.", example: "media-ab12-1" },
  id: { description: "As it was given by the list, or when it was made.", example: "3f9a1c" },
};

/** The description of the whole API. */
export function documentOf(routes: readonly Route[]): Document {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "One of the tokens of OPERATOR_TOKEN, DISPATCHER_TOKEN and VIEWER_TOKEN.",
  });
  for (const [name, header] of Object.entries(HEADERS))
    registry.registerComponent("headers", name, header);
  for (const schema of [problemBody, noSpareBody]) registry.register(idOf(schema), schema);
  for (const each of routes) registry.registerPath(pathOf(each, registry));
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: ABOUT,
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    tags: TAGS,
  });
}

function pathOf(route: Route, registry: Registry): Path {
  const { operation, method, path, role } = route;
  const { id, tag, summary, description = "" } = operation;
  return {
    method:
      method === "GET" ? "get" : method === "PUT" ? "put" : method === "POST" ? "post" : "delete",
    path: path.replaceAll(PARAMETER, "{$1}"),
    operationId: id,
    tags: [tag],
    summary,
    description: `${description}${description === "" ? "" : "\n\n"}${ROLE_WORDS[role]}`,
    "x-role": role,
    ...(needsToken(role) ? {} : { security: [] }),
    request: requestOf(route),
    responses: { ...repliesOf(operation), ...problemsOf(route, registry) },
  };
}

function requestOf({ path, operation }: Route): NonNullable<Path["request"]> {
  const names = [...path.matchAll(PARAMETER)].map(([, name = ""]) => name);
  const { query, body, headers = {} } = operation;
  return {
    params: z.object(
      Object.fromEntries(names.map((name) => [name, pathParameter(operation, name)])),
    ),
    query,
    headers: z.object(
      Object.fromEntries(
        Object.entries({ "X-Request-Id": "Kept, if it can be; else one is made.", ...headers }).map(
          ([name, words]) => [name, z.string().optional().meta({ description: words })],
        ),
      ),
    ),
    ...(body === null ? {} : { body: requestBodyOf(body) }),
  };
}

function pathParameter({ path }: Operation, name: string): z.ZodType {
  const schema: unknown = path.shape[name] ?? z.string();
  if (!(schema instanceof z.ZodType)) throw new TypeError(`the parameter ${name} has no schema`);
  return schema.meta({ ...PATH_WORDS[name], param: { name, in: "path" } });
}

function requestBodyOf({ schema, example, required }: Omit<Body<unknown>, "read">) {
  return { required, content: { "application/json": { schema, example } } };
}

function repliesOf({ replies }: Operation): Replies {
  return Object.fromEntries(
    Object.entries(replies).map(([status, { description, content, headers = {} }]) => [
      status,
      { description, headers: headersOf(headers), ...(content === null ? {} : { content }) },
    ]),
  );
}

/** The problems of a route by their status; a reply of its own keeps its place. */
function problemsOf(route: Route, registry: Registry): Replies {
  const byStatus = new Map<number, ProblemKind[]>();
  for (const kind of kindsOf(route)) {
    const { status } = KINDS[kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), kind]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, kinds]) => {
      const own = route.operation.replies[status];
      return [status, own === undefined ? shared(registry, kinds) : withOwn(own, kinds)];
    }),
  );
}

/** What may go wrong with it, in the order of the table. */
function kindsOf({ path, role, operation }: Route): ProblemKind[] {
  const kinds: ProblemKind[] = [
    "invalid-fields",
    ...(path.includes(":fleet") ? (["invalid-fleet-name", "unknown-fleet"] as const) : []),
    ...(operation.body === null
      ? []
      : (["invalid-json", "body-too-slow", "body-too-large", "unsupported-media-type"] as const)),
    ...(role === "open" ? [] : (["unauthorized"] as const)),
    ...(needsToken(role) ? (["forbidden", "too-many-requests", "keys-unavailable"] as const) : []),
    ...(operation.problems ?? []),
    "internal",
    "unavailable",
  ];
  return PROBLEM_KINDS.filter((each) => kinds.includes(each));
}

/** Most operations share theirs: each set of problems is described once. */
function shared(registry: Registry, kinds: readonly ProblemKind[]): ReferenceObject {
  const name = kinds.join("_");
  if (!registry.definitions.some((each) => each.type === "component" && each.name === name))
    registry.registerComponent("responses", name, problemReply(kinds));
  return { $ref: `#/components/responses/${name}` };
}

function withOwn(own: Reply, kinds: readonly ProblemKind[]) {
  const { description, headers, content } = problemReply(kinds);
  return {
    description: `${own.description} Or: ${description}`,
    headers: { ...headersOf(own.headers ?? {}), ...headers },
    content: { ...own.content, ...content },
  };
}

function problemReply(kinds: readonly ProblemKind[]) {
  const schemas = [
    ...(kinds.some((kind) => kind !== "no-spare")
      ? [{ $ref: "#/components/schemas/Problem" }]
      : []),
    ...(kinds.includes("no-spare") ? [{ $ref: "#/components/schemas/NoSpareProblem" }] : []),
  ];
  const examples = Object.fromEntries(
    kinds.map((kind) => [kind, { summary: KINDS[kind].title, value: problemExample(kind) }]),
  );
  const statuses: readonly number[] = kinds.map((kind) => KINDS[kind].status);
  return {
    description: `${kinds.map((kind) => KINDS[kind].title).join("; ")}.`,
    headers: headersOf({
      ...(statuses.includes(401) ? { "WWW-Authenticate": "" } : {}),
      ...(statuses.some((each) => each === 429 || each === 503) ? { "Retry-After": "" } : {}),
    }),
    content: { "application/problem+json": { schema: { anyOf: schemas }, examples } },
  };
}

/** A problem as it might be: the words of the detail are told by the reply itself. */
export function problemExample(kind: ProblemKind) {
  const { status, title } = KINDS[kind];
  const known = { type: TYPE_PREFIX + kind, title, status, instance: "/v1/fleets/media" };
  if (kind === "invalid-fields") {
    const [field, message] = ["limits.maxInstances", "must be a whole number from 1 to 1000"];
    const detail = `Nothing was changed. \`${field}\` ${message}.`;
    return { ...known, detail, errors: [{ field, message }] };
  }
  if (kind === "no-spare") {
    const detail = "The fleet has 0 of the 1 spares that were wanted; nothing was taken.";
    return { ...known, detail, spares: 0, starting: 2, expectedAt: "2026-11-22T10:02:10.000Z" };
  }
  return { ...known, detail: `${title}.` };
}

/** Those that stand in the components are referred to; the others are written where they are. */
function headersOf(own: Readonly<Record<string, string>>): Headers {
  const headers: Headers = {};
  for (const name of ALWAYS_SENT) headers[name] = { $ref: `#/components/headers/${name}` };
  for (const [name, description] of Object.entries(own))
    headers[name] =
      name in HEADERS
        ? { $ref: `#/components/headers/${name}` }
        : { description, schema: { type: "string" } };
  return headers;
}

function idOf(schema: z.ZodType): string {
  const id = schema.meta()?.id;
  if (id === undefined) throw new TypeError("the schema has no name of its own");
  return id;
}
