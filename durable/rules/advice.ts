/**
 * Bad news from AWS, each told in plain words: what is wrong, and what a person does about it.
 *
 * 1. The first entry of `ADVICE` that fits speaks; what none fits is told in AWS's own words.
 * 2. AWS's words are repeated wherever the entry rests on them, for their wording may change.
 * 3. They are not repeated where they speak of signatures, or may hold the launch script.
 * 4. Nothing that looks like a key leaves this file, whichever entry speaks.
 */
import { SCRIPT_NOT_FILLED } from "./launch-script.ts";
import { TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX } from "./limits.ts";
import { deniedAction, missingEc2Right, missingPermission } from "./missing-right.ts";
import type { Rejection } from "./world.ts";

/** What AWS refused, told so that a person knows what is wrong and what to do next. */
export interface Advice {
  readonly what: string;
  readonly fix: string;
}

interface Refusal {
  readonly rejection: Rejection;
  readonly code: string;
  readonly message: string;
  /** The right that the call needs, such as `ec2:CreateTags`, where the caller knows it. */
  readonly right?: string;
}

type Test = (refusal: Refusal) => boolean;
type Entry = readonly [Test, (refusal: Refusal) => Advice];

const WHAT_MAX = 300;

/** @param refusal what AWS said: its code and its message, and in which class `worker/aws/codes.ts` put it */
export function adviceFor(refusal: Refusal): Advice {
  const tell = ADVICE.find(([fits]) => fits(refusal))?.[1] ?? general;
  const { what, fix } = tell(refusal);
  return { what: bounded(withoutKeys(what)), fix: withoutKeys(fix) };
}

const AGAIN = "The fleet tries again by itself.";
const CORRECTED = "Put the corrected spec: launching goes on within a minute or so.";
const SET_KEY =
  "set both anew with `npx wrangler secret put AWS_ACCESS_KEY_ID` and `npx wrangler secret put AWS_SECRET_ACCESS_KEY`";
const NEW_TEMPORARY_KEY =
  "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN anew, each with `npx wrangler secret put NAME`, or use the key of an IAM user, which does not expire, and `npx wrangler secret delete AWS_SESSION_TOKEN`.";
const SET_CLOCK =
  "Set the clock of the machine that runs the Worker (`timedatectl set-ntp true`). On Cloudflare the clock is not yours to set: look at cloudflarestatus.com, and whether AWS_ENDPOINT_URL names a proxy that holds requests back.";
const HEALS = "The fleet goes on looking, and heals by itself when AWS accepts its key again.";

const BLOCKED_ACCOUNT =
  /\baccounts?\b.*\b(blocked|suspended|deactivated|disabled|closed|locked|on hold)\b|\b(blocked|suspended|deactivated|disabled|closed|locked)\b.*\baccounts?\b/i;

const ABSENT =
  /(does not|doesn't) exist|not (be )?found|(not|n't) (currently |yet )?(available|valid|supported|active)|invalid|unavailable|inactive|unknown|no such|fail(s|ed) to satisfy/i;

