/** What every call on one fleet begins with. */
import type { Asked, Claimant } from "../../durable/rules/views.ts";
import type { Caller } from "./auth.ts";
import type { Call, FleetCall, Handler } from "./deps.ts";
import { problem } from "./problem.ts";

/** The name becomes part of the names of Lightsail instances, and of a tag. */
const FLEET_NAME = /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/u;

/** A handler for one fleet. An invalid name creates no Durable Object: it is refused before. */
export function asFleetCall(
  answer: (c: Call, call: FleetCall) => Response | Promise<Response>,
): Handler {
  return (c, deps) => {
    const name = c.req.param("fleet") ?? "";
    if (!FLEET_NAME.test(name))
      return problem(c, {
        kind: "invalid-fleet-name",
        detail:
          "A fleet's name begins with a letter a-z, goes on with a-z, 0-9 and -, does not end in -, and has at most 32 characters.",
      });
    return answer(c, { name, fleet: deps.fleet(name), asked: askedOf(c), deps });
  };
}

/** Who asks, for the audit trail. */
export function askedOf(c: Call): Asked {
  return { actor: callerOf(c).id };
}

/** Who asks for leases. */
export function claimantOf(c: Call): Claimant {
  const { id, role } = callerOf(c);
  return { actor: id, isOperator: role === "operator" };
}

function callerOf(c: Call): Caller {
  const caller = c.get("caller");
  if (caller === null) throw new Error("a fleet is asked by nobody");
  return caller;
}
