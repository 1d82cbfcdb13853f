/** A right that the AWS key lacks: which it is, and where it is to be allowed. */

interface Lack {
  readonly what: string;
  readonly fix: string;
}

const ACTION = /not authorized to perform:?\s+([a-z0-9-]{1,40}:[a-z*]{1,80})/i;

/** Where a policy says no, so that nobody adds a right in a place where it is of no use. */
const DENIALS: readonly (readonly [RegExp, string])[] = [
  [
    /(service|resource) control polic/i,
    "It is a policy of the AWS organization that denies it: ask who administers the organization to allow it for this account and region.",
  ],
  [
    /permissions boundary/i,
    "It is the permissions boundary of the IAM user that denies it: allow it there (IAM console, the user, Permissions boundary).",
  ],
  [
    /session polic/i,
    "It is the policy of the session that denies it: make the temporary key with a policy that allows it.",
  ],
  [
    /explicit deny/i,
    "One of the policies of the key's IAM user denies it: look for its Deny (IAM console, the user, Permissions) and take it away.",
  ],
];

/** The IAM action that AWS's message names; null where it names none. */
export function deniedAction(message: string): string | null {
  return ACTION.exec(message)?.[1] ?? null;
}

/** A refusal that names the action. */
export function missingPermission(message: string): Lack {
  const action = deniedAction(message) ?? "";
  const denial = DENIALS.find(([pattern]) => pattern.test(message));
  const grant = `Add ${action} to the policy of the key's IAM user (IAM console, the user, Permissions); the README has the whole policy, and \`aws sts get-caller-identity\` says whose key it is.`;
  return { what: `The AWS key has no right to ${action}.`, fix: denial?.[1] ?? grant };
}

/** EC2 does not always name the action; the call may. */
export function missingEc2Right(right: string | undefined): Lack {
  const user = "to the policy of the key's IAM user (IAM console, the user, Permissions)";
  if (right === undefined)
    return {
      what: "The AWS key lacks a right at EC2: ec2:DescribeTags to read the tag, or ec2:CreateTags to write a boundary's value to it.",
      fix: `Add the right that is missing ${user}; or take \`spares.tag\` out of the spec.`,
    };
  return {
    what: `The AWS key has no right to ${right}.`,
    fix: `Add ${right} ${user}; the README has the whole policy.`,
  };
}