/** The more particular comes first: a code before a class, a class before words that are wide. */
const ADVICE: readonly Entry[] = [
  [
    coded(new RegExp(`^${SCRIPT_NOT_FILLED}$`)),
    ({ message }) => ({
      what: "The launch script cannot be filled in with the Worker's secrets, so no server is launched.",
      fix: `${message}. ${AGAIN}`,
    }),
  ],
  plain(
    worded(/AWSCompromisedKeyQuarantine/),
    "AWS found the key in public and put it in quarantine: it may create nothing any more.",
    `Treat the key as stolen. In the IAM console, open the user and its Security credentials, deactivate the key and create another; then ${SET_KEY}. Follow AWS's support case before you detach the policy AWSCompromisedKeyQuarantine.`,
  ),
  [
    ({ message }) => deniedAction(message) !== null,
    ({ message }) => healing(missingPermission(message)),
  ],
  quoting(
    both(classed("credentials"), either(coded(/^Blocked$/), worded(BLOCKED_ACCOUNT))),
    "AWS has blocked the account: it can do nothing until AWS lifts that.",
    `Look for AWS's mail to the account's address, which says why (most often a payment that failed, or a check of who you are), and open a case in the Support Center (AWS console, Support, Account and billing). The key is not at fault. ${HEALS}`,
  ),
  plain(
    either(coded(/^ExpiredToken/), refusedKey(/security token .*expired/i)),
    "The session token of the AWS key has expired: a temporary key ends with it.",
    `${NEW_TEMPORARY_KEY} ${HEALS}`,
  ),
  plain(
    either(
      coded(/^Request(TimeTooSkewed|InTheFuture)$/),
      refusedKey(/signature (expired|not yet current)/i),
    ),
    "The clock by which the request was signed is more than some minutes away from AWS's clock.",
    `${SET_CLOCK} ${HEALS}`,
  ),
  plain(
    // EC2 says so of both.
    coded(/^RequestExpired$/),
    "AWS says that the request has expired: a temporary key has ended, or the clock is wrong by more than some minutes.",
    `Where the key is temporary: ${NEW_TEMPORARY_KEY} Otherwise: ${SET_CLOCK} ${HEALS}`,
  ),
  plain(
    refusedKey(/credential should be scoped/i),
    "The request was signed for another region or service than the one that it reached.",
    `Check \`region\` in the spec, and that AWS_ENDPOINT_URL, if it is set, belongs to that region. ${HEALS}`,
  ),
  plain(
    coded(/^(SignatureDoesNotMatch|InvalidSignatureException)$/),
    "The signature is wrong: AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID, or was not copied whole.",
    `Take both from one key (IAM console, the user, Security credentials) and ${SET_KEY}. ${HEALS}`,
  ),
  plain(
    coded(
      /^(AuthFailure|InvalidAccessKeyId|InvalidClientTokenId|Un(authenticated|recognizedClient)Exception)$/,
    ),
    "AWS does not know this key: it is wrong, deactivated or deleted, its session token is missing, or the region is not enabled for the account.",
    `Check in the IAM console, the user, Security credentials, that the key is active, and ${SET_KEY}. A key that begins with ASIA needs AWS_SESSION_TOKEN too, and any other needs it deleted. \`aws account get-region-opt-status --region-name REGION\` says whether the region is enabled. ${HEALS}`,
  ),
  plain(
    coded(/^(IncompleteSignature|MissingAuthenticationToken)/),
    "The request reached AWS without a whole signature: a stray character in the key, or a proxy that changes headers.",
    `Without blanks, quotes or line breaks, ${SET_KEY}. If AWS_ENDPOINT_URL is set, take it away, or let its proxy pass the header Authorization. ${HEALS}`,
  ),
  quoting(
    coded(/^OptInRequired$/),
    "The account has not enabled this region, or has not signed up for the service.",
    `Enable the region of the spec: AWS console, your account's name, Account, AWS Regions, Enable; or \`aws account enable-region --region-name REGION\`. It takes minutes to hours. Then open the Lightsail console once, and finish the sign-up if it asks for it. ${AGAIN}`,
  ),
  [
    coded(/^UnauthorizedOperation$/),
    (refusal) => {
      const { what, fix } = healing(missingEc2Right(refusal.right));
      return inAwsWords(refusal, what, fix);
    },
  ],
  quoting(
    classed("credentials"),
    "AWS refused the key, or a right of it.",
    `Compare the policy of the key's IAM user with the one in the README (\`aws sts get-caller-identity\` says whose key it is), check in the IAM console that the key is active, and if it is not, ${SET_KEY}. ${HEALS}`,
  ),

  quoting(
    classed("nameInUse"),
    "A name that the fleet chose is already in use in this region.",
    "Nothing: the fleet looks the name up, takes over what is its own, and uses another name otherwise. Lightsail's instances, disks, key pairs and static IPs share their names. If it keeps coming, `aws lightsail get-active-names --region REGION` lists them, and two deployments in one account need different values of DEPLOYMENT.",
  ),
  plain(
    // Not repeated: a message about a wrong value can hold the value, and the script its secrets.
    worded(/\buser[ _-]?data/i),
    "AWS does not accept the launch script.",
    `Check \`userData\` in the spec: plain text of at most 16,384 bytes that begins with a line such as \`#!/bin/sh\`. Let a longer script download its rest. ${CORRECTED}`,
  ),
  quoting(
    either(coded(/^(TagLimitExceeded|InvalidTag)/), worded(alone("tags?"))),
    "AWS does not accept the tags.",
    `Check \`tags\` in the spec: at most 50 with those of the fleet, keys of at most ${TAG_KEY_LENGTH_MAX} and values of at most ${TAG_VALUE_LENGTH_MAX} characters, only letters, digits, spaces and _ . : / = + - @, and no key that begins with aws:. ${CORRECTED}`,
  ),
  quoting(
    both(classed("quota"), worded(/\b(plan|bundle|instance) sizes?\b/i)),
    "AWS does not let this account create servers of this size; with new accounts it often does so.",
    `Name a smaller \`bundle\` in the spec, or ask AWS to lift the limit: Support Center (AWS console, Support, Account and billing). ${AGAIN}`,
  ),
  quoting(
    classed("quota"),
    "A quota of the account in this region is used up: most likely that of instances, which Lightsail counts in vCPUs.",
    `Ask for more in the region of the spec: Service Quotas console, AWS services, Amazon Lightsail, Instances, "Request quota increase" (its code is L-4259AF9B). Other servers of the account count too: delete what is not needed, or lower \`limits.maxInstances\`. ${AGAIN}`,
  ),
  quoting(
    classed("zoneCapacity"),
    "AWS has no room for this bundle in the zone, or does not offer it there.",
    `Nothing at first: the zone is left aside for ten minutes, and the fleet uses the other zones of the spec. If none is left, name more zones in \`availabilityZones\`, or another \`bundle\`. ${AGAIN}`,
  ),
  quoting(
    coded(/^AccountSetupInProgressException$/),
    "AWS is still setting up the account for Lightsail.",
    `Wait; a new account can take up to a day. Open the Lightsail console once, and check AWS's mails for a payment method or address that it wants confirmed. ${AGAIN}`,
  ),
  quoting(
    coded(/^RegionSetupInProgressException$/),
    "AWS is still setting up this region for the account.",
    `Wait; a region that was just enabled can take some hours. AWS console, your account's name, Account, AWS Regions shows when it is Enabled. ${AGAIN}`,
  ),
  quoting(
    either(
      coded(/^PendingVerification$/),
      worded(/being (validated|verified)|pending verification/i),
    ),
    "AWS is still verifying the account.",
    `Wait for AWS's mail; it mostly comes within some hours. If it has not come after a day, open a case in the Support Center (AWS console, Support, Account and billing). ${AGAIN}`,
  ),
  quoting(
    both(worded(alone("bundle")), worded(/too small|smaller|larger|at least|minimum/i)),
    "The bundle is too small for the image: its disk must hold what the snapshot's disk held.",
    `Name a larger \`bundle\` in the spec, or a smaller \`image.snapshot\` (\`aws lightsail get-instance-snapshots --region REGION\` shows sizeInGb and fromBundleId). ${CORRECTED}`,
  ),
  quoting(
    worded(/^(the |no )?(specified )?instance (?!snapshot).*(does not exist|not found)/i),
    "The server is not there any more: somebody else has deleted it, or it never came to be.",
    "Nothing: the fleet sees it in its next listings, and launches another if one is needed.",
  ),
  [({ message }) => ABSENT.test(message) && subjectOf(message) !== null, unknownThing],
  quoting(
    worded(alone("ports?|cidrs?|protocol")),
    "AWS does not accept the port rules.",
    "Check `ports` in the spec: protocol, `from` and `to`, and the CIDR blocks. Put the corrected spec: the fleet sets the rules of all its servers by it.",
  ),
  quoting(
    classed("notFound"),
    "Something that the spec names is not there.",
    `Check \`region\`, \`availabilityZones\`, \`image\`, \`bundle\` and \`keyPair\` in the spec. ${CORRECTED}`,
  ),
  quoting(
    classed("notNow"),
    "AWS cannot do this in the present state of the server or the account.",
    `Nothing. ${AGAIN} If it lasts for an hour, look at the server in the Lightsail console.`,
  ),
];

