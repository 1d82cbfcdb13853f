/** Every field that a request of the API may bring, by its route: taken from the schemas that read them. */
import { z } from "zod";
import { ROUTES } from "../../../worker/api/routes.ts";

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** Such as `POST /v1/fleets/:fleet/pause expiresInSeconds`. */
export function requestFields(): string[] {
  return ROUTES.flatMap(({ method, path, operation: { body, query } }) => {
    const fields = [...fieldsOf(query), ...(body === null ? [] : fieldsOf(body.schema))];
    return [...new Set(fields)].map((field) => `${method} ${path} ${field}`);
  });
}

/** Paths such as `limits.failedBoots.count` and `ports[].from`. */
export function fieldsOf(schema: z.ZodType): string[] {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
  const walk = (path: string, node: Schema): string[] => {
    if (node.$ref !== undefined)
      return walk(path, root.$defs?.[node.$ref.split("/").at(-1) ?? ""] ?? {});
    if (node.properties !== undefined)
      return Object.entries(node.properties).flatMap(([name, child]) =>
        walk(path === "" ? name : `${path}.${name}`, child),
      );
    if (node.items !== undefined) return walk(`${path}[]`, node.items);
    const parts = [...(node.anyOf ?? []), ...(node.allOf ?? [])];
    if (parts.length > 0) return parts.flatMap((part) => walk(path, part));
    return path === "" ? [] : [path];
  };
  // Of what may be null, both halves have the same path.
  const found = [...new Set(walk("", root))];
  return found.filter(
    (path) => !found.some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[]`)),
  );
}
