/** A guard that holds the fleet back, told to somebody who has never heard of it. */
import type { News } from "./bulletins.ts";
import { curlOfSilent } from "./curl.ts";
import { SCRIPT_LOG } from "./launch-script.ts";
import type { Blocker, GuardName } from "./model.ts";
import { areOf, dollars, many, sentence } from "./phrases.ts";
import type { AlertKind } from "./spec.ts";
import type { State } from "./state.ts";

type Words = Pick<News, "what" | "doing" | "canDo">;

interface Telling {
  readonly kind: AlertKind;
  readonly toldAfterMs: number;
  readonly words: (blocker: Blocker, state: State) => Words;
}

/** A guard that binds for a tick now and then is no news. */
const LASTS_MS = 30_000;

export function tellingOf(guard: GuardName): Telling | null {
  return GUARDS[guard];
}

const AGAIN = "Lightfleet tries again by itself, and launches what is missing as soon as it may.";
const KEEPS =
  "Lightfleet keeps what runs, and launches what is missing as soon as there is room again.";

/** Null: a matter of course, or told by its duration. */
const GUARDS: Readonly<Record<GuardName, Telling | null>> = {
  maxLaunchesPerTick: null,
  maxDeletesPerTick: null,
  awsRequestRate: null,
  paused: null,
  maxInstances: guard((blocker, state) => ({
    what: `No more servers can be launched: the fleet has reached its maximum${figures(blocker)}.`,
    doing: KEEPS,
    canDo: `You can raise limits.maxInstances ${inSpec(state)}, or look for servers that should not be there with GET ${path(state)}/instances.`,
  })),
  maxMonthlyUsd: guard(({ value, limit }, state) =>
    value === null || limit === null
      ? {
          what: "No server is launched: AWS's prices are not known yet, and the month has a limit of spend.",
          doing: "Lightfleet asks for the prices each minute, and launches when it has them.",
          canDo: `You can check the AWS key's right to lightsail:GetBundles if it lasts, or take limits.maxMonthlyUsd away ${inSpec(state)}.`,
        }
      : {
          what: `No more servers are launched: they would break the month's limit. What runs now comes to ${dollars(value)} of ${dollars(limit)} by the end of the month.`,
          doing: KEEPS,
          canDo: `You can raise limits.maxMonthlyUsd ${inSpec(state)}, or lower the target with PUT ${path(state)}/target.`,
        },
  ),
  maxLaunchesPerHour: guard((blocker, state) => ({
    what: `No more servers are launched for now: this hour's launches are used up${figures(blocker)}.`,
    doing: "Lightfleet goes on launching as the hour moves on.",
    canDo: `You can look for servers that are launched and deleted in turn with GET ${path(state)}/events; if demand is real, raise limits.maxLaunchesPerHour ${inSpec(state)}.`,
  })),
  maxDeletesPerHour: guard((blocker, state) => ({
    what: `Servers that nobody needs stay and cost money: this hour's deletes are used up${figures(blocker)}.`,
    doing: "Lightfleet goes on deleting as the hour moves on.",
    canDo: `You can check with GET ${path(state)}/target that the target is meant to be so low, and raise limits.maxDeletesPerHour ${inSpec(state)}, or wait.`,
  })),
  noListing: guard((blocker) => ({
    what: "Lightfleet cannot see which servers there are: AWS's list of them is missing or empty.",
    doing:
      "Lightfleet keeps every server as it is: without a list that it can trust, it deletes nothing.",
    canDo: `You can check the AWS key's right to lightsail:GetInstances, the region in the spec, and health.aws.amazon.com. In its own words: ${sentence(blocker.fix)}`,
  })),
  quota: guard((blocker) => ({
    what: `AWS gives this account no more servers: its quota is used up${figures(blocker, "vCPUs")}.`,
    doing: AGAIN,
    canDo: advised(blocker),
  })),
  zoneCapacity: guard((_blocker, state) => ({
    what: `AWS has no room for new servers in ${state.spec.availabilityZones.join(", ")}.`,
    doing: "Lightfleet tries each zone again after ten minutes.",
    canDo: `You can add another zone to availabilityZones, or choose another bundle, ${inSpec(state)}.`,
  })),
  rejected: guard((blocker) => ({
    what: "New servers cannot be made: AWS refuses what the spec asks for.",
    doing: AGAIN,
    canDo: advised(blocker),
  })),
  createFailing: guard((blocker) => ({
    what: `New servers cannot be made: the call that creates them does not get through, and ${many(blocker.value ?? 0, "server")} ${blocker.value === 1 ? "waits" : "wait"} for it.`,
    doing: AGAIN,
    canDo: sentence(blocker.fix),
  })),
  portsFailing: guard((blocker) => ({
    what: `${many(blocker.value ?? 0, "server")} cannot be reached: the call that opens their ports does not get through.`,
    doing:
      "Lightfleet tries again by itself. If AWS refuses the ports of one new server after the other, it launches no more.",
    canDo: sentence(blocker.fix),
  })),
  tagsFailing: guard((blocker) => ({
    what: `${many(blocker.value ?? 0, "server")} ${blocker.value === 1 ? "does" : "do"} not carry the tags of the spec: the call that sets them does not get through.`,
    doing: "Lightfleet tries again by itself. The servers work without them.",
    canDo: sentence(blocker.fix),
  })),
  deleteFailing: guard((blocker) => ({
    what: `${many(blocker.value ?? 0, "server")} that ${blocker.value === 1 ? "is" : "are"} not needed cannot be deleted, and ${blocker.value === 1 ? "is" : "are"} billed on.`,
    doing: "Lightfleet tries again by itself.",
    canDo: sentence(blocker.fix),
  })),
  drainFailing: guard((blocker) => ({
    what: `${many(blocker.value ?? 0, "server")} ${blocker.value === 1 ? "does" : "do"} not drain: the media server does not take the call, or does not say that it drains.`,
    doing:
      "Lightfleet calls again by itself, and deletes no server that does not say that it drains.",
    canDo: sentence(blocker.fix),
  })),
  tagUnread: guard((blocker, state) => ({
    what: `The target cannot be read: EC2 does not show the tag ${state.spec.spares.tag?.key ?? ""}.`,
    doing:
      "Lightfleet goes on with the last value that it read. If it has read none, the next source sets the target.",
    canDo: sentence(blocker.fix),
  })),
  leasesPerToken: guard((blocker, state) => ({
    what: `A dispatcher gets no more leases: it holds as many as one token may${figures(blocker)}.`,
    doing: "Lightfleet gives leases to other tokens as before, and keeps those that are held.",
    canDo: `You can see who holds them with GET ${path(state)}/leases, release some as an operator, or raise limits.leasesPerToken ${inSpec(state)}.`,
  })),
  leaseMaxSeconds: guard((blocker, state) => ({
    what: `A dispatcher asks for leases that last longer than one may${figures(blocker, "seconds")}.`,
    doing: "Lightfleet refuses these requests, and keeps each lease until it ends.",
    canDo: `You can see the leases with GET ${path(state)}/leases, and raise limits.leaseMaxSeconds ${inSpec(state)}.`,
  })),
  // The alert `tag` tells of it in its own words.
  targetTagFailing: null,
  protected: guard(({ value }, state) => ({
    what: `${many(value ?? 0, "protected server")} would have to go, and may not.`,
    doing: "Lightfleet leaves protected servers alone, and they are billed on.",
    canDo: `You can see them with GET ${path(state)}/instances, and free one with POST ${path(state)}/instances/NAME/unprotect, or by taking its tag lightfleet:protect off.`,
  })),
  silentServers: guard(({ value, limit }, state) => ({
    what: `${many(value ?? 0, "server")} ${value === 1 ? "does" : "do"} not answer, more than are replaced at once: there may be fewer spares than wanted.`,
    doing: `Lightfleet launches others for ${limit ?? 0} of them, and deletes none of them: they may have sessions.`,
    canDo: `You can look at them with GET ${path(state)}/instances, and ask one yourself: ${curlOfSilent(state).lines}.`,
  })),
  blindEyes: {
    kind: "blindEyes",
    toldAfterMs: 0,
    words: ({ value }, state) => ({
      what: `Nobody knows which servers are free: ${many(value ?? 0, "server")} ${areOf(value ?? 0)} silent at once. Sessions on them may go on unseen.`,
      doing: "Lightfleet retires nothing and launches no replacement for them until they answer.",
      canDo: `You can ask one yourself: ${curlOfSilent(state).lines} (addresses: GET ${path(state)}/instances). If it answers you, check health and its secret in the spec; if not, the firewall's port ${curlOfSilent(state).ports} and the media server.`,
    }),
  },
  credentials: {
    kind: "credentials",
    toldAfterMs: 0,
    words: (blocker) => ({
      what: "No server can be launched or deleted: AWS refuses Lightfleet's key, a right of it, or the account.",
      doing: "Lightfleet goes on looking, and heals by itself when AWS accepts the key.",
      canDo: advised(blocker),
    }),
  },
  failedBoots: {
    kind: "failedBoots",
    toldAfterMs: LASTS_MS,
    words: ({ value }, state) => ({
      what: `New servers do not come up: ${value ?? 0} in a row were never ready.`,
      doing: `Lightfleet stops launching for ${Math.round(state.spec.limits.failedBoots.openSeconds / 60)} minutes, then tries one at a time; what runs goes on.`,
      canDo: `You can look at a failed one with GET ${path(state)}/events?kind=bootFailed, check image, userData and health, and put a corrected spec ${howToPut(state)}. What a launch script did stands on its server in ${SCRIPT_LOG}; a server that you protect while it boots is kept.`,
    }),
  },
  rollout: {
    kind: "rollout",
    toldAfterMs: LASTS_MS,
    words: ({ value, fix }, state) => ({
      what: `The new version does not come up, and its rollout has stopped: ${many(value ?? 0, "old server")} ${value === 1 ? "goes" : "go"} on serving.`,
      doing: "Lightfleet keeps the old servers, and tries the new version again later.",
      canDo: `You can put a corrected spec ${howToPut(state)}, or try again at once with POST ${path(state)}/resume {"what":["rollout"]}. In its own words: ${sentence(fix)}`,
    }),
  },
};

function guard(words: Telling["words"]): Telling {
  return { kind: "guard", toldAfterMs: LASTS_MS, words };
}

/** The fix of a blocker as a sentence: ours tell what to do, AWS's advice is whole sentences. */
function advised({ fix }: Blocker): string {
  const isBidding = /^(add|check|lower|raise) /u.test(fix);
  return sentence(isBidding ? `You can ${fix}` : `You can act on this: ${fix}`);
}

function figures({ value, limit }: Blocker, unit = ""): string {
  if (value === null || limit === null) return "";
  return ` (${value} of ${limit}${unit === "" ? "" : ` ${unit}`})`;
}

export function path(state: State): string {
  return `/v1/fleets/${state.identity.fleet}`;
}

export function inSpec(state: State): string {
  return `in the spec ${howToPut(state)}`;
}

function howToPut(state: State): string {
  return `(GET ${path(state)}/spec, change it, PUT ${path(state)})`;
}
