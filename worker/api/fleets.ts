/** The fleets themselves: which there are, what they are told to be, how they are. */
import { accepts } from "hono/accepts";
import { z } from "zod";
import type { Spec } from "../../durable/rules/spec.ts";
import type { Call, FleetCall, Handler } from "./deps.ts";
import { screenOf } from "../text/screen.ts";
import { readJson } from "./body.ts";
import { oneOf } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, problem, refused, unknownFleet } from "./problem.ts";
import { flag, readQuery } from "./query.ts";
import { parseSpec } from "./spec.ts";
import { type Seen, survey } from "./survey.ts";

/** Asked with each look at a status, so that it is made once. */
const FORMAT = { format: oneOf(["json", "text"]).optional() };

/** No screen has room for more. */
const EVENTS_SHOWN_MAX = 20;

export const listFleets: Handler = async (c, deps) => {
  const seen = await survey(deps);
  return c.json({ fleets: seen.map(summary) });
};

/** Applies a spec, or only says what it would do: both read it in the same way. */
export const putFleet = onFleet(async (c, call) => {
  const query = readQuery(c, { dryRun: flag });
  if (!query.ok) return invalidFields(c, query.errors);
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  if (body.value === undefined) return specMissing(c);
  const parsed = parseSpec(body.value);
  if (!parsed.ok) return invalidFields(c, parsed.errors);

  return query.value.dryRun ? foretell(c, call, parsed.value) : apply(c, call, parsed.value);
});

/** As JSON, or as a screen of text for a terminal: by `format`, and without it by what is accepted. */
export const getFleet = onFleet(async (c, call) => {
  const query = readQuery(c, FORMAT);
  if (!query.ok) return invalidFields(c, query.errors);
  const { format = acceptedFormat(c) } = query.value;
  if (format === "text") return showFleet(c, call);
  const status = await call.fleet.status();
  return status === null ? unknownFleet(c, call.name) : c.json(status, 200, { Vary: "Accept" });
});

export const getSpec = onFleet(async (c, { name, fleet }) => {
  const view = await fleet.spec();
  return view === null ? unknownFleet(c, name) : c.json(view);
});

/** Begins the removal. The name is asked for twice, because a mistyped one would drain another fleet. */
export const deleteFleet = onFleet(async (c, { name, fleet, asked }) => {
  const query = readQuery(c, {
    confirm: z.string().optional(),
    force: flag,
  });
  if (!query.ok) return invalidFields(c, query.errors);
  if (query.value.confirm !== name)
    return problem(c, {
      kind: "not-confirmed",
      detail: `This drains and deletes every server of \`${name}\`. Repeat it with ?confirm=${name} to go on.`,
    });

  const removal = await fleet.remove({ force: query.value.force }, asked);
  return "refused" in removal ? refused(c, removal) : c.json(removal, 202);
});

function acceptedFormat(c: Call): "json" | "text" {
  const supports = ["application/json", "text/plain"];
  const type = accepts(c, { header: "Accept", supports, default: "application/json" });
  return type === "text/plain" ? "text" : "json";
}

async function showFleet(c: Call, { name, fleet, deps }: FleetCall): Promise<Response> {
  const anything = { since: null, until: null, kind: null, instance: null, before: null };
  const [status, instances, events] = await Promise.all([
    fleet.status(),
    fleet.instances({ phase: null, ip: null }),
    fleet.events({ ...anything, limit: EVENTS_SHOWN_MAX }),
  ]);
  if (status === null || instances === null || events === null) return unknownFleet(c, name);
  const lines = screenOf({ status, instances, events, now: deps.now() });
  return c.text(`${lines.join("\n")}\n`, 200, { Vary: "Accept" });
}

/**
 * What the spec would do, and what the doctor says of it. The directory is not told: a dry run of a new
 * fleet leaves nothing behind.
 */
async function foretell(c: Call, call: FleetCall, spec: Spec): Promise<Response> {
  const { name, fleet, deps } = call;
  const checkup = await fleet.checkup();
  const [foretold, doctor] = await Promise.all([
    fleet.dryRun(name, spec),
    deps.doctor({ fleet: name, spec, checkup }),
  ]);
  return "refused" in foretold ? refused(c, foretold) : c.json({ ...foretold, doctor });
}

/** The fleet is put into the directory first, so that it never ticks unwatched. */
async function apply(c: Call, call: FleetCall, spec: Spec): Promise<Response> {
  const { name, fleet, asked, deps } = call;
  await deps.directory().register(name);
  const applied = await fleet.configure(name, spec, asked);
  if ("refused" in applied) return refused(c, applied);
  const { version, created } = applied;
  return created
    ? c.json({ version, created }, 201, { Location: `/v1/fleets/${name}` })
    : c.json({ version, created });
}

function specMissing(c: Call): Response {
  return problem(c, {
    kind: "invalid-json",
    detail:
      "The body is empty. Send the fleet's spec; the least of it is region, image, bundle, health.port, health.path and limits.maxInstances.",
  });
}

/** The lines of the status that a list needs; nulls where a fleet did not answer or is gone. */
function summary({ name, status, answered }: Seen) {
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
