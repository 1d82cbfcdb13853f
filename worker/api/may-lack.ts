import type { z } from "zod";

/**
 * A member that may be missing. JSON knows no `undefined`, so that this is as strict as zod's own
 * `exactOptional`, whose members the description would call required.
 */
export function mayLack<Schema extends z.ZodType>(schema: Schema): z.ZodExactOptional<Schema> {
  return schema.optional() as unknown as z.ZodExactOptional<Schema>;
}
