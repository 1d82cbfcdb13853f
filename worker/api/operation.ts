/**
 * What an operation of the API takes and gives. It is said once: requests are read by these schemas,
 * `/openapi.json` is made of them, and the tests hold every reply against them.
 */
import { z } from "zod";
import { readJson } from "./body.ts";
import type { ApiDeps, Call, FleetCall, Handler } from "./deps.ts";
import { type Checked, check } from "./fields.ts";
import { asFleetCall } from "./on-fleet.ts";
import { type Problem, invalidFields, problem } from "./problem.ts";
import type { ProblemKind } from "./problem-kinds.ts";
import { readQuery } from "./query.ts";

export type Tag = "Fleets" | "Instances" | "Target" | "Leases" | "Steering" | "History" | "Service";

/** A successful reply, or one with a body of its own. */
export interface Reply {
  readonly description: string;
  /** Null where there is no body. */
  readonly content: Readonly<Record<string, Content>> | null;
  /** Besides those of every reply. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Content {
  readonly schema: z.ZodType;
  readonly example: unknown;
}

/** How a body is read, and how it is described. */
export interface Body<Value> {
  readonly schema: z.ZodType;
  readonly example: unknown;
  readonly required: boolean;
  readonly read: (body: unknown, now: number) => Checked<Value> | { readonly problem: Problem };
}

export interface Described {
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly replies: Readonly<Record<number, Reply>>;
  /** Besides those that every operation of its kind has. */
  readonly problems?: readonly ProblemKind[];
  /** Headers that the request may bring, with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation extends Described {
  readonly query: z.ZodObject;
  /** Parameters in the path that are checked; the others are looked up as they are. */
  readonly path: z.ZodObject;
  readonly body: Omit<Body<unknown>, "read"> | null;
  readonly answer: Handler;
}

/** An operation has no body, or no parameters, where it names none. */
export const NOTHING = z.strictObject({});
export type Nothing = typeof NOTHING;

/** The parameters of an open route: whatever a monitor or a link adds is ignored. */
export const WHATEVER = z.object({});

/** What a request on a fleet brought, read. */
export interface Given<Query extends z.ZodObject, Path extends z.ZodObject, Value> {
  readonly query: z.output<Query>;
  readonly path: z.output<Path>;
  readonly body: Value;
}

/** What an operation reads of a request; what it names none of is empty. */
interface Reads<Query extends z.ZodObject, Path extends z.ZodObject, Value> extends Described {
  readonly query?: Query;
  readonly path?: Path;
  readonly body?: Body<Value>;
}

/** An operation on one fleet. What is wrong with a request is told before the fleet is asked anything. */
export function onFleet<
  Query extends z.ZodObject = Nothing,
  Path extends z.ZodObject = Nothing,
  Value = undefined,
>(
  wanted: Reads<Query, Path, Value> & {
    readonly answer: (
      c: Call,
      call: FleetCall,
      given: Given<Query, Path, Value>,
    ) => Response | Promise<Response>;
  },
): Operation {
  const { answer, ...reads } = wanted;
  return operationOf(reads, (given) =>
    asFleetCall(async (c, call) => {
      const read = await given(c, call.deps);
      return "refused" in read ? read.refused : await answer(c, call, read);
    }),
  );
}

/** An operation on the whole deployment. */
export function onAll<
  Query extends z.ZodObject = Nothing,
  Path extends z.ZodObject = Nothing,
  Value = undefined,
>(
  wanted: Reads<Query, Path, Value> & {
    readonly answer: (
      c: Call,
      deps: ApiDeps,
      given: Given<Query, Path, Value>,
    ) => Response | Promise<Response>;
  },
): Operation {
  const { answer, ...reads } = wanted;
  return operationOf(reads, (given) => async (c, deps) => {
    const read = await given(c, deps);
    return "refused" in read ? read.refused : await answer(c, deps, read);
  });
}

type ReadGiven<All> = (c: Call, deps: ApiDeps) => Promise<All | { readonly refused: Response }>;

function operationOf<Query extends z.ZodObject, Path extends z.ZodObject, Value>(
  reads: Reads<Query, Path, Value>,
  answering: (given: ReadGiven<Given<Query, Path, Value>>) => Handler,
): Operation {
  const { query = NOTHING as unknown as Query, path = NOTHING as unknown as Path } = reads;
  const { body = null } = reads;
  const given: ReadGiven<Given<Query, Path, Value>> = async (c, deps) => {
    const asked = readQuery(c, query);
    if (!asked.ok) return { refused: invalidFields(c, asked.errors) };
    const read = await readBody(c, body, deps);
    if ("problem" in read) return { refused: problem(c, read.problem) };
    const named = check(path, pick(path, c.req.param()));
    if (named.ok && read.ok) return { query: asked.value, path: named.value, body: read.value };
    const errors = [...(named.ok ? [] : named.errors), ...(read.ok ? [] : read.errors)];
    return { refused: invalidFields(c, errors) };
  };
  return { ...reads, query, path, body, answer: answering(given) };
}

/** A body that may be left out, if its schema has a default for everything. */
export function optionalBody<Schema extends z.ZodType>(
  schema: Schema,
  example: unknown,
): Body<z.output<Schema>> {
  return { schema, example, required: false, read: (body) => check(schema, body ?? {}) };
}

export function json(
  description: string,
  schema: z.ZodType,
  example: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { description, content: { "application/json": { schema, example } }, headers };
}

/** A reply that is also told as lines for a terminal. */
export function jsonOrText(
  description: string,
  schema: z.ZodType,
  example: unknown,
  lines: readonly string[],
): Reply {
  const text = { schema: z.string(), example: lines.join("\n") };
  return { description, content: { "application/json": { schema, example }, "text/plain": text } };
}

/** Lines for a terminal, the last of them ended too. */
export function textOf(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

/** Of replies that come in more than one form. */
export const VARIES = { Vary: "The request header by which the form was chosen." };

async function readBody<Value>(
  c: Call,
  body: Body<Value> | null,
  { now }: ApiDeps,
): Promise<Checked<Value> | { readonly problem: Problem }> {
  if (body === null) return { ok: true, value: undefined as Value };
  const read = await readJson(c.req.raw);
  return read.ok ? body.read(read.value, now()) : { problem: read.problem };
}

function pick(path: z.ZodObject, given: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.keys(path.shape).map((key) => [key, given[key]]));
}
