import { parseArgs } from "node:util";
import { numberOf, UsageError, wholeOf } from "./command-line.ts";
import { rangeProblem } from "./cloud/ids.ts";
import { DEFAULT_PUBLIC_RANGE, type CloudOptions } from "./cloud/options.ts";
import type { Credential } from "./wire/authenticate.ts";
import { TEST_CREDENTIAL } from "./wire/wire.ts";

/** What the command line says. */
export interface Options {
  readonly port: number;
  readonly host: string;
  readonly speed: number;
  readonly credential: Credential;
  readonly cloud: Omit<CloudOptions, "now">;
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
      keyPairs: (values["key-pair"] ?? ["ops"]).map((name) => ({ name })),
      snapshots: (values.snapshot ?? []).map(snapshotOf),
      publicRange: rangeOf(values["public-range"]),
    },
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
