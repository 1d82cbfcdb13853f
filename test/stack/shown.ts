/** What `npm start` prints. */
import type { Status } from "./client.ts";
import { FLEET, REGION, TARGET_TAG } from "./spec.ts";
import type { Stack } from "./stack.ts";

export function greeting({ url, awsUrl, token }: Stack, speed: number): string {
  const fleet = `${url}/v1/fleets/${FLEET}`;
  const target = JSON.stringify({ spares: 20, expiresInSeconds: 600, reason: "a concert" });
  const tag = JSON.stringify({ region: REGION, ...TAG_PARTS, value: "15" });
  return [
    `Lightfleet runs at ${url} (time runs ${speed} times as fast; Ctrl-C ends it).`,
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

const TAG_PARTS = { resourceId: TARGET_TAG.resource, key: TARGET_TAG.key } as const;

/** One line of the fleet's state and of what the data centre holds; the time is of the model's day. */
export function statusLine(status: Status, { cloud, demand }: Stack, timeOfDay: string): string {
  const { target, spares, counts, blockers, lastTick } = status;
  const { live, arrivals, blocked, killed } = demand.counts();
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
    `$${cloud.bill().exactUsd.toFixed(2)}`,
    `${lastTick?.error ?? lastTick?.decision ?? "no tick yet"}${held}`,
  ].join("  ");
}
