/** Forgetting a fleet though AWS cannot be asked what there is of it: a person takes it on. */
import type { Engine } from "./engine.ts";
import { mayGoOnBilling, whyUnasked } from "./forgetting.ts";
import { type Given, refusal } from "./refusal.ts";
import type { Removal } from "./rules/removal-views.ts";
import { NO_MOVES, type State } from "./rules/state.ts";
import type { Asked, Refusal } from "./rules/views.ts";

/** The second confirmation, as it was given. */
interface Confirmed {
  readonly force: boolean;
  readonly reason: string | null;
  /** Servers by name, with commas; `none` where none is known. */
  readonly named: string;
}

/** Why a removal waits, what may go on billing, and what to do. Null where AWS can be asked. */
export function waitsForAws(state: State): string | null {
  const why = whyUnasked(state);
  if (why === null) return null;
  const names = mayGoOnBilling(state);
  const known =
    names.length === 0
      ? "No server of it is known"
      : `These may go on billing: ${names.join(", ")}`;
  return `AWS cannot be asked what there is (${why}), and a removal waits for that, unless AWS never accepted anything of this fleet. ${known}. To forget the fleet all the same, look for its servers first (docs/runbook.md, "A fleet that cannot be removed"), then repeat this with force=true, a reason and abandon=${wordFor(names)}.`;
}

/** How the second confirmation names the servers. */
function wordFor(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(",");
}

/** Forgets the fleet. The person has named what may exist, and so has looked at it. */
export function abandonFleet(
  engine: Engine,
  state: State,
  { force, reason, named }: Confirmed,
  { actor }: Asked,
  { now }: Given,
): Removal | Refusal {
  const why = whyUnasked(state);
  if (why === null)
    return refusal(
      409,
      "AWS can be asked",
      "its last listing is good, so a removal goes on by itself and leaves nothing behind: repeat this without abandon",
    );
  const wanted = wordFor(mayGoOnBilling(state));
  const given = wordFor(
    named
      .split(",")
      .map((name) => name.trim())
      .toSorted(),
  );
  if (!force || reason === null || given !== wanted)
    return refusal(
      409,
      "The removal is not confirmed",
      `AWS cannot be asked (${why}), so what may exist goes on billing. If you have looked for it, repeat this with force=true, a reason and abandon=${wanted}`,
    );
  const message = `the fleet is forgotten without AWS (${why}); may go on billing: ${wanted}; ${reason}`;
  const data = { names: wanted, why, reason };
  const event = { kind: "forced" as const, instance: null, message, actor, data };
  engine.change({ ...NO_MOVES, events: [event] }, now, { removing: { force: true } });
  engine.forgetting.abandon(`${actor}: ${message}`);
  return { removing: true, forgotten: true, waitsForAws: null };
}
