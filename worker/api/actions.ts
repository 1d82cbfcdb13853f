/** What an operator may do with one instance: the ledger is changed at once, and the ticks act on it. */
import { z } from "zod";
import type { InstanceAction } from "../../durable/rules/views.ts";
import { RESOURCE_NAME } from "./aws-names.ts";
import { readJson } from "./body.ts";
import type { Handler } from "./deps.ts";
import { type Checked, NO_REASON, check, oneOf, reason, said, strict, text } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { type FieldError, invalidFields, problem, refusedPart } from "./problem.ts";

type Verb = InstanceAction["kind"];

type Read = (body: unknown) => Checked<InstanceAction>;

/** How the body of each action is read: a table, so that a new action does not compile without its line. */
const READS: Readonly<Record<Verb, Read>> = {
  drain: (body) => check(drain, body),
  undrain: readPlain("undrain"),
  protect: readPlain("protect"),
  unprotect: readPlain("unprotect"),
  delete: readDeletion,
  adopt: readPlain("adopt"),
};

/** Who answers for each action, by the last part of its path. */
export const ACTIONS: readonly (readonly [verb: string, answer: Handler])[] = Object.entries(
  READS,
).map(([verb, read]) => [verb, answerWith(read)]);

// `then` is the API's word; it is a string, so that nothing can mistake the object for a promise.
const drain = strict({ then: oneOf(["delete", "hold"]).default("delete"), reason }).transform(
  (told): InstanceAction => ({ kind: "drain", ...told }),
);

const plain = strict({ reason });

const deletion = strict({
  force: z.boolean(said("must be true or false")).default(false),
  reason,
}).transform((told): InstanceAction => ({ kind: "delete", ...told }));

/** Lightsail's own rule, for an adopted instance was named by somebody else. */
const instanceName = z.object({
  name: text(
    RESOURCE_NAME,
    "must be the name of an instance: 2 to 255 letters, digits or _.-, beginning and ending with a letter or digit",
  ),
});

function answerWith(read: Read): Handler {
  return onFleet(async (c, call) => {
    const body = await readJson(c.req.raw);
    if (!body.ok) return problem(c, body.problem);
    const named = check(instanceName, { name: c.req.param("name") });
    const action = read(body.value ?? {});
    if (!named.ok || !action.ok)
      return invalidFields(c, [
        ...(named.ok ? [] : named.errors),
        ...(action.ok ? [] : action.errors),
      ]);

    const acted = await call.fleet.act(named.value.name, action.value, call.asked);
    return "refused" in acted
      ? refusedPart(c, call, acted, "unknown-instance")
      : c.json(acted, acted.instance === null ? 202 : 200);
  });
}

function readPlain(kind: Exclude<Verb, "drain" | "delete">): Read {
  return (body) => {
    const read = check(plain, body);
    return read.ok ? { ok: true, value: { kind, ...read.value } } : read;
  };
}

function readDeletion(body: unknown): Checked<InstanceAction> {
  const read = check(deletion, body);
  const unexplained = forceIsExplained(body);
  if (read.ok && unexplained.length === 0) return read;
  return { ok: false, errors: [...(read.ok ? [] : read.errors), ...unexplained] };
}

/** Force may end sessions: whoever reads the audit trail is owed a why. */
function forceIsExplained(body: unknown): FieldError[] {
  const read = z.object({ force: z.literal(true), reason }).safeParse(body);
  if (!read.success || read.data.reason !== NO_REASON) return [];
  return [{ field: "reason", message: "is required with force: say why sessions may be lost" }];
}
