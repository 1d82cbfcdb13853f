/** What goes wrong, as RFC 9457 has it. */
import { z } from "zod";
import { KINDS, PROBLEM_KINDS, TYPE_PREFIX } from "../problem-kinds.ts";
import { count, thing, time } from "./thing.ts";

const fieldError = thing("FieldError", "What is wrong with one value.", {
  field: z.string().describe("Its path in the body or the query, such as `limits.maxInstances`."),
  message: z.string(),
});

const members = {
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What is wrong, and what to do next."),
  instance: z.string().describe("The path of the request."),
};

const types = PROBLEM_KINDS.filter((kind) => kind !== "no-spare").map((kind) => TYPE_PREFIX + kind);

export const problemBody = thing("Problem", "What went wrong. Programs look at the type.", {
  type: z.enum(types),
  ...members,
  errors: z.array(fieldError).optional(),
});

export const noSpareBody = thing("NoSpareProblem", "There are not enough spares to lease.", {
  type: z.literal(`${TYPE_PREFIX}no-spare`),
  ...members,
  title: z.literal(KINDS["no-spare"].title),
  spares: count.describe("Slots that could be leased now."),
  starting: count.describe("Servers on their way to be ready."),
  expectedAt: time.nullable().describe("When the first of them should be ready."),
});
