/** What the schemas of replies are made of. They describe the API, and the tests hold every reply against them. */
import { z } from "zod";

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;

type Same<One, Other> = [DeepReadonly<One>] extends [DeepReadonly<Other>]
  ? [DeepReadonly<Other>] extends [DeepReadonly<One>]
    ? unknown
    : never
  : never;

/** An object of the API under its own name; a member that it does not name is not allowed. */
export function thing<Shape extends z.ZodRawShape>(id: string, description: string, shape: Shape) {
  return z.strictObject(shape).meta({ id, description });
}

/** Compiles only where a schema says the same as the type that the objects behind the API give. */
export function tied<View>() {
  return <Schema extends z.ZodType>(schema: Schema & Same<z.output<Schema>, View>): Schema =>
    schema;
}

/** A moment, in UTC. */
export const time = z.iso.datetime();

/** A number of things. */
export const count = z.int().min(0);

/** US dollars, at bundle prices. */
export const usd = z.number();

/** Of a list that is told page by page. */
export const nextCursor = z
  .string()
  .nullable()
  .describe("The `cursor` of the next page; null at the end.");
