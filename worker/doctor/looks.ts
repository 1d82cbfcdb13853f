/** Whether one look is long enough to ask every server of the fleet, and what to do if it is not. */
import { many } from "../../durable/rules/phrases.ts";
import { serversPerLook, shardsFor, SHARDS_MAX } from "../health/shares.ts";
import type { Examined } from "./patient.ts";
import { type Check, ok, skipped, warn } from "./report.ts";

export function checkLooks({ look, spec, checkup }: Examined): Check {
  const own = look.reading?.kind === "answer" ? (look.reading.tookMs ?? null) : null;
  // The fleet's own figure is of all its servers, and from where its object really is.
  const probeMs = checkup?.probeMs ?? own;
  if (checkup === null || checkup.probed === 0 || probeMs === null)
    return skipped("looks", "No server has answered yet, so that nothing can be said of its time.");

  const { probed } = checkup;
  const shards = shardsFor(
    Array.from({ length: probed }, () => ({})),
    { answerMs: probeMs, silenceMs: null },
  );
  const read = Math.min(probed, serversPerLook(probeMs, shards));
  const help = shards === 0 ? "" : ` with the help of ${many(shards, "shard")}`;
  const trip = own === null ? "" : ` The doctor's own probe took ${Math.round(own)} ms.`;
  const what = `A probe takes ${Math.round(probeMs)} ms.${trip} One look reads ${read} of your ${many(probed, "server")}${help}.`;
  if (read === probed) return ok("looks", what);

  const looks = Math.ceil(probed / read);
  const { intervalSeconds } = spec.health;
  return warn(
    "looks",
    `${what} The fleet asks its servers in turn, each in one of ${looks} looks, and waits longer before it calls one silent.`,
    `Make the health reply faster, or share the servers among several fleets: ${SHARDS_MAX} shards are the most that one has. If the servers answer quickly and the probes are slow, the fleet's object lies far from ${spec.region}: an object never moves, but a fleet of another name is made near its region. health.intervalSeconds is ${intervalSeconds}: a higher one needs fewer probes.`,
  );
}
