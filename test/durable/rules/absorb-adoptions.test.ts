import { describe, expect, it } from "vitest";
import { absorb } from "../../../durable/rules/absorb.ts";
import { ABSENT_APART_MS, ADOPTION_LIFE_MS } from "../../../durable/rules/limits.ts";
import type { Adoption, Instance } from "../../../durable/rules/model.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import type { CloudInstance, LookUp } from "../../../durable/rules/world.ts";
import {
  A_HOLE,
  aCloudInstance,
  anObservation,
  aRow,
  aState,
  complete,
  freshFor,
  NOW,
} from "./builders.ts";

const NAME = "handmade-1";
const ADOPTION: Adoption = { name: NAME, since: NOW - 5_000, actor: "alice" };

/** Somebody made it in the console: it has no tag of ours. */
const HANDMADE = aCloudInstance({ name: NAME, owner: null, template: null, tags: {} });

function found(instance: CloudInstance): LookUp {
  return { kind: "found", name: instance.name, instance };
}

function after(lookUps: readonly LookUp[], state = aState({ adoptions: [ADOPTION] })): State {
  return apply(state, absorb(state, anObservation({ lookUps })));
}

const wanted = aState({ adoptions: [ADOPTION] });

describe("an instance that is to be adopted", () => {
  it("is looked up until it is a row", () => {
    expect(watchOf(wanted).lookUps).toEqual([NAME]);
    expect(watchOf(after([found(HANDMADE)])).lookUps).toEqual([]);
  });

  it("is looked up also where it is a row that was lost", () => {
    const lost = aRow({ name: NAME, phase: "lost" });

    expect(watchOf(aState({ adoptions: [ADOPTION], rows: [lost] })).lookUps).toEqual([NAME]);
  });

  it("becomes a row, adopted and protected in the name of who asked", () => {
    expect(after([found(HANDMADE)]).instances.get(NAME)).toMatchObject({
      phase: "ready",
      adopted: true,
      createdByUs: false,
      protectedBy: "alice",
      protectedSince: NOW,
      occupancy: "unknown",
      arn: HANDMADE.arn,
    });
  });

  it("is told in the name of who asked", () => {
    const { events } = absorb(wanted, anObservation({ lookUps: [found(HANDMADE)] }));

    expect(events).toMatchObject([{ kind: "adopted", instance: NAME, actor: "alice" }]);
  });

  it("is given our tags, and nothing else is changed on it, before it is listed as ours", () => {
    const { moves } = plan(wanted, anObservation({ lookUps: [found(HANDMADE)] }));

    expect(moves.commands).toMatchObject([
      { action: { kind: "tags", name: NAME, put: { "lightfleet:owner": "default/media" } } },
    ]);
  });

  it("is neither missed nor deleted by force while its tags are on their way", () => {
    const row = after([found(HANDMADE)]).instances.get(NAME) ?? aRow();
    const state = aState({
      adoptions: [ADOPTION],
      rows: [{ ...row, changedAt: 0, plannedAt: 0, protectedBy: null }],
      removing: { force: true },
      memory: { absentSince: new Map([[NAME, NOW - 300_000]]) },
    });

    const { moves } = plan(state, anObservation({ listing: complete([aCloudInstance()]) }));

    expect(moves.rows.filter(({ name }) => name === NAME).map(({ phase }) => phase)).not.toContain(
      "deleting",
    );
    expect(apply(state, moves).instances.get(NAME)?.phase).toBe("ready");
  });

  it("is no adoption any more when a listing shows it with our tags", () => {
    const taken = after([found(HANDMADE)]);
    const ours = aCloudInstance({ name: NAME });

    const listed = apply(taken, absorb(taken, anObservation({ listing: complete([ours]) })));

    expect(listed.adoptions).toEqual([]);
    expect(listed.memory.unlisted.has(NAME)).toBe(false);
    expect(listed.instances.get(NAME)).toMatchObject({ adopted: true, protectedBy: "alice" });
  });

  it("is taken once, however often it is found", () => {
    const taken = after([found(HANDMADE)]);

    expect(absorb(taken, anObservation({ lookUps: [found(HANDMADE)] })).rows).toEqual([]);
  });
});

/** After AWS said that there is no such instance. */
function ended(state: State) {
  const moves = absorb(
    state,
    anObservation({ lookUps: [{ kind: "absent", name: NAME, startedAt: NOW }] }),
  );
  return { events: moves.events, adoptions: apply(state, moves).adoptions };
}

/** After two complete listings without it. */
function listedTwice(state: State): State {
  const other = aCloudInstance({ name: "another", arn: "arn:another" });
  return [NOW, NOW + ABSENT_APART_MS].reduce((before, at) => {
    const now = { ...before, now: at };
    return apply(now, absorb(now, anObservation({ listing: complete([other], at) })));
  }, state);
}

describe("an adoption ends", () => {
  it.each<[string, LookUp]>([
    ["where Lightsail has no such instance", { kind: "absent", name: NAME, startedAt: NOW }],
    ["where it belongs to another fleet", found({ ...HANDMADE, owner: "default/other" })],
  ])("%s, and nothing is taken", (_, lookUp) => {
    const moves = absorb(wanted, anObservation({ lookUps: [lookUp] }));

    expect(moves.rows).toEqual([]);
    expect(moves.state.adoptions).toEqual([]);
    expect(moves.events).toMatchObject([{ kind: "adoption", instance: NAME, actor: "alice" }]);
  });

  const since = (ms: number): State => aState({ adoptions: [{ ...ADOPTION, since: NOW - ms }] });

  it("when it could not be looked up for so long, and not before", () => {
    const lookUps: LookUp[] = [{ kind: "hole", name: NAME, hole: A_HOLE }];

    expect(after(lookUps, since(ADOPTION_LIFE_MS)).adoptions).toEqual([]);
    expect(after(lookUps, since(ADOPTION_LIFE_MS - 1)).adoptions).toHaveLength(1);
  });

  it("not by its age once it is a row: without it nobody could ever finish or repeat it", () => {
    const old = since(ADOPTION_LIFE_MS);
    const row: Instance = aRow({ name: NAME, adopted: true, tagsHash: null, protectedBy: "alice" });
    const state = aState({
      adoptions: old.adoptions,
      rows: [row],
      memory: { ...freshFor(row), unlisted: new Set([NAME]) },
    });

    expect(plan(state, anObservation()).moves.commands).toMatchObject([
      { action: { kind: "tags", name: NAME } },
    ]);
  });

  it("seed 601115: where its row is there, and Lightsail has no such instance any more", () => {
    const row = aRow({ name: NAME, adopted: true, changedAt: 0, plannedAt: 0 });
    const state = aState({ adoptions: [ADOPTION], rows: [row] });

    const { events, adoptions } = ended(state);
    const missed = listedTwice({ ...state, adoptions });

    expect(events.map(({ message }) => message)).toEqual([
      `Lightsail has no instance ${NAME} in ap-northeast-2: it was adopted, and is gone`,
    ]);
    expect(missed.instances.get(NAME)?.phase).toBe("lost");
  });

  it("alone: the others go on", () => {
    const other: Adoption = { ...ADOPTION, name: "handmade-2" };
    const state = aState({ adoptions: [ADOPTION, other] });

    expect(after([{ kind: "absent", name: NAME, startedAt: NOW }], state).adoptions).toEqual([
      other,
    ]);
  });
});

it("does not adopt what is on its way out", () => {
  expect(after([found({ ...HANDMADE, state: "terminated" })]).instances.size).toBe(0);
});
