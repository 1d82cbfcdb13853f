/**
 * Whether the key may do all that the fleet needs. Rights to read are proved by reading, the right to
 * write an EC2 tag by EC2's own dry run. Lightsail has no such thing: its other rights are told by what
 * became of the fleet's last calls, or are not known. Nothing is changed to find out.
 */
import { adviceFor } from "../../durable/rules/advice.ts";
import type { Evidence } from "../../durable/rules/checkup-views.ts";
import type { Result } from "../aws/errors.ts";
import { denialOf, isAllowed, keyRefusalOf, notSeen, type Rejected } from "./failures.ts";
import type { Examined } from "./patient.ts";
import { type Check, fail, ok, skipped, warn } from "./report.ts";

const POLICY = "in the policy of the key's IAM user; the README has the whole policy";

/** The key itself: whether there is one, and whether AWS accepts it. */
export function checkKey({ look, config }: Examined): Check {
  if (config.credentials === null)
    return fail(
      "key",
      "There is no AWS key, so that nothing of AWS can be seen.",
      `${config.credentialsAdvice ?? "Set one."}.`,
    );
  const results = resultsOf(look);
  const refused = results.map(keyRefusalOf).find((refusal) => refusal !== null);
  if (results.some((result) => isAllowed(result) || denialOf(result) !== null))
    return ok("key", "AWS accepts the key.");
  if (refused !== undefined) {
    const { what, fix } = adviceFor(refused);
    return fail("key", what, fix);
  }
  const [first] = results.flatMap((result) => (result.kind === "done" ? [] : [result]));
  return first === undefined ? ok("key", "AWS accepts the key.") : notSeen("key", first, true);
}

function resultsOf(look: Examined["look"]): Result<unknown>[] {
  const {
    instances,
    nobody,
    operation,
    offers,
    blueprints,
    snapshot,
    zones,
    keyPair,
    tag,
    tagWrite,
  } = look;
  return [
    instances,
    nobody,
    operation,
    offers,
    blueprints,
    snapshot,
    zones,
    keyPair,
    tag,
    tagWrite,
  ].flatMap((result) => result ?? []);
}

/** What the fleet cannot do without a right; null where the doctor alone uses it. */
type Loss = string | null;

/** Rights that are proved by using them. */
export function checkReads(examined: Examined): Check[] {
  const { look, spec } = examined;
  const prices: Loss =
    spec.limits.maxMonthlyUsd === null
      ? null
      : "without prices nothing is launched under limits.maxMonthlyUsd";
  const used: readonly (readonly [string, Result<unknown> | null, Loss])[] = [
    [
      "lightsail:GetInstances",
      look.instances,
      "without it the fleet is blind, and changes nothing",
    ],
    [
      "lightsail:GetInstance",
      look.nobody,
      "without it a lost answer to a create is not cleared up",
    ],
    [
      "lightsail:GetOperation",
      look.operation,
      "without it a create that fails after AWS accepted it looks like a server that somebody deleted",
    ],
    ["lightsail:GetBundles", look.offers, prices],
    ["lightsail:GetBlueprints", look.blueprints, null],
    ["lightsail:GetInstanceSnapshot", look.snapshot, null],
    ["lightsail:GetRegions", look.zones, null],
    ["lightsail:GetKeyPair", look.keyPair, null],
    ["ec2:DescribeTags", look.tag, "without it the tag does not say the target"],
    ["ec2:CreateTags", look.tagWrite, "without it the schedule is not written to the tag"],
  ];
  return used.flatMap(([right, result, loss]) =>
    result === null ? [] : [checkUsed(examined, right, result, loss)],
  );
}

function checkUsed(
  { config }: Examined,
  right: string,
  result: Result<unknown>,
  loss: Loss,
): Check {
  if (isAllowed(result) || result.kind === "done") return ok(right, "The key may do it.");
  const denial = denialOf(result);
  if (denial === null) return notSeen(right, result, config.credentials !== null);
  if (loss !== null) return fail(right, `The key may not do it: ${loss}.`, fixOf(right, denial));
  return warn(
    right,
    "The key may not do it. The fleet runs without it; the doctor sees less.",
    fixOf(right, denial),
  );
}

/** Advice knows where a policy says no; it must be about this right to be of use. */
function fixOf(right: string, refused: Pick<Rejected, "rejection" | "code" | "message">): string {
  const { rejection, code, message } = refused;
  const { what, fix } = adviceFor({ rejection, code, message, right });
  return what.includes(right) ? fix : `Allow ${right} ${POLICY}.`;
}

/** Rights that only their use proves. */
export function checkWrites({ spec, checkup }: Examined): Check[] {
  const create = "snapshot" in spec.image ? "CreateInstancesFromSnapshot" : "CreateInstances";
  const writes: readonly (readonly [string, Evidence["action"]])[] = [
    [`lightsail:${create}`, "create"],
    ["lightsail:PutInstancePublicPorts", "ports"],
    ["lightsail:TagResource", "tags"],
    ["lightsail:UntagResource", "tags"],
    ["lightsail:DeleteInstance", "delete"],
  ];
  return writes.map(([right, action]) => {
    const last = checkup?.evidence.find((evidence) => evidence.action === action);
    return checkTried(right, last);
  });
}

function checkTried(right: string, last: Evidence | undefined): Check {
  if (last === undefined)
    return skipped(
      right,
      "not provable without making an instance, and the fleet has not lately tried it",
      `See that it is ${POLICY}. The fleet tells of it as soon as AWS refuses it.`,
    );
  if (last.refusal === null) return ok(right, `AWS did it for the fleet at ${last.at}.`);
  const { what } = adviceFor({ ...last.refusal, right });
  return fail(right, `AWS refused it at ${last.at}. ${what}`, fixOf(right, last.refusal));
}
