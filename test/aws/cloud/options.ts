import type { Now } from "../clock.ts";
import type { Tag } from "./tags.ts";

/** What a call on a pending instance meets. AWS does not say (unverified), so a client is tested against all three. */
type PendingPolicy = "OperationFailureException" | "InvalidInputException" | "accept";

/** The calls that a pending instance may refuse. */
export type PendingCall =
  | "PutInstancePublicPorts"
  | "OpenInstancePublicPorts"
  | "CloseInstancePublicPorts"
  | "StopInstance"
  | "RebootInstance"
  | "DeleteInstance";

/** How long things take, in milliseconds of the model's clock. */
export interface Timing {
  /** From the create call, or a start, to `running`. */
  readonly bootMs: number;
  /** At most so much is added to each boot, drawn from the seed. */
  readonly bootJitterMs: number;
  /** From `running` to the public address being shown: AWS may say running before it shows one. */
  readonly addressLagMs: number;
  readonly stopMs: number;
  readonly rebootMs: number;
  /** From the call until a snapshot is available. */
  readonly snapshotMs: number;
  /** From an accepted delete to the instance's disappearance; until then it is listed as shutting-down. */
  readonly shuttingDownMs: number;
  /** How far reads of EC2 tags lag behind their writes. */
  readonly ec2TagLagMs: number;
}

/** Something that stands in a region from the start; without a region, in each of them. */
export interface Seeded {
  readonly name: string;
  readonly region?: string | undefined;
}

export interface KeyPairSeed extends Seeded {
  readonly tags?: readonly Tag[] | undefined;
}

export interface SnapshotSeed extends Seeded {
  readonly blueprintId: string;
  /** The smallest disk that holds it. */
  readonly sizeGb: number;
}

/** All of it is optional but the clock. */
export interface CloudOptions {
  readonly now: Now;
  readonly seed?: number;
  readonly accountId?: string;
  readonly timing?: Partial<Timing>;
  /** vCPUs per region. AWS calls this quota "Instances", default 20, and describes it as vCPUs. */
  readonly vcpuQuota?: number;
  /** As many names as one create call takes; without it, no bound. Whether AWS has one is unverified. */
  readonly namesPerCreate?: number;
  readonly pending?: PendingPolicy | Partial<Record<PendingCall, PendingPolicy>>;
  /** The type of the quota's refusal. Unverified. */
  readonly quotaError?: "InvalidInputException" | "OperationFailureException" | "ServiceException";
  /** The type of the refusal of a zone without capacity. Unverified. */
  readonly capacityError?:
    | "OperationFailureException"
    | "InvalidInputException"
    | "ServiceException";
  /** Whether a stop and start changes the public address, as AWS does without a static IP. */
  readonly dynamicAddresses?: boolean;
  /** The range of public addresses. The default is loopback, so that media servers on this machine can bind them. */
  readonly publicRange?: string;
  readonly keyPairs?: readonly KeyPairSeed[];
  readonly snapshots?: readonly SnapshotSeed[];
  /** Names that static IPs hold: they share the namespace with instances. */
  readonly staticIps?: readonly Seeded[];
}

export const DEFAULT_TIMING: Timing = {
  bootMs: 45_000,
  bootJitterMs: 0,
  addressLagMs: 2_000,
  stopMs: 15_000,
  rebootMs: 20_000,
  snapshotMs: 120_000,
  shuttingDownMs: 5_000,
  ec2TagLagMs: 0,
};

export const DEFAULT_VCPU_QUOTA = 20;
export const DEFAULT_ACCOUNT_ID = "123456789012";
export const DEFAULT_PUBLIC_RANGE = "127.16.0.0/12";
export const PRIVATE_RANGE = "172.26.0.0/16";

/** The longest user data. EC2's limit; Lightsail states none (unverified). */
export const USER_DATA_BYTES_MAX = 16_384;

/** What went before this long ago is no longer asked for: a stale view reaches back this far at most. */
export const STALE_MS_MAX = 600_000;

/** The history that `GetOperations` can still show, per region. */
export const OPERATIONS_MAX = 5_000;
