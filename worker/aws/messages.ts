/**
 * AWS's messages as tables: what each means to the fleet. Lightsail's codes say little (InvalidInputException
 * is a used-up quota, a zone without room and a typing error), and its wording is its own in each of these,
 * so the patterns look for the words that carry the sense, in whatever order they come.
 *
 * As its users quote it: "Some names are already in use: NAME"; "Sorry, you've reached the maximum number of
 * instances for your account."; "Sorry, you've reached your maximum limit of Lightsail Instances : 20";
 * "you've either reached or will exceed your maximum limit of ..."; "You have reached the limit of ...";
 * "The Instance does not exist: NAME". EC2 says "We currently do not have sufficient t3.medium capacity in
 * the Availability Zone you requested (us-east-1a). Our system will be working on provisioning additional
 * capacity." and "Your requested instance type is not supported in your requested Availability Zone".
 */
import type { Rejection } from "../../durable/rules/world.ts";

/** At least one of `says` fits, and none of `but`. */
interface Meaning {
  readonly rejection: Rejection;
  readonly says: readonly RegExp[];
  readonly but?: RegExp;
}

const NOT = String.raw`(?:\bnot\b|n't\b|\bno longer\b|\bnever\b)`;
const CANNOT = String.raw`(?:\bcan ?not\b|\bcan't\b|\bunable\b|\bmay not\b|\bcould not\b|\bnot (?:allowed|able|eligible|permitted|available|authorized)\b|\brestricted\b)`;
const OFFERED = String.raw`\b(?:available|support(?:ed|s)?|offered|accept(?:ed|s)?)\b`;
const LIMIT = String.raw`\b(?:limits?|maximum|max|quotas?)\b`;
const BLOCKED = String.raw`\b(?:blocked|suspended|deactivated|disabled|closed|locked|on hold)\b`;

const NO_CAPACITY: Meaning = {
  rejection: "zoneCapacity",
  says: [
    /\b(insufficient|lacks?|lacking|no|out of|short of|without)\b.{0,80}\bcapacity\b/i,
    worded(NOT, String.raw`\b(?:sufficient|enough|any)\b.{0,60}\bcapacity\b`),
    /\bcapacity\b.{0,60}\b(insufficient|unavailable|exhausted|constrain\w*|shortage)\b/i,
    worded(
      String.raw`\bcapacity\b`,
      `${NOT}.{0,30}${String.raw`\b(?:sufficient|available|enough)\b`}`,
    ),
    /\b(cannot|can't|unable|could not)\b.{0,80}\bcapacity\b/i,
  ],
};

/** AWS lets new accounts have small servers only. */
const PLAN_SIZE: Meaning = {
  rejection: "quota",
  says: eitherOrder(CANNOT, String.raw`\b(?:plan|bundle|instance) sizes?\b`),
  but: /\b(zones?|region)\b/i,
};

const BLOCKED_ACCOUNT: Meaning = {
  rejection: "credentials",
  says: eitherOrder(String.raw`\baccounts?\b`, BLOCKED),
};

const QUOTA: Meaning = {
  rejection: "quota",
  says: [
    ...eitherOrder(
      String.raw`\b(?:reach(?:ed|es|ing)?|exceed(?:s|ed|ing)?|hit|used up|exhausted)\b`,
      LIMIT,
    ),
    worded(String.raw`\b(?:over|above|beyond|at) (?:the|your|its)\b`, LIMIT),
    worded(String.raw`\b(?:more|higher|greater)\b.{0,60}\bthan\b`, LIMIT),
    /\bmaximum number of\b|\bquotas?\b|\b(instance|vcpu|service|account)s? limit/i,
    /\btoo many (running )?(instances|servers|vcpus)\b/i,
  ],
  // Limits of one call, or of what is in it: no other account, and no wait, makes it right.
  but: /\b(tags?|ports?|cidrs?|characters?|bytes|lengths?|long|user ?data|names)\b|\b(maximum|max|allowed) size\b|\bsize (limit|of)\b|\brate\b|throttl|\brequests? (limit|per)|\bper (second|minute)\b|\bat (a|one|the same) (time|call)\b/i,
};

/** Words that say for certain that nothing was made, whatever the code is: in the order in which they are tried. */
export const CERTAIN: readonly Meaning[] = [NO_CAPACITY, PLAN_SIZE, BLOCKED_ACCOUNT, QUOTA];

/** What other messages mean where the code does not say it, in the order in which they are tried. */
export const MESSAGES: readonly Meaning[] = [
  { rejection: "nameInUse", says: [/names? (is|are) already in use|already exists/i] },
  {
    rejection: "zoneCapacity",
    says: [
      ...eitherOrder(String.raw`\bzones?\b`, `${NOT}.{0,40}${OFFERED}`),
      ...eitherOrder(
        String.raw`\bzones?\b`,
        String.raw`\b(?:unavailable|unsupported|impaired|constrained)\b`,
      ),
    ],
  },
  { rejection: "notFound", says: [/does not exist|doesn't exist/i] },
  {
    rejection: "notNow",
    says: [
      /\b(pending|stopping|shutting-down|provisioning)\b|\bstate\b/i,
      /\bin transition\b|\btransition(al|ing)\b|\bin progress\b|\bcurrently being\b/i,
      /\btry again (later|shortly|in)\b|\btemporarily\b/i,
    ],
  },
];

/** What a message means by a table; null where nothing in it fits. */
export function meaningOf(table: readonly Meaning[], message: string): Rejection | null {
  const found = table.find(
    ({ says, but }) =>
      says.some((pattern) => pattern.test(message)) && !(but?.test(message) ?? false),
  );
  return found?.rejection ?? null;
}

function worded(first: string, then: string): RegExp {
  return new RegExp(`${first}.{0,120}${then}`, "i");
}

function eitherOrder(one: string, other: string): readonly RegExp[] {
  return [worded(one, other), worded(other, one)];
}
