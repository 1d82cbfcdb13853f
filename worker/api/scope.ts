/** Which fleets a caller may call: a token may be for some of them alone. */
import type { Caller } from "./auth.ts";
import type { ApiDeps } from "./deps.ts";
import type { Problem } from "./problem.ts";

/**
 * What a route is about: one fleet, a list of those that the caller may see, or the whole deployment. A token
 * for some fleets calls nothing of the third kind.
 */
export type Reach = "fleet" | "list" | "deployment";

/** Why the caller may not go so far; null if it may. The names of other fleets are not confirmed. */
export function outOfScope(
  { name, fleets }: Caller,
  reach: Reach,
  fleet: string | undefined,
): Problem | null {
  if (fleets === null || reach === "list") return null;
  if (reach === "fleet" && fleet !== undefined && fleets.includes(fleet)) return null;
  const only = fleets.join(", ");
  const wanted = reach === "fleet" ? `the fleet \`${fleet ?? ""}\`` : "the whole deployment";
  return {
    kind: "forbidden",
    detail: `The token \`${name}\` is for ${only} alone, and this is about ${wanted}. Nothing was changed. Call the same for ${only}, or use another token.`,
  };
}

/** The same ways out, where the directory lists only the caller's fleets. */
export function scoped(deps: ApiDeps, { fleets }: Caller): ApiDeps {
  if (fleets === null) return deps;
  return {
    ...deps,
    directory: () => {
      const directory = deps.directory();
      return {
        register: async (fleet) => await directory.register(fleet),
        forget: async (fleet) => await directory.forget(fleet),
        names: async () => (await directory.names()).filter((name) => fleets.includes(name)),
      };
    },
  };
}
