/** The instances of a fleet: all that are wanted, or one with its history. */
import { z } from "zod";
import { instancesInPieces } from "./every-instance.ts";
import { said, strict } from "./fields.ts";
import { EVENT, INSTANCE } from "./openapi/examples.ts";
import { json, onFleet } from "./operation.ts";
import { cut, pageQuery } from "./pages.ts";
import { problem, unknownFleet } from "./problem.ts";
import { instanceHistory, instanceList } from "./schemas/instance.ts";
import { PHASE_WORDS, phaseOf } from "./schemas/words.ts";

/** As many as a fleet may have. */
const PAGE_MAX = 1_000;

const phase = phaseOf(said(`must be one of ${PHASE_WORDS.join(", ")}`));
const ip = z.union([z.ipv4(), z.ipv6()], said("must be an IP address"));

export const listInstances = onFleet({
  id: "listInstances",
  tag: "Instances",
  summary: "The instances of the fleet",
  query: strict({ phase: phase.optional(), ip: ip.optional(), ...pageQuery(PAGE_MAX) }),
  replies: {
    200: json("A page of instances, by their numbers.", instanceList, {
      instances: [INSTANCE],
      nextCursor: null,
    }),
  },
  answer: async (c, { name, fleet }, { query }) => {
    const { phase = null, ip = null, cursor = null, limit } = query;
    const found = await instancesInPieces(
      fleet,
      { phase, ip },
      { after: cursor, limit: limit + 1 },
    );
    if (found === null) return unknownFleet(c, name);
    const placed = found.map((item) => ({ item, place: item.name }));
    const { items, nextCursor } = cut(placed, limit);
    return c.json({ instances: items, nextCursor });
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
