/** Every path of the API: its method, the least role that may call it, and its operation. */
import { ACTIONS } from "./actions.ts";
import { getCost } from "./cost.ts";
import { getDoctor } from "./doctor.ts";
import { listEvents } from "./events.ts";
import { deleteFleet, getFleet, getSpec, listFleets, putFleet } from "./fleets.ts";
import { healthz } from "./healthz.ts";
import { getHistory } from "./history.ts";
import { getInstance, listInstances } from "./instances.ts";
import { deleteLease, listLeases, postLeases, putLease } from "./leases.ts";
import { getMetrics } from "./metrics.ts";
import { describing } from "./openapi/operations.ts";
import type { Operation } from "./operation.ts";
import { deleteOverride, listOverrides, postOverride } from "./overrides.ts";
import { pause, pauseAll, reconcile, resume, resumeAll } from "./pause.ts";
import { listRefused } from "./refused.ts";
import type { Needed } from "./roles.ts";
import { getSchedule } from "./schedule.ts";
import type { Reach } from "./scope.ts";
import { confirmJump, refuseJump } from "./tag-jump.ts";
import { deleteTarget, getTarget, putTarget } from "./target.ts";

type Method = "GET" | "PUT" | "POST" | "DELETE";

export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly role: Needed;
  readonly reach: Reach;
  readonly operation: Operation;
}

const FLEET = "/v1/fleets/:fleet";
const INSTANCE = `${FLEET}/instances/:name`;

const { getDescription, getDocs } = describing(() => ROUTES);

export const ROUTES: readonly Route[] = [
  route("GET", "/healthz", "open", healthz, "list"),
  route("GET", "/openapi.json", "published", getDescription, "list"),
  route("GET", "/docs", "published", getDocs, "list"),
  route("GET", "/metrics", "viewer", getMetrics, "list"),
  route("GET", "/v1/fleets", "viewer", listFleets, "list"),
  route("GET", "/v1/refused", "operator", listRefused),
  route("PUT", FLEET, "operator", putFleet),
  route("GET", FLEET, "viewer", getFleet),
  route("DELETE", FLEET, "operator", deleteFleet),
  route("POST", "/v1/pause", "operator", pauseAll),
  route("POST", "/v1/resume", "operator", resumeAll),
  route("GET", `${FLEET}/spec`, "viewer", getSpec),
  route("GET", `${FLEET}/instances`, "viewer", listInstances),
  route("GET", INSTANCE, "viewer", getInstance),
  ...ACTIONS.map(([verb, action]) => route("POST", `${INSTANCE}/${verb}`, "operator", action)),
  route("GET", `${FLEET}/target`, "viewer", getTarget),
  route("PUT", `${FLEET}/target`, "operator", putTarget),
  route("DELETE", `${FLEET}/target`, "operator", deleteTarget),
  route("POST", `${FLEET}/target/confirm`, "operator", confirmJump),
  route("POST", `${FLEET}/target/refuse`, "operator", refuseJump),
  route("GET", `${FLEET}/overrides`, "viewer", listOverrides),
  route("POST", `${FLEET}/overrides`, "operator", postOverride),
  route("DELETE", `${FLEET}/overrides/:id`, "operator", deleteOverride),
  route("GET", `${FLEET}/schedule`, "viewer", getSchedule),
  route("GET", `${FLEET}/doctor`, "operator", getDoctor),
  route("GET", `${FLEET}/cost`, "viewer", getCost),
  route("GET", `${FLEET}/leases`, "viewer", listLeases),
  route("POST", `${FLEET}/leases`, "dispatcher", postLeases),
  route("PUT", `${FLEET}/leases/:id`, "dispatcher", putLease),
  route("DELETE", `${FLEET}/leases/:id`, "dispatcher", deleteLease),
  route("POST", `${FLEET}/pause`, "operator", pause),
  route("POST", `${FLEET}/resume`, "operator", resume),
  route("POST", `${FLEET}/reconcile`, "operator", reconcile),
  route("GET", `${FLEET}/history`, "viewer", getHistory),
  route("GET", `${FLEET}/events`, "viewer", listEvents),
];

/** What names no fleet is about the whole deployment, unless it is a list of fleets. */
function route(
  method: Method,
  path: string,
  role: Needed,
  operation: Operation,
  reach: Reach = path.startsWith(FLEET) ? "fleet" : "deployment",
): Route {
  return { method, path, role, reach, operation };
}
