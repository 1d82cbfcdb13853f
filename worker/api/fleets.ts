/** The fleets themselves: which there are, what they are told to be, how they are. */
import { z } from "zod";
import type { SpecCondition } from "../../durable/rules/conditions.ts";
import { withoutScript } from "../../durable/rules/launch-script-shown.ts";
import type { Spec } from "../../durable/rules/spec.ts";
import { screenOf } from "../text/screen.ts";
import { preferred } from "./accept.ts";
import { CONDITION_HEADERS, etag, isKnown, readConditions } from "./conditions.ts";
import type { Call, FleetCall } from "./deps.ts";
import { instancesInPieces } from "./every-instance.ts";
import { NO_REASON, oneOf, reason, strict } from "./fields.ts";
import { STATUS } from "./openapi/example-status.ts";
import { DRY_RUN } from "./openapi/examples.ts";
import { VARIES, json, jsonOrText, onAll, onFleet, textOf } from "./operation.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { PREVIEWS } from "./previews.ts";
import { invalidFields, problem, refused, unknownFleet } from "./problem.ts";
import { flag } from "./query.ts";
import { dryRun } from "./schemas/history.ts";
import { applied, specView } from "./schemas/spec.ts";
import { type FleetSummary, fleetList, removing, status } from "./schemas/status.ts";
import { specBody, storedExample } from "./spec.ts";
import { type Seen, survey } from "./survey.ts";

/** No screen has room for more. */
const EVENTS_SHOWN_MAX = 20;
/** Each of them is asked. */
const PAGE_MAX = 200;
/** The names of a thousand servers. */
const ABANDON_LENGTH_MAX = 64_000;

interface Put {
  readonly spec: Spec;
  readonly condition: SpecCondition;
}

const ETAG = { ETag: "The version of the spec, for If-Match." };

const BEGINS =
  "From the next tick on it launches 10 servers for 10 spares (default: 10). It never has more than 100 servers. limits.maxMonthlyUsd sets no limit to what a month may cost.";

const SEEN: Seen = { name: "media", status: STATUS, answered: true };

export const listFleets = onAll({
  id: "listFleets",
  tag: "Fleets",
  summary: "Every fleet with its most important numbers",
  query: strict(pageQuery(PAGE_MAX)),
  replies: {
    200: json("A page of fleets.", fleetList, { fleets: [summary(SEEN)], nextCursor: null }),
  },
  answer: async (c, deps, { query }) => {
    const names = await deps.directory().names();
    const { items, nextCursor } = pageOf(names, (name) => name, query);
    const seen = await survey(deps, items);
    return c.json({ fleets: seen.map(summary), nextCursor });
  },
});

/** Applies a spec, or only says what it would do: both read it in the same way. */
export const putFleet = onFleet({
  id: "putFleet",
  tag: "Fleets",
  summary: "Apply a spec, or say what it would do",
  description:
    "A PUT also calls a removal off. With `dryRun=true` nothing is changed, and the reply is a DryRun.",
  query: strict({ dryRun: flag }),
  body: specBody,
  replies: {
    200: json(
      "It was applied to the fleet, or foretold.",
      z.union([applied, dryRun]),
      DRY_RUN,
      ETAG,
    ),
    201: json(
      "A new fleet.",
      applied,
      { version: 1, created: true, begins: BEGINS },
      { Location: "The path of the fleet.", ...ETAG },
    ),
  },
  problems: ["conflict", "precondition-failed"],
  headers: CONDITION_HEADERS,
  answer: async (c, call, { query, body }) => {
    const condition = readConditions(c);
    if (!condition.ok) return invalidFields(c, condition.errors);
    const message = call.deps.scriptProblem(body.userData);
    if (message !== null) return invalidFields(c, [{ field: "userData", message }]);
    const put = { spec: body, condition: condition.value };
    // Only the spec knows the region near which a new fleet's object is made.
    const placed = { ...call, fleet: call.deps.fleet(call.name, body.region) };
    return query.dryRun ? foretell(c, placed, put) : apply(c, placed, put);
  },
});

/** As JSON, or as a screen of text for a terminal: by `format`, and without it by what is accepted. */
export const getFleet = onFleet({
  id: "getFleet",
  tag: "Fleets",
  summary: "The status of a fleet",
  description:
    "With `format=text`, or `Accept: text/plain`, it is one screen for a terminal, in the fleet's zone.",
  query: strict({ format: oneOf(["json", "text"]).optional() }),
  replies: {
    200: {
      ...jsonOrText("The status.", status, STATUS, ["media (ap-northeast-2)   Sun 22 Nov 19:00"]),
      headers: VARIES,
    },
  },
  answer: async (c, call, { query }) => {
    const { format = acceptedFormat(c) } = query;
    if (format === "text") return showFleet(c, call);
    const told = await call.fleet.statusText();
    if (told === null) return unknownFleet(c, call.name);
    return c.body(told, 200, { "Content-Type": "application/json", Vary: "Accept" });
  },
});

