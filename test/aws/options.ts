import { parseArgs } from "node:util";
import { bucketOf, numberOf, UsageError, wholeOf } from "./command-line.ts";
import { rangeProblem } from "./cloud/ids.ts";
import { DEFAULT_PUBLIC_RANGE, type CloudOptions } from "./cloud/options.ts";
import type { Credential } from "./wire/authenticate.ts";
import { type BucketOptions, LIGHTSAIL_LANES, type ThrottleOptions } from "./wire/throttle.ts";
import { TEST_CREDENTIAL } from "./wire/wire.ts";

/** What the command line says. */
export interface Options {
  readonly port: number;
  readonly host: string;
  readonly speed: number;
  readonly credential: Credential;
  readonly cloud: Omit<CloudOptions, "now">;
  readonly throttle: ThrottleOptions;
}

const DEFAULT_PORT = 4566;

export const USAGE = `The embedded AWS: Lightsail and EC2 tags at one address, for any AWS client.

Usage: npm run aws -- [options]

  --port N                     port, 0 for any free one (default ${DEFAULT_PORT})
  --host ADDRESS               address to listen on (default 127.0.0.1)
  --speed N                    the cloud's time runs N times as fast as real time (default 1)
  --seed N                     seeds ids and jitter (default 1)
  --vcpus N                    vCPU quota per region (default 20)
  --boot-seconds N             from create to running (default 45)
  --boot-jitter-seconds N      at most so much longer (default 0)
  --address-lag-seconds N      from running to a public address (default 2)
  --shutting-down-seconds N    from delete to gone (default 5)
  --pending POLICY             what ports, stop, reboot and delete on a pending instance meet:
                               OperationFailureException (default), InvalidInputException or accept
  --names-per-create N         as many names as one create call takes (default no bound)
  --throttle BURST,RATE        Lightsail's calls in a region: so many at once, then so many per second of the
                               cloud's time (default: generous, one bucket per lane)
  --throttle-kind KIND         which calls share a bucket of --throttle: shared (all, default), separate (one
                               bucket per lane) or reads-writes (one for reads, one for writes)
  --refusals-cost              a call that --throttle refuses costs a token, too
  --other-client RATE          another client makes so many calls per second on each bucket of --throttle
  --public-range CIDR          public addresses (default 127.16.0.0/12: loopback, so that local servers can bind them)
  --key-pair NAME              a key pair that exists in every region; repeatable (default ops)
  --snapshot NAME=BLUEPRINT    an instance snapshot that exists in every region; repeatable
  --access-key-id ID           the key that is accepted (default ${TEST_CREDENTIAL.accessKeyId})
  --secret-access-key SECRET   its secret (default ${TEST_CREDENTIAL.secretAccessKey})
  --session-token TOKEN        if given, requests must carry it
  --help                       this text`;

const TEXT = { type: "string" } as const;
const SCHEMA = {
  port: TEXT,
  host: TEXT,
  speed: TEXT,
  seed: TEXT,
  vcpus: TEXT,
  "boot-seconds": TEXT,
  "boot-jitter-seconds": TEXT,
  "address-lag-seconds": TEXT,
  "shutting-down-seconds": TEXT,
  pending: TEXT,
  "names-per-create": TEXT,
  throttle: TEXT,
  "throttle-kind": TEXT,
  "refusals-cost": { type: "boolean" },
  "other-client": TEXT,
  "public-range": TEXT,
  "key-pair": { type: "string", multiple: true },
  snapshot: { type: "string", multiple: true },
  "access-key-id": TEXT,
  "secret-access-key": TEXT,
  "session-token": TEXT,
  help: { type: "boolean" },
} as const;

const PORT_MAX = 65_535;
const SPEED_MAX = 10_000;
const SECONDS_MAX = 86_400;
const OTHERS_PER_SECOND_MAX = 1_000;

