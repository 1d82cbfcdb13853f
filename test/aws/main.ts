import { scaledClock } from "./clock.ts";
import { createCloud } from "./cloud/cloud.ts";
import { CONTROL_PREFIX } from "./control/control.ts";
import { UsageError } from "./command-line.ts";
import { readOptions, USAGE, type Options } from "./options.ts";
import { listen, type Listening } from "./server.ts";
import { createWire } from "./wire/wire.ts";

/** How long a stop may take before the process ends all the same. */
const STOP_MS_MAX = 2_000;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(USAGE);
  else await run(options);
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

async function run(options: Options): Promise<void> {
  const cloud = createCloud({ ...options.cloud, now: scaledClock(options.speed, Date.now) });
  const wire = createWire(cloud, {
    credentials: [options.credential],
    throttle: options.throttle,
  });
  const listening = await listen(wire, { port: options.port, host: options.host });
  process.once("SIGINT", () => stop(listening));
  process.once("SIGTERM", () => stop(listening));
  console.log(greeting(listening.endpoint, options));
}

function stop(listening: Listening): void {
  setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
  listening.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error("could not close the port:", error);
      process.exit(1);
    },
  );
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\n${USAGE}`;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EADDRINUSE")
    return "That port is in use. Give another with --port, or 0 for any free one.";
  if (code === "EACCES") return "That port may not be used. Give one above 1023 with --port.";
  if (code === "EADDRNOTAVAIL")
    return "This machine does not have that address. Give another with --host.";
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function greeting(endpoint: string, { credential, speed }: Options): string {
  const token =
    credential.sessionToken === undefined
      ? []
      : [`  export AWS_SESSION_TOKEN=${credential.sessionToken}`];
  return [
    `The embedded AWS listens at ${endpoint} (Lightsail and EC2 tags; time runs ${speed} times as fast).`,
    "",
    `  export AWS_ENDPOINT_URL=${endpoint}`,
    `  export AWS_ACCESS_KEY_ID=${credential.accessKeyId}`,
    `  export AWS_SECRET_ACCESS_KEY=${credential.secretAccessKey}`,
    ...token,
    "  export AWS_REGION=ap-northeast-2",
    "",
    "With these the SDKs come here. Older AWS CLIs (that of Debian 12) ignore AWS_ENDPOINT_URL and go to",
    "the real AWS, so name the endpoint in each command:",
    `  aws --endpoint-url ${endpoint} lightsail get-instances`,
    `What it holds: curl ${endpoint}${CONTROL_PREFIX}state`,
  ].join("\n");
}
