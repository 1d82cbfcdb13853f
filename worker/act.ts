/**
 * The hands: carries out commands in their order, each once, and says what became of each. A
 * command that was not surely answered is `unknown`; nothing is tried again here.
 */
import type { Action, CallReport, Command, Hands, Lane, Outcome } from "../durable/rules/world.ts";
import type { Aws, CallSite } from "./aws/client.ts";
import { createTag } from "./aws/ec2.ts";
import { type Operations, type Result, toOutcome } from "./aws/errors.ts";
import {
  type CreateAction,
  createInstances,
  createInstancesFromSnapshot,
  deleteInstance,
  putInstancePublicPorts,
  tagResource,
  untagResource,
} from "./aws/lightsail.ts";
import { deadlineIn } from "./clock.ts";
import { callDrain } from "./health/drain.ts";
import type { Prober } from "./health/route.ts";
import { SCRIPT_NOT_FILLED } from "../durable/rules/launch-script.ts";
import { filledScript } from "./launch-script.ts";
import { type Lanes, createLanes } from "./lanes.ts";
import { type Slots, createSlots } from "./slots.ts";

/** Credentials and a way to AWS, and a way to the media servers with their secrets. */
export type HandsDeps = Aws & Prober;

/** An act is over after this, finished or not; the tick waits for it. */
const ACT_LIMIT_MS = 12_000;

/** Workers let six connections of one invocation wait at once, and queue the rest unseen. */
const CONNECTIONS_MAX = 6;

/** Of those, kept for the media servers in an act that calls on them: a slow AWS does not hold up a drain. */
const DRAIN_CONNECTIONS = 2;

type DrainAction = Extract<Action, { kind: "drain" }>;
type TagsAction = Extract<Action, { kind: "tags" }>;
/** What takes one call of AWS. */
type Change = Exclude<Action, DrainAction | TagsAction>;

/** The lane that each kind of change draws on. */
const LANES: Record<Change["kind"], Lane> = {
  create: "create",
  ports: "ports",
  delete: "delete",
  targetTag: "ec2",
};

/** What the commands of one act share. */
interface Act {
  readonly deps: HandsDeps;
  readonly signal: AbortSignal;
  readonly lanes: Lanes;
  /** The media servers' own: a drain call does not stand behind a slow AWS, nor the reverse. */
  readonly drainSlots: Slots;
}

/** Hands that sign with the credentials and secrets of `deps`, and send through its `fetch` and `transport`. */
export function createHands(deps: HandsDeps): Hands {
  return { act: (commands, connections) => act(deps, commands, connections) };
}

async function act(
  deps: HandsDeps,
  commands: readonly Command[],
  connections = CONNECTIONS_MAX,
): Promise<Outcome[]> {
  const deadline = deadlineIn(deps.clock, ACT_LIMIT_MS);
  const drains = commands.some(({ action }) => action.kind === "drain");
  const others = commands.some(({ action }) => action.kind !== "drain");
  const forDrains = drains ? (others ? DRAIN_CONNECTIONS : connections) : 0;
  const shared: Act = {
    deps,
    signal: deadline.signal,
    lanes: createLanes(deps.clock, createSlots(connections - forDrains)),
    drainSlots: createSlots(forDrains),
  };
  try {
    // All at once, but slots are given in the order of asking.
    return await Promise.all(commands.map((command) => carryOut(shared, command)));
  } finally {
    deadline.clear();
  }
}

async function carryOut(shared: Act, command: Command): Promise<Outcome> {
  const { deps, signal } = shared;
  const { number, action, region, notAfter, pace } = command;
  const site: CallSite = { region, signal, notAfter };
  const calls: CallReport[] = [];
  const call = async (lane: Lane, work: () => Promise<Result<Operations | null>>) => {
    const { result, report } = await shared.lanes.call(lane, pace, signal, work);
    if (report !== null) calls.push(report);
    return result;
  };

  const carry = async (): Promise<Result<Operations | null>> => {
    if (action.kind === "drain") return drain(shared, action, notAfter);
    if (action.kind === "tags") return retag(deps, site, action, (work) => call("tags", work));
    return call(LANES[action.kind], () => send(deps, site, action));
  };
  return toOutcome(number, calls, await carry());
}

function send(deps: HandsDeps, site: CallSite, action: Change): Promise<Result<Operations | null>> {
  if (action.kind === "ports") {
    return putInstancePublicPorts(deps, site, action.name, action.ports);
  }
  if (action.kind === "delete") return deleteInstance(deps, site, action.name);
  if (action.kind === "targetTag") return createTag(deps, site, action.tag, action.value);
  return create(deps, site, action);
}

/** The one place where the secrets of a launch script are more than their names. */
async function create(
  deps: HandsDeps,
  site: CallSite,
  action: CreateAction,
): Promise<Result<Operations>> {
  const filled = filledScript(action.userData, (name) => deps.config.secret(name));
  if (filled.kind === "refused") return cannotFill(filled.detail);
  const wanted = { ...action, userData: filled.script };
  return "blueprint" in action.image
    ? createInstances(deps, site, wanted, action.image.blueprint)
    : createInstancesFromSnapshot(deps, site, wanted, action.image.snapshot);
}

/** Nothing was sent, and nothing will be until somebody sets the secret: that is shown as a refusal is. */
function cannotFill(detail: string): Result<Operations> {
  return {
    kind: "rejected",
    rejection: "notNow",
    code: SCRIPT_NOT_FILLED,
    message: `userData ${detail}`,
    requestId: null,
  };
}

/** Two calls, each of them safe to repeat: what is left undone after the first is done the next time. */
async function retag(
  aws: Aws,
  site: CallSite,
  { name, arn, put, remove }: TagsAction,
  call: (work: () => Promise<Result<Operations | null>>) => Promise<Result<Operations | null>>,
): Promise<Result<Operations | null>> {
  let result: Result<Operations | null> = { kind: "done", value: null, requestId: null };
  if (Object.keys(put).length > 0) {
    result = await call(() => tagResource(aws, site, name, arn, put));
  }
  if (remove.length > 0 && result.kind === "done") {
    result = await call(() => untagResource(aws, site, name, arn, remove));
  }
  return result;
}

/** No call of AWS's, and so in no lane. */
async function drain(
  { deps, signal, drainSlots }: Act,
  action: DrainAction,
  notAfter: number,
): Promise<Result<Operations | null>> {
  const release = await drainSlots.take(signal);
  if (release === null) {
    return { kind: "unsent", message: "not sent: there was no time left for it" };
  }
  try {
    return await callDrain(deps, action, signal, notAfter);
  } finally {
    release();
  }
}
