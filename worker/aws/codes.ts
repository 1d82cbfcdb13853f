/** AWS's error codes as tables: what each means to the fleet. `errors.ts` reads them, and `messages.ts` beside them. */
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
    Blocked: "credentials",
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
