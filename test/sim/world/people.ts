/** People and programs at the API: each request goes through the real one, with its tokens and parsers. */
import { createApi } from "../../../worker/api/app.ts";
import type { FleetApi } from "../../../durable/rules/views.ts";
import type { SimEvent } from "../event.ts";
import type { Names } from "./directory.ts";

export const TOKENS = {
  operator: "operator-token-of-the-simulator",
  viewer: "viewer-token-of-the-simulator",
} as const;

export interface PeoplePorts {
  readonly fleet: () => FleetApi;
  readonly names: Names;
  /** How many transactions of requests have written something. */
  readonly requestCommits: () => number;
  readonly objectNow: () => number;
  readonly emit: (event: SimEvent) => void;
}

export type Role = "operator" | "viewer" | "none";

/** Makes one request; gives its status. What dies in it is answered as an error, as in production. */
export type Ask = (method: string, path: string, body?: unknown, role?: Role) => Promise<number>;

export function createPeople(ports: PeoplePorts): Ask {
  const { emit } = ports;
  const api = createApi({
    tokens: [
      { name: "olga", role: "operator", value: TOKENS.operator },
      { name: "vera", role: "viewer", value: TOKENS.viewer },
    ],
    settingsProblems: [],
    requestsPerSecond: 1_000,
    access: null,
    fleet: () => ports.fleet(),
    directory: () => ports.names,
    doctor: async () => Promise.reject(new Error("nobody asks the doctor in a simulation")),
    scriptProblem: () => null,
    page: () => null,
    now: ports.objectNow,
    log: (entry) => emit({ kind: "text", text: JSON.stringify(entry) }),
  });
  let begun = 0;
  let underWay = 0;
  return async (method, path, body, role = "operator") => {
    const number = (begun += 1);
    const beganAlone = (underWay += 1) === 1;
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (role !== "none") headers["authorization"] = `Bearer ${TOKENS[role]}`;
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const before = ports.requestCommits();
    const response = await api.fetch(new Request(`http://lightfleet${path}`, init));
    const text = await response.text();
    underWay -= 1;
    const wasAlone = beganAlone && begun === number;
    const changed = wasAlone && ports.requestCommits() !== before;
    emit({ kind: "text", text });
    const { status } = response;
    emit({ kind: "request", method, path, role, body: body ?? null, status, changed });
    return status;
  };
}
