/** One look at every fleet of the directory. */
import type { FleetApi, Status } from "../../durable/rules/views.ts";
import type { ApiDeps } from "./deps.ts";
import { describe, within } from "./rpc.ts";

/** Shorter than a call's own limit, so that one stuck fleet does not hide the others. */
export const SURVEY_TIMEOUT_MS = 3_000;

export interface Answer<Told> {
  readonly name: string;
  /** Null where the fleet did not answer, or where nothing was ever configured. */
  readonly told: Told | null;
  readonly answered: boolean;
}

export interface Seen {
  readonly name: string;
  /** Null where the fleet did not answer, or where nothing was ever configured. */
  readonly status: Status | null;
  readonly answered: boolean;
}

/** Of every fleet, or of those that are named. */
export async function survey(deps: ApiDeps, names?: readonly string[]): Promise<Seen[]> {
  const answers = await askAll(deps, (fleet) => fleet.status(), names);
  return answers.map(({ name, told, answered }) => ({ name, status: told, answered }));
}

/** The same question to every fleet, by name. */
export async function askAll<Told>(
  deps: ApiDeps,
  question: (fleet: FleetApi) => Promise<Told | null>,
  names?: readonly string[],
): Promise<Answer<Told>[]> {
  const asked = names ?? (await deps.directory().names());
  return await Promise.all(asked.toSorted().map((name) => ask(deps, name, question)));
}

async function ask<Told>(
  deps: ApiDeps,
  name: string,
  question: (fleet: FleetApi) => Promise<Told | null>,
): Promise<Answer<Told>> {
  try {
    const told = await within(SURVEY_TIMEOUT_MS, question(deps.fleet(name)));
    return { name, told, answered: true };
  } catch (thrown) {
    deps.log({ event: "fleet.unreachable", fleet: name, error: describe(thrown) });
    return { name, told: null, answered: false };
  }
}