/** What a spec can name and AWS does not have. */
const THINGS: readonly { readonly word: string; readonly what: string; readonly fix: string }[] = [
  {
    word: "(?:instance ?)?snapshot",
    what: "There is no such snapshot in this region",
    fix: `Check \`image.snapshot\` in the spec against \`aws lightsail get-instance-snapshots --region REGION\`. One of another region is brought over with \`aws lightsail copy-snapshot\`. ${CORRECTED}`,
  },
  {
    word: "key ?pair",
    what: "There is no such key pair in this region",
    fix: `Check \`keyPair\` in the spec against \`aws lightsail get-key-pairs --region REGION\`. Upload the key in the Lightsail console (Account, SSH keys), or put \`"keyPair": null\` for the region's default key. ${CORRECTED}`,
  },
  {
    word: "bundle",
    what: "This region does not offer the bundle",
    fix: `Set \`bundle\` in the spec to one of \`aws lightsail get-bundles --region REGION --query "bundles[].bundleId"\`. The ends of the names differ between regions. ${CORRECTED}`,
  },
  {
    word: "blueprint",
    what: "This region does not offer the blueprint",
    fix: `Set \`image.blueprint\` in the spec to one of \`aws lightsail get-blueprints --region REGION --query "blueprints[].blueprintId"\`. AWS withdraws old ones. ${CORRECTED}`,
  },
  {
    word: "(?:availability ?)?zone",
    what: "The region does not have the zone",
    fix: `Set \`availabilityZones\` in the spec to zones that \`aws lightsail get-regions --include-availability-zones\` lists for the \`region\` of the spec. ${CORRECTED}`,
  },
];

