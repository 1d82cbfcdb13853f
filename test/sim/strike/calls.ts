/** Faults of calls on AWS, and of what AWS answers. */
import { ANSWERS, OPERATIONS as OPERATIONS_CALLED } from "../../aws/wire/answers.ts";
import type { FaultInput } from "../../aws/wire/faults.ts";
import { TEST_CREDENTIAL } from "../../aws/wire/wire.ts";
import { HANG_MS } from "../world/network.ts";
import { REGION } from "../world/world.ts";
import type { Strike, Striker } from "./striker.ts";

/** Which call is struck where the incident does not stand at one. */
const OPERATIONS = [
  "CreateInstances",
  "PutInstancePublicPorts",
  "DeleteInstance",
  "GetInstances",
  "GetInstance",
  "DescribeTags",
] as const;

const HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>";

type Effect = FaultInput["effect"];

/** Strikes the next calls of one operation. */
function next(effect: (op: string, n: number) => Effect): Strike {
  return (striker, { n, fault }) => {
    const op = striker.op ?? OPERATIONS[n % OPERATIONS.length] ?? "*";
    striker.addFault(fault, { op, times: 1 + (n % 3), effect: effect(op, n) });
  };
}

/** Strikes all calls of an operation for a while. */
function during(op: string, effect: (n: number) => Effect): Strike {
  return (striker, { n, fault, forMs }) =>
    striker.addFault(fault, { op, forMs, effect: effect(n) });
}

/** Strikes the next writes of the tag. */
function nextTagWrite(effect: (n: number) => Effect): Strike {
  return (striker, { n, fault }) =>
    striker.addFault(fault, { op: "CreateTags", times: 1 + (n % 3), effect: effect(n) });
}

function sideOf(n: number): "before" | "after" {
  return n % 2 === 0 ? "before" : "after";
}

const throttled = (op: string): string =>
  op === "DescribeTags" || op === "CreateTags" ? "RequestLimitExceeded" : "ThrottlingException";

export const CALLS = {
  answered: (striker, { n, fault, forMs }) => {
    const op = OPERATIONS_CALLED[n % OPERATIONS_CALLED.length] ?? "*";
    const answer = ANSWERS[Math.floor(n / OPERATIONS_CALLED.length) % ANSWERS.length];
    if (answer !== undefined) striker.addFault(fault, { op, forMs, effect: answer[1] });
  },
  throttle: next((op) => ({ kind: "error", type: throttled(op) })),
  throttleStorm: during("*", () => ({ kind: "error", type: "ThrottlingException" })),
  errorBefore: next(() => ({ kind: "error", type: "ServiceException", status: 500 })),
  errorAfter: next(() => ({ kind: "error", when: "after", type: "ServiceException", status: 500 })),
  lostBefore: next(() => ({ kind: "lost", when: "before" })),
  lostAfter: next(() => ({ kind: "lost", when: "after" })),
  hangBefore: next(() => ({ kind: "delay", when: "before", ms: HANG_MS })),
  hangAfter: next(() => ({ kind: "delay", when: "after", ms: HANG_MS })),
  html: next((_op, n) => ({ kind: "garbled", body: HTML, status: n % 2 === 0 ? 200 : 502 })),
  truncated: next(() => ({
    kind: "garbled",
    body: '{"instances":[{"name":"media-',
    contentType: "application/x-amz-json-1.1",
  })),
  staleListing: (striker, { fault, n, forMs }) => {
    if (!striker.world.hasListed()) return;
    const agoMs = 5_000 + (n % 23) * 5_000;
    striker.addFault(fault, { op: "GetInstances", forMs, effect: { kind: "stale", agoMs } });
  },
  flipFlopListing: (striker, { fault, n, forMs }) => {
    const agoMs = 5_000 + (n % 23) * 5_000;
    let turn = 0;
    const beats = Math.floor(forMs / 10_000);
    for (let beat = 0; beat < beats; beat++)
      striker.world.timers.after(beat * 10_000, () => {
        if (turn++ % 2 === 0 && !striker.world.isHealed && striker.world.hasListed())
          striker.addFault(fault, {
            op: "GetInstances",
            forMs: 10_000,
            effect: { kind: "stale", agoMs },
          });
      });
  },
  partialListing: (striker, incident) => spoil(striker, incident, halfListing),
  emptyListing: (striker, incident) =>
    spoil(striker, incident, (body) =>
      body.startsWith('{"instances"') ? '{"instances":[]}' : body,
    ),
  quota: ({ world, lasting, fired }, { n, forMs, fault }) => {
    fired(fault);
    world.cloud.setVcpuQuota(world.held().length * 2 + (n % 3) * 2, REGION);
    lasting(forMs, () => world.cloud.setVcpuQuota(world.scenario.site.vcpuQuota, REGION));
  },
  zoneFull: (striker, incident) => closeZone(striker, incident, "refuse"),
  zoneFails: (striker, incident) => closeZone(striker, incident, "fail"),
  nameClash: ({ world, fired, createByPerson }, { fault, n }) => {
    const [row] = world.fleetRow("incarnation, nextInstance");
    if (row === undefined) return;
    fired(fault);
    createByPerson(`media-${row["incarnation"]}-${Number(row["nextInstance"]) + (n % 2)}`);
  },
  credentialsExpired: ({ world, lasting, fired }, { forMs, fault }) => {
    fired(fault);
    world.wire.setCredentials([]);
    lasting(forMs, () => world.wire.setCredentials([TEST_CREDENTIAL]));
  },
  deleteDenied: during("DeleteInstance", () => ({ kind: "error", type: "AccessDeniedException" })),
  tagWriteDenied: during("CreateTags", () => ({ kind: "error", type: "UnauthorizedOperation" })),
  tagWriteThrottled: during("CreateTags", () => ({ kind: "throttled" })),
  tagWriteLost: nextTagWrite((n) => ({ kind: "lost", when: sideOf(n) })),
  tagWriteLate: nextTagWrite((n) => ({ kind: "delay", when: sideOf(n), ms: HANG_MS })),
  tagLag: ({ world, lasting, fired }, { n, forMs, fault }) => {
    fired(fault);
    world.cloud.setTiming({ ec2TagLagMs: 10_000 + (n % 10) * 10_000 });
    lasting(forMs, () => world.cloud.setTiming({ ec2TagLagMs: 0 }));
  },
} as const satisfies Record<string, Strike>;

type Given = Parameters<Strike>[1];

function spoil(striker: Striker, { fault, forMs }: Given, how: (body: string) => string): void {
  const { world, fired, lasting } = striker;
  if (!world.hasListed()) return;
  world.spoilers.set("GetInstances", (body) => {
    fired(fault);
    return how(body);
  });
  lasting(forMs, () => world.spoilers.delete("GetInstances"));
}

/** Half of a page, and a token with which AWS does not go on. */
function halfListing(body: string): string {
  const page = JSON.parse(body) as { instances?: unknown[] };
  if (page.instances === undefined) return body;
  const instances = page.instances.slice(0, Math.floor(page.instances.length / 2));
  return JSON.stringify({ instances, nextPageToken: "expired" });
}

function closeZone(
  { world, lasting, fired }: Striker,
  { n, forMs, fault }: Given,
  how: "refuse" | "fail",
): void {
  const zone = n % 2 === 0 ? "ap-northeast-2a" : "ap-northeast-2c";
  fired(fault);
  world.cloud.closeZone(zone, how);
  lasting(forMs, () => world.cloud.openZone(zone));
}
