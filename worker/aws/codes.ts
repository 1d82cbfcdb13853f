/** AWS's error codes and messages, as tables: what each means to the fleet. `errors.ts` reads them. */
import type { Rejection } from "../../durable/rules/world.ts";

/** From @smithy/core 3.41.0's list of throttling codes, which the AWS SDKs use. */
export const THROTTLES: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
]);

/** AWS failed in the middle: it may or may not have made the change. */
export const SERVER_FAULTS: ReadonlySet<string> = new Set([
  "InternalError",
  "InternalFailure",
  "InternalServerError",
  "InternalServerException",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "Unavailable",
]);

/** Codes that say it all by themselves. */
export const REJECTIONS: ReadonlyMap<string, Rejection> = new Map(
  Object.entries<Rejection>({
    AccessDenied: "credentials",
    AccessDeniedException: "credentials",
    AuthFailure: "credentials",
    ExpiredToken: "credentials",
    ExpiredTokenException: "credentials",
    IncompleteSignature: "credentials",
    IncompleteSignatureException: "credentials",
    InvalidAccessKeyId: "credentials",
    InvalidClientTokenId: "credentials",
    InvalidSignatureException: "credentials",
    MissingAuthenticationToken: "credentials",
    MissingAuthenticationTokenException: "credentials",
    NotAuthorized: "credentials",
    OptInRequired: "credentials",
    RequestExpired: "credentials",
    RequestInTheFuture: "credentials",
    RequestTimeTooSkewed: "credentials",
    SignatureDoesNotMatch: "credentials",
    UnauthenticatedException: "credentials",
    UnauthorizedOperation: "credentials",
    UnrecognizedClientException: "credentials",

    NameExists: "nameInUse",
    NotFoundException: "notFound",

    InstanceLimitExceeded: "quota",
    ServiceQuotaExceededException: "quota",
    VcpuLimitExceeded: "quota",

    InsufficientCapacity: "zoneCapacity",
    InsufficientInstanceCapacity: "zoneCapacity",

    AccountSetupInProgressException: "notNow",
    RegionSetupInProgressException: "notNow",
    IncorrectInstanceState: "notNow",
    IncorrectState: "notNow",
    PendingVerification: "notNow",
  }),
);

/**
 * Messages, in the order in which they are tried. Lightsail's own words, as its users quote them:
 * "Some names are already in use: NAME" (several issue threads), "Sorry, you've reached the maximum
 * number of instances for your account." (pullpreview/action issue 105), "The Instance does not
 * exist: NAME". The other patterns are wide on purpose.
 */
export const MESSAGES: readonly (readonly [RegExp, Rejection])[] = [
  [/names? (is|are) already in use|already exists/i, "nameInUse"],
  [
    /insufficient\b.*\bcapacity|\bcapacity\b.*\b(unavailable|exhausted|not available)/i,
    "zoneCapacity",
  ],
  [/(not|n't)\b.*\benough\b.*\bcapacity|no\b.*\bcapacity\b|out of capacity/i, "zoneCapacity"],
  [/zone\b.*\b(unavailable|not available|not supported|impaired)/i, "zoneCapacity"],
  [/reached (the|your) maximum|maximum number of|\bquotas?\b|(instance|vcpu)s? limit/i, "quota"],
  [/does not exist|doesn't exist/i, "notFound"],
  [/\b(pending|stopping|shutting-down|provisioning)\b|\bstate\b/i, "notNow"],
];
