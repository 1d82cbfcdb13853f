/**
 * The hands: carries out commands in their order, each once, and says what became of each. A
 * command that was not surely answered is `unknown`; nothing is tried again here.
 */
import type { Action, Command, Hands, Lane, Outcome } from "../durable/rules/world.ts";
import type { Aws, CallSite } from "./aws/client.ts";
import { type Result, toOutcome } from "./aws/errors.ts";
import {
  createInstances,
  createInstancesFromSnapshot,
  deleteInstance,
  putInstancePublicPorts,
} from "./aws/lightsail.ts";
import { deadlineIn } from "./clock.ts";
import { type Lanes, createLanes } from "./lanes.ts";
import { createSlots } from "./slots.ts";

/** An act is over after this, finished or not; the tick waits for it. */
const ACT_LIMIT_MS = 12_000;

/**
 * Changes under way at once. Workers allow six connections; half of that is fast enough for the
 * commands of a tick, and after a throttle few more are already on their way to be refused.
 */
const CHANGES_AT_ONCE_MAX = 3;

/** The lane that each kind of command draws on. */
const LANES: Record<Action["kind"], Lane> = { create: "create", ports: "ports", delete: "delete" };

/** Hands that sign with `config`'s credentials and send through `fetch`. */
export function createHands(aws: Aws): Hands {
  return { act: (commands) => act(aws, commands) };
}

async function act(aws: Aws, commands: readonly Command[]): Promise<Outcome[]> {
  const deadline = deadlineIn(aws.clock, ACT_LIMIT_MS);
  const lanes = createLanes(aws.clock, createSlots(CHANGES_AT_ONCE_MAX));
  try {
    // All at once, but slots are given in the order of asking.
    return await Promise.all(
      commands.map((command) => carryOut(aws, lanes, deadline.signal, command)),
    );
  } finally {
    deadline.clear();
  }
}

async function carryOut(
  aws: Aws,
  lanes: Lanes,
  signal: AbortSignal,
  command: Command,
): Promise<Outcome> {
  const { number, action, region, notAfter } = command;
  const site = { region, signal, notAfter };
  const { result, report } = await lanes.call(LANES[action.kind], signal, () =>
    send(aws, site, action),
  );
  return toOutcome(number, report === null ? [] : [report], result);
}

function send(aws: Aws, site: CallSite, action: Action): Promise<Result<unknown>> {
  if (action.kind === "ports") {
    return putInstancePublicPorts(aws, site, action.name, action.ports);
  }
  if (action.kind === "delete") return deleteInstance(aws, site, action.name);
  return "blueprint" in action.image
    ? createInstances(aws, site, action, action.image.blueprint)
    : createInstancesFromSnapshot(aws, site, action, action.image.snapshot);
}