export const getSpec = onFleet({
  id: "getSpec",
  tag: "Fleets",
  summary: "The stored spec with every default, and its version",
  description:
    "Only an operator reads the launch script. For all others `userData` is its SHA-256 and its length in bytes.",
  replies: {
    200: json("The spec.", specView, { version: 7, spec: storedExample() }, ETAG),
    304: {
      description: "It is still the one that If-None-Match names.",
      content: null,
      headers: ETAG,
    },
  },
  headers: { "If-None-Match": "Only if the spec is another one than this ETag. Else 304." },
  answer: async (c, { name, fleet }) => {
    const condition = readConditions(c);
    if (!condition.ok) return invalidFields(c, condition.errors);
    const view = await fleet.spec();
    if (view === null) return unknownFleet(c, name);
    const { version, tag } = view;
    if (isKnown(condition.value, tag)) return c.body(null, 304, etag(tag));
    const spec = c.get("caller")?.role === "operator" ? view.spec : withoutScript(view.spec);
    return c.json({ version, spec }, 200, etag(tag));
  },
});

/** Begins the removal. The name is asked for twice, because a mistyped one would drain another fleet. */
export const deleteFleet = onFleet({
  id: "deleteFleet",
  tag: "Fleets",
  summary: "Drain and delete every server, then forget the fleet",
  description: "Busy servers are waited for, unless `force=true`. A PUT calls it off.",
  query: strict({
    confirm: z.string().optional().describe("The fleet's name, once more."),
    force: flag,
    reason: reason.describe("Why; needed to abandon.").optional(),
    abandon: z
      .string()
      .max(ABANDON_LENGTH_MAX)
      .optional()
      .describe(
        "Forget it though AWS cannot be asked: the servers that may go on billing, or `none`.",
      ),
  }),
  replies: {
    202: json("The removal has begun.", removing, {
      removing: true,
      forgotten: false,
      waitsForAws: null,
    }),
  },
  problems: ["not-confirmed", "conflict"],
  answer: async (c, { name, fleet, asked }, { query }) => {
    if (query.confirm !== name)
      return problem(c, {
        kind: "not-confirmed",
        detail: `This drains and deletes every server of \`${name}\`. Repeat it with ?confirm=${name} to go on.`,
      });
    const given = query.reason === undefined || query.reason === NO_REASON ? null : query.reason;
    const wish = { force: query.force, reason: given, abandon: query.abandon ?? null };
    const removal = await fleet.remove(wish, asked);
    return "refused" in removal ? refused(c, removal) : c.json(removal, 202);
  },
});

function acceptedFormat(c: Call): "json" | "text" {
  const type = preferred(c.req.header("Accept"), ["application/json", "text/plain"]);
  return type === "text/plain" ? "text" : "json";
}

async function showFleet(c: Call, { name, fleet, deps }: FleetCall): Promise<Response> {
  const anything = { since: null, until: null, kind: null, instance: null, before: null };
  const [status, instances, events] = await Promise.all([
    fleet.status(),
    instancesInPieces(fleet, { phase: null, ip: null }),
    fleet.events({ ...anything, limit: EVENTS_SHOWN_MAX }),
  ]);
  if (status === null || instances === null || events === null) return unknownFleet(c, name);
  const lines = screenOf({ status, instances, events, now: deps.now() });
  return c.text(textOf(lines), 200, { Vary: "Accept" });
}

const PREVIEW_DAYS = 7;

/**
 * What the spec would do, and what the doctor says of it. The directory is not told: a dry run of a new
 * fleet leaves nothing behind.
 */
async function foretell(
  c: Call,
  { name, fleet, asked, deps }: FleetCall,
  { spec, condition }: Put,
): Promise<Response> {
  const checkup = await fleet.checkup();
  const [foretold, doctor] = await Promise.all([
    fleet.dryRun(name, spec, asked, condition),
    deps.doctor({ fleet: name, spec, checkup }),
  ]);
  if ("refused" in foretold) return refused(c, foretold);
  const schedule = PREVIEWS.of(foretold.schedule, PREVIEW_DAYS);
  return c.json({ ...foretold, schedule, doctor });
}

/** The fleet is put into the directory first, so that it never ticks unwatched. */
async function apply(c: Call, call: FleetCall, { spec, condition }: Put): Promise<Response> {
  const { name, fleet, asked, deps } = call;
  // One that must exist is there already, and a name without a fleet must not stay behind.
  if (condition.ifMatch === null) await deps.directory().register(name);
  const applied = await fleet.configure(name, spec, asked, condition);
  if ("refused" in applied) return refused(c, applied);
  const { version, created, tag, begins } = applied;
  return created
    ? c.json({ version, created, begins }, 201, { Location: `/v1/fleets/${name}`, ...etag(tag) })
    : c.json({ version, created, begins }, 200, etag(tag));
}

/** The lines of the status that a list needs; nulls where a fleet did not answer or is gone. */
function summary({ name, status, answered }: Seen): FleetSummary {
  return {
    name,
    answered,
    region: status?.region ?? null,
    mode: status?.mode ?? null,
    removing: status?.removing ?? null,
    target: status === null ? null : { spares: status.target.spares, source: status.target.source },
    spares: status?.spares ?? null,
    sessions: status?.sessions ?? null,
    counts: status?.counts ?? null,
    converged: status?.converged ?? null,
  };
}
