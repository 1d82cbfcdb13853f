/** Every path of the API: its method, the least role that may call it, and who answers. */
import { ACTIONS } from "./actions.ts";
import { getCost } from "./cost.ts";
import type { Route } from "./deps.ts";
import { getDoctor } from "./doctor.ts";
import { listEvents } from "./events.ts";
import { deleteFleet, getFleet, getSpec, listFleets, putFleet } from "./fleets.ts";
import { healthz } from "./healthz.ts";
import { getHistory } from "./history.ts";
import { getInstance, listInstances } from "./instances.ts";
import { deleteLease, listLeases, postLeases, putLease } from "./leases.ts";
import { getMetrics } from "./metrics.ts";
import { deleteOverride, listOverrides, postOverride } from "./overrides.ts";
import { pause, reconcile, resume } from "./pause.ts";
import { getSchedule } from "./schedule.ts";
import { deleteTarget, getTarget, putTarget } from "./target.ts";

const FLEET = "/v1/fleets/:fleet";

export const ROUTES: readonly Route[] = [
  { method: "GET", path: "/healthz", role: "open", query: [], answer: healthz },
  { method: "GET", path: "/metrics", role: "viewer", query: [], answer: getMetrics },
  { method: "GET", path: "/v1/fleets", role: "viewer", query: [], answer: listFleets },
  { method: "PUT", path: FLEET, role: "operator", query: ["dryRun"], answer: putFleet },
  { method: "GET", path: FLEET, role: "viewer", query: ["format"], answer: getFleet },
  {
    method: "DELETE",
    path: FLEET,
    role: "operator",
    query: ["confirm", "force"],
    answer: deleteFleet,
  },
  { method: "GET", path: `${FLEET}/spec`, role: "viewer", query: [], answer: getSpec },
  {
    method: "GET",
    path: `${FLEET}/instances`,
    role: "viewer",
    query: ["phase", "ip"],
    answer: listInstances,
  },
  {
    method: "GET",
    path: `${FLEET}/instances/:name`,
    role: "viewer",
    query: [],
    answer: getInstance,
  },
  ...ACTIONS.map(([verb, answer]): Route => ({
    method: "POST",
    path: `${FLEET}/instances/:name/${verb}`,
    role: "operator",
    query: [],
    answer,
  })),
  { method: "GET", path: `${FLEET}/target`, role: "viewer", query: [], answer: getTarget },
  { method: "PUT", path: `${FLEET}/target`, role: "operator", query: [], answer: putTarget },
  { method: "DELETE", path: `${FLEET}/target`, role: "operator", query: [], answer: deleteTarget },
  { method: "GET", path: `${FLEET}/overrides`, role: "viewer", query: [], answer: listOverrides },
  { method: "POST", path: `${FLEET}/overrides`, role: "operator", query: [], answer: postOverride },
  {
    method: "DELETE",
    path: `${FLEET}/overrides/:id`,
    role: "operator",
    query: [],
    answer: deleteOverride,
  },
  {
    method: "GET",
    path: `${FLEET}/history`,
    role: "viewer",
    query: ["hours"],
    answer: getHistory,
  },
  {
    method: "GET",
    path: `${FLEET}/schedule`,
    role: "viewer",
    query: ["days"],
    answer: getSchedule,
  },
  {
    method: "GET",
    path: `${FLEET}/doctor`,
    role: "operator",
    query: ["format"],
    answer: getDoctor,
  },
  {
    method: "GET",
    path: `${FLEET}/cost`,
    role: "viewer",
    query: ["month", "ec2HourlyUsd", "format"],
    answer: getCost,
  },
  { method: "GET", path: `${FLEET}/leases`, role: "viewer", query: [], answer: listLeases },
  { method: "POST", path: `${FLEET}/leases`, role: "dispatcher", query: [], answer: postLeases },
  { method: "PUT", path: `${FLEET}/leases/:id`, role: "dispatcher", query: [], answer: putLease },
  {
    method: "DELETE",
    path: `${FLEET}/leases/:id`,
    role: "dispatcher",
    query: [],
    answer: deleteLease,
  },
  { method: "POST", path: `${FLEET}/pause`, role: "operator", query: [], answer: pause },
  { method: "POST", path: `${FLEET}/resume`, role: "operator", query: [], answer: resume },
  { method: "POST", path: `${FLEET}/reconcile`, role: "operator", query: [], answer: reconcile },
  {
    method: "GET",
    path: `${FLEET}/events`,
    role: "viewer",
    query: ["since", "until", "kind", "instance", "cursor", "limit"],
    answer: listEvents,
  },
];
