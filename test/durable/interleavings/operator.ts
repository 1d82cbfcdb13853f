/** The operator's changes, through the same calls as the API's. */
import { act } from "../../../durable/operate-instance.ts";
import { configure, pause, remove, resume } from "../../../durable/operate.ts";
import type { Given } from "../../../durable/refusal.ts";
import { book as bookOverride, endOverrides } from "../../../durable/operate-target.ts";
import type { Pausable } from "../../../durable/rules/model.ts";
import type { InstanceAction } from "../../../durable/rules/views.ts";
import type { Spec } from "../../../durable/rules/spec.ts";
import { type ChangeKind, isMoment, type World } from "./world.ts";

export const OPERATOR = { actor: "olga" };
const OVERRIDE_MS = 600_000;
const EVERYTHING: readonly Pausable[] = ["launch", "retire", "schedule", "rollout"];

const reason = "test";
const ON_INSTANCE = {
  "one drained": { kind: "drain", then: "delete", reason },
  "one held": { kind: "drain", then: "hold", reason },
  "one undrained": { kind: "undrain", reason },
  "one protected": { kind: "protect", reason },
  "one unprotected": { kind: "unprotect", reason },
} as const satisfies Partial<Record<ChangeKind, InstanceAction>>;

/** Each change waits for its own moment, so that the changes are spread over the run. */
export async function operatorOf(world: World): Promise<void> {
  await Promise.all(
    world.scenario.changes.map(async ({ at, kind }) => {
      await isMoment(world, at);
      await world.step(`operator: ${kind}`);
      if (world.isOver || !make(world, kind)) return;
      world.accepted.audited++;
      world.counted.changes++;
    }),
  );
}

/** @returns false where nothing was changed, because it is so already or is refused. */
function make(world: World, kind: ChangeKind): boolean {
  if (isOnInstance(kind)) return onInstance(world, kind);
  change(world, kind);
  return true;
}

function isOnInstance(kind: ChangeKind): kind is keyof typeof ON_INSTANCE {
  return kind in ON_INSTANCE;
}

/** One of the servers, whichever luck names; what was accepted holds until the operator ends it. */
function onInstance(world: World, kind: keyof typeof ON_INSTANCE): boolean {
  const { engine } = world.object;
  const given = givenBy(world);
  const rows = [...(engine.read(given.now)?.state.instances.values() ?? [])];
  const row = rows[world.luck() % Math.max(1, rows.length)];
  if (row === undefined) return false;
  const answer = act(engine, row.name, ON_INSTANCE[kind], OPERATOR, given);
  const after = engine.read(given.now)?.state.instances.get(row.name);
  if ("refused" in answer) {
    if (after?.revision !== row.revision)
      world.faults.push(`a refused ${kind} changed ${row.name}`);
    return false;
  }
  const { held, guarded } = world.accepted;
  if (kind === "one held") held.add(row.name);
  if (kind === "one drained" || kind === "one undrained") held.delete(row.name);
  if (kind === "one protected") guarded.add(row.name);
  if (kind === "one unprotected") guarded.delete(row.name);
  return after?.revision !== row.revision;
}

function change(world: World, kind: Exclude<ChangeKind, keyof typeof ON_INSTANCE>): void {
  switch (kind) {
    case "none wanted":
      return book(world, "0");
    case "one wanted":
      return book(world, "1");
    case "many wanted":
      return book(world, "4");
    case "overrides ended":
      must(endOverrides(world.object.engine, OPERATOR, givenBy(world)));
      return world.accepted.overrides.clear();
    case "retiring paused":
      return hold(world, ["retire"]);
    case "all paused":
      return hold(world, EVERYTHING);
    case "resumed":
      must(resume(world.object.engine, EVERYTHING, OPERATOR, givenBy(world)));
      return world.accepted.pauses.clear();
    case "another default":
      return apply(world, ({ spares }, version) => ({
        spares: { ...spares, default: String(version % 4) },
      }));
    case "another image":
      return apply(world, (_, version) => ({ image: { blueprint: `image_${version}` } }));
    case "another port":
      return apply(world, ({ ports }, version) => ({
        ports: [...ports.slice(0, 1), { protocol: "udp", from: version, to: version }],
      }));
    case "removed":
      must(remove(world.object.engine, { force: false }, OPERATOR, givenBy(world)));
      world.accepted.removing = "gently";
      // Anyone who wants the fleet gone does not want one of its servers held.
      world.accepted.held.clear();
  }
}

function book(world: World, expression: string): void {
  const given = givenBy(world);
  const id = `w${world.accepted.words}`;
  const until = given.now + OVERRIDE_MS;
  const booking = { fromMs: null, untilMs: until, expiresInSeconds: null, reason: "test" };
  must(bookOverride(world.object.engine, { ...booking, expression }, OPERATOR, given));
  world.accepted.overrides.set(id, expression);
}

function hold(world: World, what: readonly Pausable[]): void {
  must(pause(world.object.engine, { what, reason: "test", until: null }, OPERATOR, givenBy(world)));
  for (const each of what) world.accepted.pauses.add(each);
}

/** A new spec; it also calls a removal off. */
function apply(world: World, change: (spec: Spec, version: number) => Partial<Spec>): void {
  const { accepted } = world;
  const version = accepted.specVersion + 1;
  const spec = {
    ...accepted.spec,
    ...change(accepted.spec, version),
    tags: { version: String(version) },
  };
  const wanted = { name: "media", deployment: "default", spec };
  must(configure(world.object.engine, wanted, OPERATOR, givenBy(world)));
  Object.assign(accepted, { spec, specVersion: version, removing: null });
}

export function givenBy({ now, accepted }: World): Given {
  return { now: now(), word: () => `w${accepted.words++}` };
}

function must(answer: object): void {
  if ("refused" in answer) throw new Error(`refused: ${JSON.stringify(answer)}`);
}
