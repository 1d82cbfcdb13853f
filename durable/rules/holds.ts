/**
 * What AWS has refused is left alone for a while. A hold closes a kind of call until a moment; from then on one
 * call at a time tries it, and the hold stands until AWS takes a call of that kind. So a refusal that lasts is
 * one hold, and not one after the other.
 */
import { adviceFor } from "./advice.ts";
import { HOLD_MAX_MS, HOLD_MS, HOLD_UNTRIED_MS } from "./limits.ts";
import type { Hold } from "./model.ts";
import type { Moves, State } from "./state.ts";
import type { Action, Outcome, Rejection } from "./world.ts";

type Rejected = Extract<Outcome, { kind: "rejected" }>;
/** What a hold needs to know of a call: its kind, and of a create its zone. */
type Call =
  | { readonly kind: Exclude<Action["kind"], "create"> }
  | { readonly kind: "create"; readonly zone: string };
type HoldOfCall = Exclude<Hold["guard"], "failedBoots" | "rollout">;

/** The subject of a hold of `credentials` for every call: AWS refuses the key, and not one right of it. */
export const EVERY_CALL = "";

const HOLDS: Readonly<Record<Rejection, HoldOfCall | null>> = {
  nameInUse: null,
  notFound: "rejected",
  quota: "quota",
  zoneCapacity: "zoneCapacity",
  credentials: "credentials",
  notNow: null,
  invalid: "rejected",
  other: "rejected",
};

/** Calls without which no server comes or goes. A right that is missing for tags is no reason to stop these. */
const HELD_CALLS: ReadonlySet<Action["kind"]> = new Set(["create", "ports", "delete"]);

/** Those that stand, closed or on trial. One that nobody has tried for long is forgotten. */
export function holdsStanding({ holds, now }: State, guard: Hold["guard"]): readonly Hold[] {
  return holds.filter((hold) => hold.guard === guard && hold.until > now - HOLD_UNTRIED_MS);
}

/** Whether no call of this kind goes out at all. */
export function isClosed(state: State, call: Action["kind"]): boolean {
  return holdsOn(state, call).some(({ until }) => until > state.now);
}

/** Whether one call of this kind is tried, and the others wait for it. */
export function isOnTrial(state: State, call: Action["kind"]): boolean {
  return holdsOn(state, call).length > 0;
}

/** The holds on a kind of call, but for those of single zones. */
export function holdsOn(state: State, call: Action["kind"]): readonly Hold[] {
  const keys = keyHoldsOn(state, call);
  if (call !== "create") return keys;
  return [...keys, ...holdsStanding(state, "quota"), ...holdsStanding(state, "rejected")];
}

/** The holds of a refused key, or of a right that it lacks, on a kind of call. */
export function keyHoldsOn(state: State, call: Action["kind"]): readonly Hold[] {
  const keys = holdsStanding(state, "credentials");
  return keys.filter(({ subject }) => subject === EVERY_CALL || subject === call);
}

/** The holds after AWS refused a call. Only a refused create says that to launch is in vain. */
export function holdsAfterRefusal(state: State, action: Call, outcome: Rejected): Moves["state"] {
  const guard = HOLDS[outcome.rejection];
  if (guard === null) return {};
  if (guard === "credentials")
    return HELD_CALLS.has(action.kind) ? keyHeld(state, action.kind, outcome) : {};
  if (action.kind !== "create") return {};
  const subject = guard === "zoneCapacity" ? action.zone : "";
  return held(state, { guard, subject }, outcome);
}

/** The holds after AWS refused the key, or a right of it. @param subject a kind of call, or `EVERY_CALL` */
export function keyHeld(
  state: State,
  subject: string,
  refusal: Pick<Rejected, "code" | "message">,
): Moves["state"] {
  return held(state, { guard: "credentials", subject }, { ...refusal, rejection: "credentials" });
}

function held(
  state: State,
  { guard, subject }: { readonly guard: HoldOfCall; readonly subject: string },
  refusal: Pick<Rejected, "code" | "message" | "rejection">,
): Moves["state"] {
  const isSame = (hold: Hold): boolean => hold.guard === guard && hold.subject === subject;
  const since = holdsStanding(state, guard).find(isSame)?.since ?? state.now;
  const { what, fix } = adviceFor(refusal);
  const hold: Hold = {
    guard,
    subject,
    since,
    until: state.now + holdMs(guard, state.now - since),
    detail: `${what} ${fix}`,
  };
  return { holds: [...state.holds.filter((each) => !isSame(each)), hold] };
}

/** What has been refused for long is tried more and more slowly; a key that a person mends is tried soon. */
function holdMs(guard: HoldOfCall, lastedMs: number): number {
  const firstMs = HOLD_MS[guard];
  if (guard === "credentials") return firstMs;
  return Math.max(firstMs, Math.min(HOLD_MAX_MS, lastedMs / 4));
}

/** The holds after AWS took a call. */
export function holdsAfterSuccess(state: State, action: Call): Moves["state"] {
  if (action.kind === "drain") return {};
  const isOver = ({ guard, subject }: Hold): boolean => {
    if (guard === "credentials") return subject === action.kind || subject === EVERY_CALL;
    if (action.kind !== "create") return false;
    return (
      guard === "quota" ||
      guard === "rejected" ||
      (guard === "zoneCapacity" && subject === action.zone)
    );
  };
  return without(state, isOver);
}

/** The holds without those that AWS has shown to be over. */
export function without(state: State, isOver: (hold: Hold) => boolean): Moves["state"] {
  const holds = state.holds.filter((hold) => !isOver(hold));
  return holds.length === state.holds.length ? {} : { holds };
}
