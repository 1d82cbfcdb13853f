/** What happens once, out of the events that were written: each event is told, a storm of them in one. */
import type { News } from "./bulletins.ts";
import { many } from "./phrases.ts";
import type { EventDraft, State } from "./state.ts";

/** Of one kind, so many are told one by one; more are told together. */
const ONE_BY_ONE_MAX = 3;
const NAMES_MAX = 10;

type NewsKind = "lost" | "rival" | "adopted" | "forced";

interface Words {
  readonly one: (path: string, event: EventDraft) => Omit<News, "kind" | "subject">;
  readonly several: (path: string, count: number) => Omit<News, "kind" | "subject">;
}

export function newsOf(state: State, events: readonly EventDraft[]): News[] {
  const path = `/v1/fleets/${state.identity.fleet}`;
  return KINDS.flatMap((kind) => {
    const ofKind = events.filter((event) => event.kind === kind);
    const { one, several } = WORDS[kind];
    if (ofKind.length <= ONE_BY_ONE_MAX)
      return ofKind.map((event) => ({ kind, subject: event.instance ?? "", ...one(path, event) }));
    const { what, doing, canDo } = several(path, ofKind.length);
    return [{ kind, subject: "", what: `${what}: ${namesOf(ofKind)}.`, doing, canDo }];
  });
}

const WORDS: Readonly<Record<NewsKind, Words>> = {
  lost: {
    one: (path, { instance, data }) => ({
      what: `A server is gone: AWS does not list ${instance} any more, and Lightfleet did not delete it.${cutOff(data)}`,
      ...replaced(path, `instance=${instance}`),
    }),
    several: (path, count) => ({
      what: `${many(count, "server")} are gone: AWS does not list them any more, and Lightfleet did not delete them`,
      ...replaced(path, "kind=lost"),
    }),
  },
  rival: {
    one: (path, { instance }) => ({
      what: `Another Lightfleet seems to run the same fleet: it made ${instance} under this fleet's tags.`,
      ...stopOne(path),
    }),
    several: (path, count) => ({
      what: `Another Lightfleet seems to run the same fleet: it made ${many(count, "server")} under this fleet's tags`,
      ...stopOne(path),
    }),
  },
  adopted: {
    one: (path, { instance, actor }) => ({
      what:
        actor === undefined
          ? `A server was found that Lightfleet did not remember: ${instance} carries this fleet's tags.`
          : `${instance} was taken over, as ${actor} wanted.`,
      ...takenOver(path, "it"),
    }),
    several: (path, count) => ({
      what: `${many(count, "server")} were found that Lightfleet did not remember, with this fleet's tags`,
      ...takenOver(path, "them"),
    }),
  },
  forced: {
    one: (path, { instance, message, actor, data }) => {
      if (instance === null) return forgotten(path, message, actor);
      return {
        what: `A server is deleted by force, and what is on it ends: ${instance}${onIt(data)}.`,
        ...byForce(path, `${actor ?? "an operator"} asked for (${message})`),
      };
    },
    several: (path, count) => ({
      what: `${many(count, "server")} are deleted by force, and what is on them ends`,
      ...byForce(path, "an operator asked for"),
    }),
  },
};

const KINDS = Object.keys(WORDS) as NewsKind[];

function namesOf(events: readonly EventDraft[]): string {
  const names = events.map(({ instance }) => instance ?? "");
  const rest = names.length - NAMES_MAX;
  return `${names.slice(0, NAMES_MAX).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function cutOff(data: EventDraft["data"]): string {
  const sessions = data?.["sessions"];
  if (typeof sessions !== "number" || sessions === 0) return "";
  return ` It had ${many(sessions, "session")} when it was last heard of.`;
}

function replaced(path: string, filter: string): Pick<News, "doing" | "canDo"> {
  return {
    doing: "Lightfleet launches another if the target needs it.",
    canDo: `You can look up who deleted it in AWS CloudTrail (DeleteInstance), and what led to it with GET ${path}/events?${filter}.`,
  };
}

function stopOne(path: string): Pick<News, "doing" | "canDo"> {
  return {
    doing: "Lightfleet counts what it finds, and deletes nothing that is not confirmed empty.",
    canDo: `You can stop the other one, or give each deployment its own DEPLOYMENT in wrangler.toml; until then stop changes here with POST ${path}/pause.`,
  };
}

function takenOver(path: string, it: string): Pick<News, "doing" | "canDo"> {
  return {
    doing: `Lightfleet keeps ${it}, and counts ${it} as soon as a reading comes; no time limit deletes ${it}.`,
    canDo: `You can look at ${it} with GET ${path}/instances; what is not needed goes with POST ${path}/instances/NAME/drain.`,
  };
}

function onIt(data: EventDraft["data"]): string {
  const sessions = data?.["sessions"];
  return typeof sessions === "number" ? `, with ${many(sessions, "session")}` : "";
}

function byForce(path: string, asked: string): Pick<News, "doing" | "canDo"> {
  return {
    doing: `Lightfleet does what ${asked}, and launches another if the target needs it.`,
    canDo: `You can read who asked, and why, with GET ${path}/events?kind=forced. It cannot be undone.`,
  };
}

/** Of a whole fleet that a person has given up. */
function forgotten(path: string, message: string, actor: string | undefined) {
  return {
    what: `A fleet is given up, and servers of it may go on billing: ${message}.`,
    doing: `Lightfleet no longer knows of it; ${actor ?? "an operator"} asked for this.`,
    canDo: `You can look for its servers in the Lightsail console, by the tag lightfleet:owner, and have them found again with PUT ${path}.`,
  };
}
