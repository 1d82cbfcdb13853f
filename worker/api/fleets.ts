/** The fleets themselves: which there are, what they are told to be, how they are. */
import { z } from "zod";
import type { Call, Handler } from "./deps.ts";
import { readJson } from "./body.ts";
import { oneOf } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, problem, refused, unknownFleet } from "./problem.ts";
import { readQuery } from "./query.ts";
import { parseSpec } from "./spec.ts";
import { type Seen, survey } from "./survey.ts";

export const listFleets: Handler = async (c, deps) => {
  const seen = await survey(deps);
  return c.json({ fleets: seen.map(summary) });
};

/** Applies a spec. The fleet is put into the directory first, so that it never ticks unwatched. */
export const putFleet = onFleet(async (c, { name, fleet, asked, deps }) => {
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  if (body.value === undefined) return specMissing(c);
  const parsed = parseSpec(body.value);
  if (!parsed.ok) return invalidFields(c, parsed.errors);

  await deps.directory().register(name);
  const applied = await fleet.configure(name, parsed.value, asked);
  if ("refused" in applied) return refused(c, applied);
  const { version, created } = applied;
  return created
    ? c.json({ version, created }, 201, { Location: `/v1/fleets/${name}` })
    : c.json({ version, created });
});

export const getFleet = onFleet(async (c, { name, fleet }) => {
  const status = await fleet.status();
  return status === null ? unknownFleet(c, name) : c.json(status);
});

export const getSpec = onFleet(async (c, { name, fleet }) => {
  const view = await fleet.spec();
  return view === null ? unknownFleet(c, name) : c.json(view);
});

/** Begins the removal. The name is asked for twice, because a mistyped one would drain another fleet. */
export const deleteFleet = onFleet(async (c, { name, fleet, asked }) => {
  const query = readQuery(c, {
    confirm: z.string().optional(),
    force: oneOf(["true", "false"]).default("false"),
  });
  if (!query.ok) return invalidFields(c, query.errors);
  if (query.value.confirm !== name)
    return problem(c, {
      kind: "not-confirmed",
      detail: `This drains and deletes every server of \`${name}\`. Repeat it with ?confirm=${name} to go on.`,
    });

  const removal = await fleet.remove({ force: query.value.force === "true" }, asked);
  return "refused" in removal ? refused(c, removal) : c.json(removal, 202);
});

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
