import { EC2Client } from "@aws-sdk/client-ec2";
import { LightsailClient } from "@aws-sdk/client-lightsail";
import { onTestFinished } from "vitest";
import { createCloud, type Cloud } from "./cloud/cloud.ts";
import type { CloudOptions } from "./cloud/options.ts";
import { listen } from "./server.ts";
import { createWire, TEST_CREDENTIAL, type Wire, type WireOptions } from "./wire/wire.ts";

export const REGION = "ap-northeast-2";
export const ZONE = "ap-northeast-2a";

/** When the tests' model clock starts. */
export const START = Date.UTC(2026, 10, 22, 9, 0, 0);

/** The model's clock, moved by hand. */
export interface HandClock {
  readonly now: () => number;
  readonly advance: (ms: number) => void;
}

export function handClock(start = START): HandClock {
  let now = start;
  return { now: () => now, advance: (ms) => void (now += ms) };
}

/** The embedded AWS on a socket with both of AWS's own clients; all of it is closed when the test ends. */
export interface Rig {
  readonly clock: HandClock;
  readonly cloud: Cloud;
  readonly wire: Wire;
  readonly endpoint: string;
  readonly lightsail: LightsailClient;
  readonly ec2: EC2Client;
  /** A client with other settings than the usual. */
  readonly lightsailWith: (config: ClientConfig) => LightsailClient;
  readonly ec2With: (config: ClientConfig) => EC2Client;
}

interface ClientConfig {
  readonly region?: string;
  readonly maxAttempts?: number;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly systemClockOffset?: number;
}

export async function startAws(
  options: Partial<CloudOptions> = {},
  wireOptions: WireOptions = {},
): Promise<Rig> {
  const clock = handClock();
  const cloud = createCloud({ vcpuQuota: 200, ...options, now: clock.now });
  const wire = createWire(cloud, wireOptions);
  const { endpoint, close } = await listen(wire);
  onTestFinished(close);
  const settingsOf = (config: ClientConfig) => {
    const { accessKeyId, secretAccessKey } = { ...TEST_CREDENTIAL, ...config };
    const token = config.sessionToken === undefined ? {} : { sessionToken: config.sessionToken };
    const credentials = { accessKeyId, secretAccessKey, ...token };
    const { region = REGION, maxAttempts = 1, systemClockOffset = 0 } = config;
    return { endpoint, region, maxAttempts, systemClockOffset, credentials };
  };
  const lightsailWith = (config: ClientConfig) => closing(new LightsailClient(settingsOf(config)));
  const ec2With = (config: ClientConfig) => closing(new EC2Client(settingsOf(config)));
  const clients = { lightsail: lightsailWith({}), ec2: ec2With({}), lightsailWith, ec2With };
  return { clock, cloud, wire, endpoint, ...clients };
}

/** The members of CreateInstances that are the same in most tests. */
export function anInstance(...instanceNames: string[]) {
  return {
    instanceNames,
    availabilityZone: ZONE,
    blueprintId: "ubuntu_22_04",
    bundleId: "nano_3_0",
  };
}

/** Long enough for a new instance to run and to show its address. */
export const BOOTED_MS = 60_000;

function closing<T extends { destroy: () => void }>(client: T): T {
  onTestFinished(() => client.destroy());
  return client;
}
