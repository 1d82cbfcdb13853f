/** The instances of a fleet: all that are wanted, or one with its history. */
import { z } from "zod";
import type { Phase } from "../../durable/rules/model.ts";
import { said } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, problem, unknownFleet } from "./problem.ts";
import { readQuery } from "./query.ts";

/** A table and not a list, so that a new phase does not compile without its line. */
const PHASES: Record<Phase, Phase> = {
  planned: "planned",
  starting: "starting",
  configuring: "configuring",
  warming: "warming",
  ready: "ready",
  draining: "draining",
  deleting: "deleting",
  gone: "gone",
  lost: "lost",
};

const phase = z.enum(PHASES, said(`must be one of ${Object.keys(PHASES).join(", ")}`));
const ip = z.union([z.ipv4(), z.ipv6()], said("must be an IP address"));

export const listInstances = onFleet(async (c, { name, fleet }) => {
  const query = readQuery(c, { phase: phase.optional(), ip: ip.optional() });
  if (!query.ok) return invalidFields(c, query.errors);

  const instances = await fleet.instances({
    phase: query.value.phase ?? null,
    ip: query.value.ip ?? null,
  });
  return instances === null ? unknownFleet(c, name) : c.json({ instances });
});

export const getInstance = onFleet(async (c, { name, fleet }) => {
  const wanted = c.req.param("name") ?? "";
  const found = await fleet.instance(wanted);
  if (found !== null) return c.json(found);

  if ((await fleet.spec()) === null) return unknownFleet(c, name);
  return problem(c, {
    kind: "unknown-instance",
    detail: `The fleet \`${name}\` knows no instance of that name, or forgot it long after it was gone. List them with GET /v1/fleets/${name}/instances.`,
  });
});
