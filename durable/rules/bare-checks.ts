/**
 * What a dry run may ask with. A spec that nobody has applied yet is only what its author wrote into a request: its
 * probes carry a secret only if the fleet sends the same secret in the same way already.
 */
import type { Checks } from "./model.ts";
import { canonical } from "./hash.ts";
import type { HealthSpec, Spec } from "./spec.ts";
import type { Watch } from "./world.ts";

/** What the fleet sends already: by the applied spec, and to servers of earlier ones. */
export interface Applied {
  readonly spec: Spec;
  readonly checks: Checks;
}

/** The same look, with no secret that goes where none has gone. */
export function bareWatch(watch: Watch, applied: Applied | null): Watch {
  const known = new Set(knownWays(applied));
  const bare = (health: HealthSpec): HealthSpec =>
    health.header === null || known.has(wayOf(health)) ? health : { ...health, header: null };
  const { checks } = watch;
  if (checks === undefined) return { ...watch, health: bare(watch.health) };
  const each = Object.entries(checks).map(([hash, health]) => [hash, bare(health)] as const);
  return { ...watch, health: bare(watch.health), checks: Object.fromEntries(each) };
}

function knownWays(applied: Applied | null): readonly string[] {
  if (applied === null) return [];
  const built = [...applied.checks.values()].map(({ health }) => health);
  return [applied.spec.health, ...built].map((health) => wayOf(health));
}

/** To whom a secret goes, and as what. */
function wayOf({ header, host, port, path }: HealthSpec): string {
  return canonical([header, host, port, path]);
}
