/** Whether a fleet can do its work: the doctor's report, as JSON or for a terminal. */
import { reportOf } from "../text/doctor.ts";
import { oneOf, strict } from "./fields.ts";
import { DOCTOR_REPORT } from "./openapi/examples.ts";
import { jsonOrText, onFleet, textOf } from "./operation.ts";
import { unknownFleet } from "./problem.ts";
import { doctorReport } from "./schemas/doctor.ts";

export const getDoctor = onFleet({
  id: "getDoctor",
  tag: "Fleets",
  summary: "Whether the fleet can do its work",
  description:
    "Looks at AWS and at one server, within seconds, and changes nothing. For a spec that is not applied yet, a dry run has the same report.",
  query: strict({ format: oneOf(["json", "text"]).default("json") }),
  replies: {
    200: jsonOrText("The report.", doctorReport, DOCTOR_REPORT, reportOf(DOCTOR_REPORT)),
  },
  answer: async (c, { name, fleet, asked, deps }, { query }) => {
    const checkup = await fleet.checkup(asked);
    if (checkup === null) return unknownFleet(c, name);
    const report = await deps.doctor({ fleet: name, spec: checkup.spec, checkup });
    return query.format === "text" ? c.text(textOf(reportOf(report))) : c.json(report);
  },
});
