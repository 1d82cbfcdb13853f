/**
 * The outside world as a tick meets it. Every answer of a server and every effect of a call has a
 * step of its own, so that it happens at another moment than when it is asked for or heard of.
 */
import type { TickPorts } from "../../../durable/tick.ts";
import { CALL_LIMIT_MS } from "../../../durable/rules/limits.ts";
import type {
  CloudInstance,
  Command,
  Listing,
  LookUp,
  Observation,
  Outcome,
  ProbeRequest,
  Reading,
  Watch,
} from "../../../durable/rules/world.ts";
import { A_HOLE, aCloudInstance, anObservation } from "../rules/builders.ts";
import { judgeCreate, judgeDelete } from "./judge.ts";
import { addressOf } from "./ledger.ts";
import { type LivingObject, newServer, type World } from "./world.ts";

/** One in so many draws: what is not quite usual. */
const HOLE = 7;
const PARTIAL = 8;
const UNSENT = 9;
const THROTTLED = 10;
const LOST_REQUEST = 11;
const LOST_REPLY = 12;

/** What the dead never hear of; each its own, for one promise would keep all the dead in memory. */
function never(): Promise<never> {
  return new Promise(() => {});
}

/** The ports of a tick; with the death of its object all that the tick waits for is cut. */
export function portsOf(world: World, object: LivingObject): TickPorts {
  const heard = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    return object.isAlive() ? result : never();
  };
  return {
    engine: object.engine,
    eyes: { observe: (watch) => heard(observe(world, object, watch)) },
    hands: {
      act: async (commands) => {
        const outcomes = await heard(act(world, commands));
        for (const { number, kind } of outcomes) world.outcomes.set(number, kind);
        return outcomes;
      },
    },
    sync: () => heard(sync(world)),
    now: world.now,
  };
}

async function sync(world: World): Promise<void> {
  await world.step("sync");
  if (!world.house.waitsForSync) return;
  const [row] = world.sql.rows("SELECT coalesce(max(number), 0) AS number FROM commands");
  world.durableCommand = Number(row?.["number"]);
}

async function observe(world: World, object: LivingObject, watch: Watch): Promise<Observation> {
  if (watch.tick <= world.lastTick) world.faults.push("I12: a tick's number went back");
  world.lastTick = watch.tick;
  const [listing, lookUps, readings] = await Promise.all([
    list(world, watch),
    Promise.all(watch.lookUps.map((name) => lookUp(world, name))),
    Promise.all(watch.probes.map((probe) => ask(world, object, probe))),
  ]);
  await world.step("observed");
  return anObservation({ tick: watch.tick, listing, lookUps, readings });
}

async function list(world: World, { listing }: Watch): Promise<Listing> {
  if (!listing) return { kind: "none" };
  const startedAt = world.now();
  await world.step("listing");
  const instances = [...world.servers.keys()].map((name) => instanceOf(world, name));
  const read = { startedAt, pages: 1, strangers: [], unread: [] };
  if (world.luck() === PARTIAL)
    return { kind: "partial", ...read, instances: instances.slice(1), hole: A_HOLE, next: null };
  return { kind: "complete", ...read, instances };
}

async function lookUp(world: World, name: string): Promise<LookUp> {
  const startedAt = world.now();
  await world.step(`look up ${name}`);
  if (!world.servers.has(name)) return { kind: "absent", name, startedAt };
  return { kind: "found", name, instance: instanceOf(world, name) };
}

/** The truth is read when the server answers; it is heard in a later step. */
async function ask(
  world: World,
  object: LivingObject,
  { name, revision }: ProbeRequest,
): Promise<Reading> {
  const startedAt = world.now();
  const about = { name, revision, startedAt };
  await world.step(`answer ${name}`);
  const server = world.servers.get(name);
  const sessions = server?.sessions.size ?? 0;
  await world.step(`hear ${name}`);
  const isHole = server === undefined || world.luck() === HOLE;
  if (object.isAlive()) server?.heard.push({ askedAt: startedAt, sessions, isHole });
  if (isHole) return { ...about, kind: "hole", detail: "timed out" };
  return { ...about, kind: "answer", sessions, draining: false };
}

function instanceOf(world: World, name: string): CloudInstance {
  const server = world.servers.get(name);
  const { arn = "", address = "", createdAt = 0 } = server ?? {};
  const template = server?.template ?? null;
  return aCloudInstance({ name, arn, publicIp: address, createdAt, template });
}

/** The hands live in the Worker: what they began goes on when the object dies. */
async function act(world: World, commands: readonly Command[]): Promise<Outcome[]> {
  world.commandsUnderWay += commands.length;
  world.beginCommands();
  return Promise.all(commands.map((command) => carryOut(world, command)));
}

async function carryOut(world: World, command: Command): Promise<Outcome> {
  const about = { number: command.number, calls: [] };
  const begunAt = world.now();
  const drawn = begunAt > command.notAfter ? UNSENT : world.luck();
  await world.step(`${command.action.kind} ${command.number} arrives`);
  // A client that gave up has closed its request; a delete that was sent may take effect all the same.
  const isLate = world.now() - begunAt > CALL_LIMIT_MS && command.action.kind !== "delete";
  const happens = ![UNSENT, THROTTLED, LOST_REQUEST].includes(drawn) && !isLate;
  const isKnown = happens && happen(world, command);
  await world.step(`${command.action.kind} ${command.number} is answered`);
  world.commandsUnderWay--;
  if (drawn === UNSENT) return { ...about, kind: "unsent", message: "no time left" };
  if (drawn === THROTTLED)
    return { ...about, kind: "throttled", code: "ThrottlingException", message: "Rate exceeded" };
  const isTimedOut = world.now() - begunAt > CALL_LIMIT_MS;
  if (!happens || isTimedOut || drawn === LOST_REPLY)
    return { ...about, kind: "unknown", message: "timed out" };
  if (isKnown) return { ...about, kind: "done", requestId: null };
  const code = "NotFoundException";
  return {
    ...about,
    kind: "rejected",
    rejection: "notFound",
    code,
    message: code,
    requestId: null,
  };
}

/** @returns false where AWS knows no such instance. */
function happen(world: World, command: Command): boolean {
  const { action } = command;
  switch (action.kind) {
    case "create":
      for (const name of action.names) {
        const number = Number(name.split("-").at(-1));
        const template = action.tags["lightfleet:spec"] ?? null;
        world.servers.set(
          name,
          newServer({ arn: `arn:${name}`, address: addressOf(number), template }, world.now()),
        );
      }
      judgeCreate(world, command);
      return true;
    case "targetTag":
      return true;
    case "ports":
    case "tags":
    case "drain":
      return world.servers.has(action.name);
    case "delete":
      if (!world.servers.has(action.name)) return false;
      judgeDelete(world, command, action.name);
      world.servers.delete(action.name);
      world.counted.deletes++;
      return true;
  }
}
