/** The instances of a fleet: all that are wanted, or one with its history. */
import { z } from "zod";
import { said, strict } from "./fields.ts";
import { EVENT, INSTANCE } from "./openapi/examples.ts";
import { json, onFleet } from "./operation.ts";
import { problem, unknownFleet } from "./problem.ts";
import { instanceHistory, instanceList } from "./schemas/instance.ts";
import { PHASE_WORDS, phaseOf } from "./schemas/words.ts";

const phase = phaseOf(said(`must be one of ${PHASE_WORDS.join(", ")}`));
const ip = z.union([z.ipv4(), z.ipv6()], said("must be an IP address"));

export const listInstances = onFleet({
  id: "listInstances",
  tag: "Instances",
  summary: "The instances of the fleet",
  query: strict({ phase: phase.optional(), ip: ip.optional() }),
  replies: { 200: json("Instances.", instanceList, { instances: [INSTANCE] }) },
  answer: async (c, { name, fleet }, { query }) => {
    const { phase = null, ip = null } = query;
    const instances = await fleet.instances({ phase, ip });
    return instances === null ? unknownFleet(c, name) : c.json({ instances });
  },
});

export const getInstance = onFleet({
  id: "getInstance",
  tag: "Instances",
  summary: "One instance with its history",
  description: "For 90 days after it is gone, too.",
  replies: {
    200: json("The instance.", instanceHistory, { instance: INSTANCE, events: [EVENT] }),
  },
  problems: ["unknown-instance"],
  answer: async (c, { name, fleet }) => {
    const wanted = c.req.param("name") ?? "";
    const found = await fleet.instance(wanted);
    if (found !== null) return c.json(found);

    if ((await fleet.spec()) === null) return unknownFleet(c, name);
    return problem(c, {
      kind: "unknown-instance",
      detail: `The fleet \`${name}\` knows no instance of that name, or forgot it long after it was gone. List them with GET /v1/fleets/${name}/instances.`,
    });
  },
});