/** The thing that a message names first: the rest of the sentence may name others, such as its region's zones. */
function subjectOf(message: string): (typeof THINGS)[number] | null {
  const found = THINGS.map((thing) => ({ thing, at: message.search(alone(thing.word)) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return found[0]?.thing ?? null;
}

function unknownThing(refusal: Refusal): Advice {
  const thing = subjectOf(refusal.message);
  if (thing === null) return general(refusal);
  const name = nameIn(refusal.message, thing.word);
  return inAwsWords(refusal, `${thing.what}${name === null ? "" : `: ${name}`}.`, thing.fix);
}

/**
 * The name in "The specified bundle does not exist in this region: nano_1_0" (trailofbits/algo issue 946),
 * in "The bundle nano_1_0 is not available" and in "Value 'nano_1_0' at 'bundleId' failed to satisfy ...".
 */
function nameIn(message: string, word: string): string | null {
  const name = String.raw`["'“]?(\w(?:[\w.-]{0,80}\w)?)["'”]?`;
  const verb = "(?:is|was|does|do|doesn't|isn't|has|cannot|could|can't|failed)";
  const patterns = [
    new RegExp(String.raw`: ${name}\.?\s*$`, "u"),
    new RegExp(String.raw`${word}(?: ?id| ?name)?:? ${name} ${verb}\b`, "iu"),
    new RegExp(String.raw`value ${name} at\b`, "iu"),
  ];
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    if (found !== undefined && !/^(specified|requested|given|id|name|that)$/i.test(found)) {
      return found;
    }
  }
  return null;
}

function healing({ what, fix }: Advice): Advice {
  return { what, fix: `${fix} ${AGAIN}` };
}

function plain(fits: Test, what: string, fix: string): Entry {
  return [fits, () => ({ what, fix })];
}

function quoting(fits: Test, what: string, fix: string): Entry {
  return [fits, (refusal) => inAwsWords(refusal, what, fix)];
}

function general(refusal: Refusal): Advice {
  return inAwsWords(
    refusal,
    "AWS refused.",
    "Compare the spec with what AWS says, and look the code up in AWS's documentation. The `rejected` events tell what was tried; it is tried again by itself.",
  );
}

function inAwsWords(refusal: Refusal, what: string, fix: string): Advice {
  return { what: `${what} AWS says: ${wordsOf(refusal)}`, fix };
}

/** Such messages can hold the canonical request, the string to sign and the header that carries the signature. */
const OF_SIGNATURES =
  /signature|canonical|string[- ]to[- ]sign|credential=|authorization ?header|AWS4-/i;

function wordsOf({ code, message }: Refusal): string {
  const isSecret = OF_SIGNATURES.test(code) || OF_SIGNATURES.test(message);
  return [code, isSecret ? "" : message].filter((part) => part !== "").join(": ");
}

function coded(pattern: RegExp): Test {
  return ({ code }) => pattern.test(code);
}

function classed(rejection: Rejection): Test {
  return (refusal) => refusal.rejection === rejection;
}

function worded(pattern: RegExp): Test {
  return ({ message }) => pattern.test(message);
}

function refusedKey(pattern: RegExp): Test {
  return both(classed("credentials"), worded(pattern));
}

function both(one: Test, other: Test): Test {
  return (refusal) => one(refusal) && other(refusal);
}

function either(one: Test, other: Test): Test {
  return (refusal) => one(refusal) || other(refusal);
}

/** The word by itself (`bundle`, `bundleId`), and not as part of a name such as `bundle-k3-1`. */
function alone(word: string): RegExp {
  return new RegExp(String.raw`(?<![\w.-])(?:${word})(?: ?(?:id|name)s?)?(?![\w-]|\.\w)`, "i");
}

/** Any run of characters as long as a secret (tokens, signatures, encoded messages); and access key ids. */
function withoutKeys(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/[\w/+=%-]{100,}|[A-Za-z0-9/+=%]{40,}/g, "(hidden)")
    .replace(/(?:AKIA|ASIA)[A-Z0-9]{4,}/g, "(a key)");
}

/** Cut after the keys are hidden: half a secret would not be known as one. */
function bounded(text: string): string {
  const letters = Array.from(text);
  return letters.length <= WHAT_MAX ? text : `${letters.slice(0, WHAT_MAX - 1).join("")}…`;
}
