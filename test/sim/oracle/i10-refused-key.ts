/** I10, of a refused key: while AWS refuses the listing for its key, no call of AWS is made. A media server needs no key. */
import type { Check } from "./invariant.ts";

const REFUSALS = new Set(["UnrecognizedClientException", "InvalidSignatureException"]);
/** One refusal may not have been heard; the hold of one lasts a minute. */
const REFUSALS_THAT_SHOW = 2;
const HELD_MS = 45_000;

export function nothingWithRefusedKey(): Check {
  let refusedAt: number[] = [];
  return (event, truth) => {
    if (event.kind === "crash" || event.kind === "stateLost") refusedAt = [];
    if (event.kind === "call" && event.by === "fleet" && event.op === "GetInstances")
      refusedAt = REFUSALS.has(event.outcome) ? [...refusedAt.slice(-1), truth.now] : [];
    if (event.kind !== "commit") return null;
    const [command] = event.commands.filter(({ action }) => action.kind !== "drain");
    if (command === undefined) return null;
    const recent = refusedAt.filter((at) => truth.now - at < HELD_MS);
    return recent.length >= REFUSALS_THAT_SHOW
      ? `command ${command.number} is given with a key that AWS refuses`
      : null;
  };
}
