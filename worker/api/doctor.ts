/** Whether a fleet can do its work: the doctor's report, as JSON or for a terminal. */
import { reportOf } from "../text/doctor.ts";
import { oneOf } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, unknownFleet } from "./problem.ts";
import { readQuery } from "./query.ts";

export const getDoctor = onFleet(async (c, { name, fleet, deps }) => {
  const query = readQuery(c, { format: oneOf(["json", "text"]).default("json") });
  if (!query.ok) return invalidFields(c, query.errors);
  const checkup = await fleet.checkup();
  if (checkup === null) return unknownFleet(c, name);
  const report = await deps.doctor({ fleet: name, spec: checkup.spec, checkup });
  return query.value.format === "text"
    ? c.text(`${reportOf(report).join("\n")}\n`)
    : c.json(report);
});
