/**
 * I13, of people: what was answered with success is in the ledger by then, and for as long as was asked
 * for. A pause or an override that lives in memory alone is over with the object's next death.
 */
import type { SimEvent } from "../event.ts";
import type { Check, Truth } from "./invariant.ts";
import { rowOf } from "./rows.ts";

type RequestEvent = Extract<SimEvent, { kind: "request" }>;
type Body = Readonly<Record<string, unknown>>;
type Written = (body: Body, truth: Truth) => string | null;

export function answeredIsWritten(): Check {
  return (event, truth) => {
    if (event.kind !== "request" || event.role !== "operator") return null;
    if (event.status < 200 || event.status >= 300 || truth.spec === null) return null;
    const [, name, verb] = /\/instances\/([^/]+)\/(\w+)$/u.exec(event.path) ?? [];
    if (name !== undefined) return verb === undefined ? null : ofInstance(name, verb, truth);
    const [, override] = event.method === "DELETE" ? (OVERRIDE.exec(event.path) ?? []) : [];
    if (override !== undefined)
      return count(truth, "SELECT 1 FROM overrides WHERE id = ?", override) === 0
        ? null
        : `the override ${override} was ended, and is in the ledger`;
    const check = CHECKS[routeOf(event)];
    return check === undefined ? null : check((event.body ?? {}) as Body, truth);
  };
}

const SECOND_MS = 1_000;
/** How long a pause without an end lasts. */
const FOR_EVER = -1;

const OVERRIDE = /\/overrides\/([^/]+)$/u;

/** `PUT target`, `POST pause`, and so on. */
function routeOf({ method, path }: RequestEvent): string {
  const [route = ""] = path.split("?");
  return `${method} ${/^\/v1\/fleets\/[^/]+\/(\w+)$/u.exec(route)?.[1] ?? ""}`;
}

const CHECKS: Readonly<Record<string, Written>> = {
  "PUT target": (body, truth) =>
    isBooked(body, truth)
      ? null
      : "an override was answered with success, and is not in the ledger as it was asked for",
  "POST overrides": (body, truth) =>
    isBooked(body, truth)
      ? null
      : "an override was booked, and is not in the ledger as it was asked for",
  "DELETE target": (_body, truth) => {
    const now = truth.objectNow;
    const ruling = "SELECT 1 FROM overrides WHERE startsAt <= ? AND endsAt > ?";
    return count(truth, ruling, now, now) === 0
      ? null
      : "the overrides were ended, and one rules in the ledger";
  },
  "POST pause": ({ what, reason, expiresInSeconds }, truth) => {
    const lastsMs = typeof expiresInSeconds === "number" ? expiresInSeconds * SECOND_MS : FOR_EVER;
    const statement =
      "SELECT 1 FROM pauses WHERE what = ? AND reason = ? AND ifnull(endsAt - since, ?) = ?";
    const missing = listOf(what).find(
      (each) => count(truth, statement, each, reason, FOR_EVER, lastsMs) === 0,
    );
    return missing === undefined
      ? null
      : `the pause of ${missing} is not in the ledger as it was asked for`;
  },
  "POST resume": ({ what }, truth) => {
    const left = listOf(what).find(
      (each) => count(truth, "SELECT 1 FROM pauses WHERE what = ?", each) > 0,
    );
    return left === undefined ? null : `${left} was resumed, and is paused in the ledger`;
  },
};

/** It is there, and lasts to the millisecond as long as was asked for. */
function isBooked({ spares, reason, until, expiresInSeconds }: Body, truth: Truth): boolean {
  const [end, value] =
    typeof expiresInSeconds === "number"
      ? ["endsAt - startsAt", expiresInSeconds * SECOND_MS]
      : ["endsAt", Date.parse(String(until))];
  const statement = `SELECT 1 FROM overrides WHERE expression = ? AND reason = ? AND ${end} = ?`;
  return count(truth, statement, spares, reason, value) > 0;
}

function ofInstance(name: string, verb: string, truth: Truth): string | null {
  const row = rowOf(truth, name);
  if (verb === "protect" && row?.["protectedBy"] === null)
    return `${name} was protected, and the ledger knows nothing of it`;
  if (verb === "drain" && row?.["drainReason"] !== "operator")
    return `${name} was drained, and the ledger knows nothing of it`;
  const isAdopted = count(truth, "SELECT 1 FROM adoptions WHERE name = ?", name) > 0;
  return verb === "adopt" && !isAdopted
    ? `${name} is to be adopted, and the ledger knows nothing of it`
    : null;
}

const CHANGES = ["launch", "retire"];

function listOf(what: unknown): readonly string[] {
  return Array.isArray(what) ? what.map(String) : CHANGES;
}

function count(truth: Truth, statement: string, ...bindings: readonly unknown[]): number {
  return truth.sql.rows(
    statement,
    ...bindings.map((each) => (typeof each === "number" ? each : String(each))),
  ).length;
}
