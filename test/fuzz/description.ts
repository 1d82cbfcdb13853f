/** What the fuzz reads of `/openapi.json`: it knows nothing of the API but what that says. */
import { z } from "zod";

/** A JSON schema, as far as values are made from it. */
export interface Schema {
  readonly $ref?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly items?: Schema | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
  readonly default?: unknown;
  readonly format?: string | undefined;
}

const schema = z.custom<Schema>((value) => typeof value === "object" && value !== null);

const media = z.record(z.string(), z.looseObject({ schema, example: z.unknown() }));

const parameter = z.looseObject({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean().default(false),
  schema,
});

const reply = z.looseObject({
  $ref: z.string().optional(),
  content: z.record(z.string(), z.unknown()).optional(),
  headers: z.record(z.string(), z.unknown()).optional(),
});

const operation = z.looseObject({
  operationId: z.string(),
  parameters: z.array(parameter),
  requestBody: z.looseObject({ content: media }).optional(),
  responses: z.record(z.string(), reply),
});

const description = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({
    schemas: z.record(z.string(), schema),
    responses: z.record(z.string(), reply),
  }),
});

export type Description = z.output<typeof description>;
export type Reply = z.output<typeof reply>;

export interface Operation extends z.output<typeof operation> {
  readonly method: string;
  readonly path: string;
}

export function readDescription(document: unknown): Description {
  return description.parse(document);
}

export function operationsOf({ paths }: Description): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
}
