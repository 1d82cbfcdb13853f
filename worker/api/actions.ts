/** What an operator may do with one instance: the ledger is changed at once, and the ticks act on it. */
import { z } from "zod";
import type { InstanceAction } from "../../durable/rules/views.ts";
import { RESOURCE_NAME } from "./aws-names.ts";
import { type Checked, NO_REASON, check, oneOf, reason, said, strict, text } from "./fields.ts";
import { INSTANCE } from "./openapi/examples.ts";
import { type Operation, json, onFleet } from "./operation.ts";
import { type FieldError, refusedPart } from "./problem.ts";
import { acted } from "./schemas/instance.ts";

type Verb = InstanceAction["kind"];

type Read = (body: unknown) => Checked<InstanceAction>;

interface Action {
  readonly summary: string;
  readonly schema: z.ZodType;
  readonly example: unknown;
  readonly read: Read;
}

// `then` is the API's word; it is a string, so that nothing can mistake the object for a promise.
const drain = strict({ then: oneOf(["delete", "hold"]).default("delete"), reason })
  .transform((told): InstanceAction => ({ kind: "drain", ...told }))
  .meta({ id: "DrainBody" });

const plain = strict({ reason }).meta({ id: "ReasonBody" });

const deletion = strict({
  force: z
    .boolean(said("must be true or false"))
    .default(false)
    .describe("With its sessions; then the reason is required."),
  reason,
})
  .transform((told): InstanceAction => ({ kind: "delete", ...told }))
  .meta({ id: "DeletionBody" });

/** Lightsail's own rule, for an adopted instance was named by somebody else. */
const instanceName = strict({
  name: text(
    RESOURCE_NAME,
    "must be the name of an instance: 2 to 255 letters, digits or _.-, beginning and ending with a letter or digit",
  ),
});

/** What each action does and takes: a table, so that a new one does not compile without its line. */
const TABLE: Readonly<Record<Verb, Action>> = {
  drain: {
    summary: "Let no more sessions onto it; then delete it, or hold it",
    schema: drain,
    example: { then: "hold", reason: "to look at its log" },
    read: (body) => check(drain, body),
  },
  undrain: plainAction("undrain", "Put it back to work"),
  protect: plainAction("protect", "Let nothing delete it"),
  unprotect: plainAction("unprotect", "End its protection"),
  delete: {
    summary: "Delete it; 409 unless it was confirmed empty, or by force",
    schema: deletion,
    example: { force: true, reason: "its disk is full" },
    read: readDeletion,
  },
  adopt: plainAction("adopt", "Take over an instance that has not the fleet's tags"),
};

/** An operation for each action, by the last part of its path. */
export const ACTIONS: readonly (readonly [verb: string, operation: Operation])[] = Object.entries(
  TABLE,
).map(([verb, action]) => [verb, operationOf(verb, action)]);

function operationOf(verb: string, { summary, schema, example, read }: Action): Operation {
  return onFleet({
    id: `${verb}Instance`,
    tag: "Instances",
    summary,
    path: instanceName,
    body: { schema, example, required: false, read: (body) => read(body ?? {}) },
    replies: {
      200: json("The instance after it.", acted, { instance: INSTANCE }),
      202: json("A tick must look at it first.", acted, { instance: null }),
    },
    problems: ["unknown-instance", "conflict"],
    answer: async (c, call, { path, body }) => {
      const told = await call.fleet.act(path.name, body, call.asked);
      return "refused" in told
        ? refusedPart(c, call, told, "unknown-instance")
        : c.json(told, told.instance === null ? 202 : 200);
    },
  });
}

function plainAction(kind: Exclude<Verb, "drain" | "delete">, summary: string): Action {
  return {
    summary,
    schema: plain,
    example: { reason: "a long recording" },
    read: (body) => {
      const read = check(plain, body);
      return read.ok ? { ok: true, value: { kind, ...read.value } } : read;
    },
  };
}

function readDeletion(body: unknown): Checked<InstanceAction> {
  const read = check(deletion, body);
  const unexplained = forceIsExplained(body);
  if (read.ok && unexplained.length === 0) return read;
  return { ok: false, errors: [...(read.ok ? [] : read.errors), ...unexplained] };
}

/** Force may end sessions: anyone who reads the audit trail is owed a why. */
function forceIsExplained(body: unknown): FieldError[] {
  const read = z.object({ force: z.literal(true), reason }).safeParse(body);
  if (!read.success || read.data.reason !== NO_REASON) return [];
  return [{ field: "reason", message: "is required with force: say why sessions may be lost" }];
}
