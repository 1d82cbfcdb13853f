/**
 * Instances with our tags and without a live row are taken over. They may carry live sessions, so they
 * begin as `unknown`, and no time limit deletes them.
 */
import { healthOfTemplate, takesPart } from "./checks.ts";
import { ENDING, factsOf } from "./facts.ts";
import { RIVAL_AFTER_MS } from "./limits.ts";
import type { Instance } from "./model.ts";
import type { EventDraft, State } from "./state.ts";
import { BLANK, type Changes, transition } from "./transition.ts";
import type { CloudInstance } from "./world.ts";

/** Ours by its tag, without a live row: it may carry live sessions, so it begins as `unknown`. */
export function adopt(
  state: State,
  instance: CloudInstance,
  lost: Instance | undefined,
): [row: Instance | null, event: EventDraft | null] {
  if (ENDING.has(instance.state)) return [null, null];
  const base = lost ?? strayRow(state, instance);
  const health = lost?.health ?? healthOfTemplate(state, instance.template);
  const asked = { ...base, template: instance.template ?? base.template, health };
  const facts: Changes = {
    ...factsOf(state, base, instance),
    // The first address that is known of it is no change of one.
    ...(lost === undefined ? { movedTick: null } : {}),
    arn: instance.arn,
    health,
    adopted: true,
    createdByUs: false,
    readyAt: state.now,
    portsHash: null,
    tagsHash: null,
    occupancy: "unknown",
    idleSince: null,
    cordonedAt: null,
    drainReason: null,
    drainHold: false,
    // The ledger that knew it may have told it to drain, and is lost with that.
    drainTold: takesPart(state, asked),
    saysDraining: false,
  };
  const row =
    lost === undefined ? { ...base, ...facts } : transition(lost, "ready", state.now, facts);
  return [row, isRivals(state, instance) ? rivalEvent(instance) : adoptedEvent(instance)];
}

function adoptedEvent({ name, arn, state }: CloudInstance): EventDraft {
  return {
    kind: "adopted",
    instance: name,
    message: `${name} carries our tags but had no live row: adopted, occupancy unknown`,
    data: { arn, state },
  };
}

/** Another ledger made it, after ours was born, and later than a call of its last ledger could arrive. */
function isRivals({ identity }: State, { name, createdAt, template }: CloudInstance): boolean {
  const ours = name.startsWith(`${identity.fleet}-${identity.incarnation}-`);
  return !ours && template !== null && createdAt > identity.bornAt + RIVAL_AFTER_MS;
}

function rivalEvent({ name, arn, createdAt }: CloudInstance): EventDraft {
  return {
    kind: "rival",
    instance: name,
    message: `${name} carries our tags, but another ledger created it: does a second deployment of the same name run in this account?`,
    data: { arn, createdAt },
  };
}

function strayRow(state: State, instance: CloudInstance): Instance {
  return {
    ...BLANK,
    name: instance.name,
    phase: "ready",
    phaseSince: state.now,
    changedAt: state.now,
    plannedAt: state.now,
    zone: instance.zone,
  };
}