/** Reads a command line; null when it asks for help. Throws a UsageError for one that makes no sense. */
export function readOptions(args: string[]): Options | null {
  const values = parse(args);
  if (values.help === true) return null;
  const seconds = (name: SecondsName, fallback: number): number =>
    1000 * numberOf(`--${name}`, values[name], fallback, 0, SECONDS_MAX);
  const { accessKeyId, secretAccessKey } = TEST_CREDENTIAL;
  return {
    port: wholeOf("--port", values.port, DEFAULT_PORT, 0, PORT_MAX),
    host: values.host ?? "127.0.0.1",
    speed: numberOf("--speed", values.speed, 1, 0.001, SPEED_MAX),
    credential: {
      accessKeyId: values["access-key-id"] ?? accessKeyId,
      secretAccessKey: values["secret-access-key"] ?? secretAccessKey,
      sessionToken: values["session-token"],
    },
    cloud: {
      seed: wholeOf("--seed", values.seed, 1, 0, Number.MAX_SAFE_INTEGER),
      vcpuQuota: wholeOf("--vcpus", values.vcpus, 20, 0, Number.MAX_SAFE_INTEGER),
      timing: {
        bootMs: seconds("boot-seconds", 45),
        bootJitterMs: seconds("boot-jitter-seconds", 0),
        addressLagMs: seconds("address-lag-seconds", 2),
        shuttingDownMs: seconds("shutting-down-seconds", 5),
      },
      pending: pendingOf(values.pending),
      ...namesPerCreateOf(values["names-per-create"]),
      keyPairs: (values["key-pair"] ?? ["ops"]).map((name) => ({ name })),
      snapshots: (values.snapshot ?? []).map(snapshotOf),
      publicRange: rangeOf(values["public-range"]),
    },
    throttle: throttleOf(values),
  };
}

type SecondsName =
  | "boot-seconds"
  | "boot-jitter-seconds"
  | "address-lag-seconds"
  | "shutting-down-seconds";

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: SCHEMA, strict: true, allowPositionals: false }).values;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function pendingOf(text = "OperationFailureException") {
  if (text === "OperationFailureException" || text === "InvalidInputException" || text === "accept")
    return text;
  throw new UsageError(
    `--pending must be OperationFailureException, InvalidInputException or accept, not "${text}".`,
  );
}

function namesPerCreateOf(text: string | undefined): { readonly namesPerCreate?: number } {
  if (text === undefined) return {};
  return { namesPerCreate: wholeOf("--names-per-create", text, 1, 1, Number.MAX_SAFE_INTEGER) };
}

const SHAPING = ["throttle-kind", "refusals-cost", "other-client"] as const;

function throttleOf(values: ReturnType<typeof parse>): ThrottleOptions {
  const rates = bucketOf("--throttle", values.throttle);
  if (rates === null) {
    const lonely = SHAPING.find((name) => values[name] !== undefined);
    if (lonely === undefined) return {};
    throw new UsageError(
      `--${lonely} says more of --throttle, which is missing; add --throttle BURST,RATE.`,
    );
  }
  const others = numberOf("--other-client", values["other-client"], 0, 0, OTHERS_PER_SECOND_MAX);
  const bucket: BucketOptions = {
    ...rates,
    refusedCost: values["refusals-cost"] === true ? 1 : 0,
    othersPerSecond: others,
  };
  const kind = values["throttle-kind"] ?? "shared";
  switch (kind) {
    case "shared":
      return { shared: bucket };
    case "reads-writes":
      return { apart: { reads: bucket, writes: bucket } };
    case "separate":
      return { lanes: Object.fromEntries(LIGHTSAIL_LANES.map((lane) => [lane, bucket])) };
    default:
      throw new UsageError(
        `--throttle-kind must be shared, separate or reads-writes, not "${kind}".`,
      );
  }
}

function rangeOf(text = DEFAULT_PUBLIC_RANGE): string {
  const problem = rangeProblem(text);
  if (problem !== null) throw new UsageError(`--public-range: ${problem}`);
  return text;
}

function snapshotOf(text: string) {
  const [name = "", blueprintId = ""] = text.split("=");
  if (name !== "" && blueprintId !== "") return { name, blueprintId, sizeGb: 20 };
  throw new UsageError(
    `--snapshot must be NAME=BLUEPRINT, such as media-v3=ubuntu_22_04, not "${text}".`,
  );
}
