/** One look at every fleet of the directory. */
import type { Status } from "../../durable/rules/views.ts";
import type { ApiDeps } from "./deps.ts";
import { describe, within } from "./rpc.ts";

/** Shorter than a call's own limit, so that one stuck fleet does not hide the others. */
export const SURVEY_TIMEOUT_MS = 3_000;

export interface Seen {
  readonly name: string;
  /** Null where the fleet did not answer, or where nothing was ever configured. */
  readonly status: Status | null;
  readonly answered: boolean;
}

export async function survey(deps: ApiDeps): Promise<Seen[]> {
  const names = await deps.directory().names();
  return await Promise.all(names.toSorted().map((name) => look(deps, name)));
}

async function look(deps: ApiDeps, name: string): Promise<Seen> {
  try {
    const status = await within(SURVEY_TIMEOUT_MS, deps.fleet(name).status());
    return { name, status, answered: true };
  } catch (thrown) {
    deps.log({ event: "fleet.unreachable", fleet: name, error: describe(thrown) });
    return { name, status: null, answered: false };
  }
}
