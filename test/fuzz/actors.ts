/** Who makes the requests of `--roles`, and what none of them may be answered. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { createRandom } from "../aws/demand/random.ts";
import { oneOf } from "../aws/demand/draw.ts";
import type { Operation } from "./description.ts";
import type { Heard } from "./judge.ts";
import type { Request } from "./request.ts";

type Role = "viewer" | "dispatcher" | "operator";

export interface Actor {
  /** As the audit trail and leases name it. */
  readonly id: string;
  readonly role: Role;
  readonly token: string;
  /** The only fleets that it is for; null for all. */
  readonly fleets: readonly string[] | null;
  readonly hasExpired: boolean;
}

const RANK: Readonly<Record<string, number>> = { viewer: 1, dispatcher: 2, operator: 3 };
const EXPIRED_ON = "2020-01-01";
const REQUESTS_PER_SECOND = "100000";

const lease = z.object({ id: z.string(), actor: z.string() });
const leases = z.object({ leases: z.array(lease) });

/** Two of each kind that can take something from each other, some with limits. */
export function makeActors(operatorToken: string): readonly Actor[] {
  const actor = (name: string, role: Role, more: Partial<Actor> = {}): Actor => ({
    id: `token:${name}`,
    role,
    token: randomBytes(16).toString("hex"),
    fleets: null,
    hasExpired: false,
    ...more,
  });
  return [
    actor("operator", "operator", { token: operatorToken }),
    actor("vera", "viewer"),
    actor("dan", "dispatcher"),
    actor("eve", "dispatcher"),
    actor("fred", "dispatcher", { fleets: ["fuzz-a"] }),
    actor("vic", "viewer", { fleets: ["fuzz-a", "fuzz-b"] }),
    actor("xavier", "dispatcher", { hasExpired: true }),
  ];
}

/** The settings of the Worker that know them all; the operator's token is set already. */
export function settingsOf(actors: readonly Actor[]): Readonly<Record<string, string>> {
  const ofRole = (role: Role): string =>
    actors
      .filter((each) => each.role === role)
      .map(({ id, token, fleets, hasExpired }) =>
        [
          `${id.slice("token:".length)}:${token}`,
          ...(hasExpired ? [`exp=${EXPIRED_ON}`] : []),
          ...(fleets === null ? [] : [`fleets=${fleets.join()}`]),
        ].join(";"),
      )
      .join();
  return {
    VIEWER_TOKEN: ofRole("viewer"),
    DISPATCHER_TOKEN: ofRole("dispatcher"),
    REQUESTS_PER_SECOND,
  };
}

/** Leases are what one actor can take from another: their operations come as often as all others together. */
export function contested(operations: readonly Operation[]): readonly Operation[] {
  const ofLeases = operations.filter(({ path }) => path.includes("/leases"));
  const times = Math.ceil(operations.length / Math.max(1, ofLeases.length));
  return [...operations, ...Array.from({ length: times }, () => ofLeases).flat()];
}

/** The number of a request says who makes it. */
export function actorOf(seed: number, number: number, actors: readonly Actor[]): Actor {
  return oneOf(createRandom(seed, `actor of ${number}`), actors);
}

/** What was given to whom, as the replies said it. */
export class Rights {
  readonly #owners = new Map<string, string>();

  /** Everything that an actor was answered and had no right to. */
  faultsOf(
    actor: Actor,
    operation: Operation | null,
    { path, headers }: Request,
    heard: Heard,
  ): string[] {
    const role = String(operation?.["x-role"]);
    const needed = RANK[role];
    if (operation === null || needed === undefined || heard.status >= 300) return [];
    const isSent = headers["Authorization"]?.endsWith(actor.token) === true;
    if (!isSent) return [`it was answered ${heard.status} without a token`];
    const about = partsOf(operation.path, path);
    const faults = [
      ...(actor.hasExpired ? ["a token that has expired was let in"] : []),
      ...((RANK[actor.role] ?? 0) < needed ? [`${actor.role} did what is for ${role}`] : []),
      ...this.#outside(actor, operation, about["fleet"], heard),
      ...this.#ofOthers(actor, operation, about["id"], heard),
    ];
    this.#learn(heard);
    return faults.map((fault) => `${actor.id}: ${fault}`);
  }

  #outside(
    { fleets }: Actor,
    { operationId, path }: Operation,
    fleet: string | undefined,
    { text }: Heard,
  ): string[] {
    if (fleets === null) return [];
    if (fleet !== undefined)
      return fleets.includes(fleet) ? [] : [`a token for ${fleets.join()} called ${fleet}`];
    const isList = path === "/v1/fleets" || path === "/metrics";
    if (!isList) return [`a token for ${fleets.join()} called ${operationId}`];
    return text.includes('"media"') ? [`a token for ${fleets.join()} was shown media`] : [];
  }

  #ofOthers(
    { id: who, role }: Actor,
    { method, path }: Operation,
    id: string | undefined,
    { text }: Heard,
  ): string[] {
    if (role === "operator" || !path.includes("/leases")) return [];
    const owner = this.#owners.get(id ?? "");
    if (owner !== undefined && owner !== who)
      return [`it changed a lease of ${owner} (${method} ${path})`];
    const read = leases.safeParse(JSON.parse(text));
    const others = (read.success ? read.data.leases : []).filter(({ actor }) => actor !== who);
    return others
      .filter((each) => !each.id.endsWith("…"))
      .map(({ actor }) => `it was shown the id of a lease of ${actor}`);
  }

  #learn({ text, headers }: Heard): void {
    if (headers.get("Content-Type")?.startsWith("application/json") !== true) return;
    const read = leases.safeParse(JSON.parse(text));
    for (const { id, actor } of read.success ? read.data.leases : [])
      if (!id.endsWith("…")) this.#owners.set(id, actor);
  }
}

/** The parts of a path that have names in its template. */
function partsOf(template: string, path: string): Readonly<Record<string, string>> {
  const given = (path.split("?")[0] ?? "").split("/");
  return Object.fromEntries(
    template
      .split("/")
      .flatMap((part, index) =>
        part.startsWith("{") ? [[part.slice(1, -1), decodeURIComponent(given[index] ?? "")]] : [],
      ),
  );
}
