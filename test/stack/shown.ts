/** What `npm start` prints. */
import type { BucketOptions } from "../aws/wire/throttle.ts";
import type { Status } from "./client.ts";
import type { Options } from "./options.ts";
import { FLEET, REGION, TARGET_TAG } from "./spec.ts";
import type { Stack } from "./stack.ts";

export function greeting(
  { url, awsUrl, token }: Stack,
  { speed, target: spares, throttle }: Options,
): string {
  const fleet = `${url}/v1/fleets/${FLEET}`;
  const target = JSON.stringify({
    spares: spares + 10,
    expiresInSeconds: 600,
    reason: "a concert",
  });
  const tag = JSON.stringify({ region: REGION, ...TAG_PARTS, value: String(spares + 5) });
  return [
    `Lightfleet runs at ${url} (time runs ${speed} times as fast; Ctrl-C ends it).`,
    `It keeps ${spares} spares.${throttle === null ? "" : heldBack(throttle)}`,
    "",
    "Its status:",
    `  curl -s -H "Authorization: Bearer ${token}" ${fleet}`,
    "Another target, for ten minutes:",
    `  curl -s -X PUT -H "Authorization: Bearer ${token}" -H "Content-Type: application/json" ${fleet}/target -d '${target}'`,
    "Another target by the EC2 tag, as in the AWS console:",
    `  curl -s -d '${tag}' ${awsUrl}/_control/ec2-tag`,
    "",
  ].join("\n");
}

function heldBack({ capacity, refillPerSecond }: BucketOptions): string {
  return ` AWS takes ${capacity} of Lightsail's calls at once, then ${refillPerSecond} per second, and refuses the others.`;
}

const TAG_PARTS = { resourceId: TARGET_TAG.resource, key: TARGET_TAG.key } as const;

/** One line of the fleet's state and of what the data centre holds; the time is of the model's day. */
export function statusLine(
  status: Status,
  { cloud, wire, demand }: Stack,
  timeOfDay: string,
): string {
  const { target, spares, counts, blockers, lastTick } = status;
  const { live, arrivals, blocked, killed } = demand.counts();
  const { calls, refused } = callsOf(wire.calls.counts());
  const held = blockers.length === 0 ? "" : ` [held: ${blockers.map((b) => b.guard).join(", ")}]`;
  return [
    timeOfDay,
    `target ${target.spares} (${target.source})`,
    `spares ${spares}`,
    `busy ${counts.busy}`,
    `launching ${counts.launching}`,
    `draining ${counts.draining}`,
    `total ${counts.total}`,
    `sessions ${live} of ${arrivals}, ${blocked} blocked, ${killed} killed`,
    `${calls} calls, ${refused} refused`,
    `$${cloud.bill().exactUsd.toFixed(2)}`,
    `${lastTick?.error ?? lastTick?.decision ?? "no tick yet"}${held}`,
  ].join("  ");
}

/** How often AWS was called, and how many of the calls were too many for it. */
function callsOf(counts: Readonly<Record<string, number>>): { calls: number; refused: number } {
  let calls = 0;
  let refused = 0;
  for (const [key, count] of Object.entries(counts)) {
    calls += count;
    if (REFUSALS.some((type) => key.endsWith(`/${type}`))) refused += count;
  }
  return { calls, refused };
}

/** Of Lightsail, and of EC2. */
const REFUSALS = ["ThrottlingException", "RequestLimitExceeded"] as const;
