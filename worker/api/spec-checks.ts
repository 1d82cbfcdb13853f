/**
 * What two fields of a spec must agree on. Each check reads only the fields that it needs, and is
 * silent where those are not valid in themselves: so a mistake elsewhere hides no contradiction.
 */
import { z } from "zod";
import { REGIONS } from "./aws-names.ts";
import { whole } from "./fields.ts";
import type { FieldError } from "./problem.ts";
import { opensToTheWorld, ports } from "./spec-ports.ts";
import { sparesFitTheLimit } from "./spec-limits.ts";
import { plannedSparesFit, sparesAreInOrder } from "./spec-spares.ts";

/** The contradictions of a spec as it was written. */
export function crossCheck(input: unknown): FieldError[] {
  return [
    ...zonesOfTheRegion(input),
    ...healthPortIsOpen(input),
    ...sparesAreInOrder(input),
    ...plannedSparesFit(input),
    ...sparesFitTheLimit(input),
  ];
}

function zonesOfTheRegion(input: unknown): FieldError[] {
  const read = z
    .object({ region: z.enum(REGIONS), availabilityZones: z.array(z.string()) })
    .safeParse(input);
  if (!read.success) return [];

  const { region, availabilityZones: zones } = read.data;
  return zones.flatMap((zone, index) => {
    const field = `availabilityZones[${index}]`;
    if (!new RegExp(`^${region}[a-z]$`, "u").test(zone))
      return [{ field, message: `is not a zone of ${region}, such as \`${region}a\`` }];
    if (zones.indexOf(zone) < index) return [{ field, message: "is named twice" }];
    return [];
  });
}

function healthPortIsOpen(input: unknown): FieldError[] {
  const read = z.object({ ports, health: z.object({ port: whole(1, 65_535) }) }).safeParse(input);
  if (!read.success) return [];

  const { port } = read.data.health;
  if (opensToTheWorld(read.data.ports, port)) return [];
  return [
    {
      field: "ports",
      message: `does not open health.port (${port}) to the world over TCP, so no probe could reach a server; add {"protocol": "tcp", "from": ${port}, "to": ${port}}`,
    },
  ];
}
