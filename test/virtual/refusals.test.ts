/**
 * Every call that the fleet makes, with every kind of answer that AWS can give to it, once, ten times and for an
 * hour. What lasts is shown with AWS's words and reported; nothing is launched without end, nothing flaps, and
 * all of it ends when AWS answers well again. The real engine, eyes and hands, on the embedded AWS.
 */
import { expect, test } from "vitest";
import type { GuardName } from "../../durable/rules/model.ts";
import { ANSWERS, WORDS } from "../aws/wire/answers.ts";
import type { FaultInput } from "../aws/wire/faults.ts";
import { specOf, startFleet, type VirtualFleet } from "./fleet.ts";

const TICK_MS = 20_000;
const MINUTE = 60_000 / TICK_MS;

/** A call, and how a fleet comes to want it. */
interface Call {
  readonly op: string;
  /** Guards of which one must be shown while the call fails. */
  readonly guards: readonly GuardName[];
  readonly spec: Readonly<Record<string, unknown>>;
  /** From here on the fleet wants the call. */
  readonly want: (fleet: VirtualFleet) => void;
}

const THREE = { spares: { default: "3" } };
const grow = (fleet: VirtualFleet): void => fleet.apply(specOf({ spares: { default: "5" } }));
const shrink = (fleet: VirtualFleet): void =>
  fleet.apply(specOf({ spares: { default: "1" }, retire: { billing: "none", drainSeconds: 0 } }));

const TAG = { resource: "i-0abc1234", key: "spares" };
const TAGGED = { spares: { default: "3", tag: TAG } };
/** A schedule with a boundary in two minutes: its value goes into the tag. */
const soon = (fleet: VirtualFleet) => {
  const at = new Date(fleet.now() + 120_000);
  const cron = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  return { spares: { default: "3", tag: TAG, schedule: [{ cron, timezone: "UTC", spares: "4" }] } };
};

const CALLS: readonly Call[] = [
  {
    op: "CreateInstances",
    guards: ["createFailing", "rejected", "quota", "zoneCapacity", "credentials"],
    spec: THREE,
    want: grow,
  },
  {
    op: "PutInstancePublicPorts",
    guards: ["portsFailing", "credentials"],
    spec: THREE,
    want: grow,
  },
  { op: "DeleteInstance", guards: ["deleteFailing", "credentials"], spec: THREE, want: shrink },
  {
    op: "TagResource",
    guards: ["tagsFailing"],
    spec: THREE,
    want: (fleet) => fleet.apply(specOf({ ...THREE, tags: { team: "other" } })),
  },
  {
    op: "UntagResource",
    guards: ["tagsFailing"],
    spec: THREE,
    want: (fleet) => fleet.apply(specOf({ ...THREE, tags: {} })),
  },
  {
    op: "CreateTags",
    guards: ["targetTagFailing"],
    spec: TAGGED,
    want: (fleet) => fleet.apply(specOf({ ...TAGGED, ...soon(fleet) })),
  },
  { op: "DescribeTags", guards: ["tagUnread"], spec: TAGGED, want: () => {} },
  { op: "GetInstances", guards: ["noListing", "credentials"], spec: THREE, want: () => {} },
];

const PORTS_CALL: Call = {
  op: "PutInstancePublicPorts",
  guards: ["portsFailing", "credentials"],
  spec: THREE,
  want: grow,
};
const REFUSED_INPUT: FaultInput["effect"] = {
  kind: "error",
  type: "InvalidInputException",
  message: WORDS,
};

const UNANSWERED: ReadonlySet<string> = new Set(["a failing server", "silence"]);

const CELLS = CALLS.flatMap((call) =>
  ANSWERS.map(([answer, effect]) => [call.op, answer, call, effect] as const),
);

/** A fleet that has all that it wants, and then wants the call. */
async function wanting(
  { spec, want, op }: Call,
  effect: FaultInput["effect"],
  times: number | null,
) {
  const fleet = startFleet({ spec, tickMs: TICK_MS });
  await fleet.run(12);
  expect(fleet.status()).toMatchObject({ spares: 3, converged: true, blockers: [] });
  if (JSON.stringify(spec).includes(TAG.resource))
    fleet.cloud.ec2Tags.set("ap-northeast-2", TAG.resource, new Map([[TAG.key, "3"]]), fleet.now());
  fleet.wire.faults.add({ op, times, effect }, fleet.now());
  want(fleet);
  return fleet;
}

function guardsOf(fleet: VirtualFleet, { guards }: Call): readonly string[] {
  return fleet.status().blockers.flatMap(({ guard }) => (guards.includes(guard) ? [guard] : []));
}

/** What events said of the ends of the call's guards. */
function endsOf(fleet: VirtualFleet, { guards }: Call): readonly string[] {
  return fleet.sql
    .rows("SELECT at, message FROM events WHERE kind = 'guard'")
    .map(({ at, message }) => `${new Date(Number(at)).toISOString()} ${String(message)}`)
    .filter((line) => line.endsWith("does not hold the fleet back any more"))
    .filter((line) => guards.some((guard) => line.includes(` ${guard} `)));
}

test.each(CELLS)(
  "%s with %s for an hour is shown, reported, and over when AWS answers well",
  async (_op, answer, call, effect) => {
    const fleet = await wanting(call, effect, null);
    const created = fleet.cloud.everCreated().length;
    const isHarmless = answer === "silence after the effect" || answer === "garbage";

    await fleet.run(8 * MINUTE);
    const early = fleet.status();
    await fleet.run(22 * MINUTE);
    const late = fleet.status();

    if (!(isHarmless && guardsOf(fleet, call).length === 0 && late.converged)) {
      expect(guardsOf(fleet, call)).not.toEqual([]);
      const shown = early.blockers.filter(({ guard }) => call.guards.includes(guard));
      expect(shown).not.toEqual([]);
      if (WORDS_COME.has(answer)) expect(shown.map(({ fix }) => fix).join()).toContain("Zebra");
      expect(late.alerts).not.toEqual([]);
      // What AWS carries out all the same may be over for a while.
      if (!isHarmless) expect(endsOf(fleet, call)).toEqual([]);
    }
    expect(fleet.cloud.everCreated().length - created).toBeLessThanOrEqual(4);

    fleet.wire.faults.clear();
    await fleet.run(25 * MINUTE);

    const wanted = fleet.status().target.spares;
    expect(fleet.status()).toMatchObject({
      spares: wanted,
      converged: true,
      blockers: [],
      alerts: [],
    });
  },
);

/** AWS's words are there where it gave any. */
const WORDS_COME: ReadonlySet<string> = new Set([
  "a refused key",
  "a refusal for now",
  "an account in setup",
  "a refusal of the input",
  "a refusal in words that nothing knows",
  "a failing server",
]);

test.each(CELLS)(
  "%s with %s ten times heals by itself, and nothing is launched twice for it",
  async (_op, _answer, call, effect) => {
    const fleet = await wanting(call, effect, 10);

    await fleet.run(50 * MINUTE);

    const wanted = fleet.status().target.spares;
    expect(fleet.status()).toMatchObject({
      spares: wanted,
      converged: true,
      blockers: [],
      alerts: [],
    });
    expect(fleet.cloud.everCreated().length).toBeLessThanOrEqual(8);
  },
);

test.each(CELLS)("%s with %s once is nobody's concern", async (_op, answer, call, effect) => {
  const fleet = await wanting(call, effect, 1);
  let reported = 0;

  await fleet.run(10 * MINUTE, () => {
    reported += fleet.status().alerts.filter(({ severity }) => severity === "page").length;
  });

  expect(fleet.status()).toMatchObject({ converged: true, blockers: [] });
  // A key that AWS refuses is reported at once: nothing can be done without it.
  if (answer !== "a refused key") expect(reported).toBe(0);
});

/** Creates that AWS accepts, and that fail afterwards. */
const ZONES = ["ap-northeast-2a", "ap-northeast-2c"] as const;

test("a zone in which accepted creates fail is left aside, and nothing is lost", async () => {
  const fleet = startFleet({ spec: { spares: { default: "6" } }, tickMs: TICK_MS });
  fleet.cloud.closeZone(ZONES[0], "fail");

  await fleet.run(60 * MINUTE);

  expect(fleet.status()).toMatchObject({ spares: 6, converged: true, blockers: [], alerts: [] });
  expect(fleet.cloud.everCreated().length).toBeLessThanOrEqual(10);
  expect(fleet.sql.rows("SELECT 1 FROM events WHERE kind = 'lost'")).toEqual([]);
});

test("zones in which all accepted creates fail are a blocker with AWS's words, until one has capacity", async () => {
  const fleet = startFleet({ spec: { spares: { default: "6" } }, tickMs: TICK_MS });
  for (const zone of ZONES) fleet.cloud.closeZone(zone, "fail");

  await fleet.run(60 * MINUTE);

  const { blockers, alerts, counts } = fleet.status();
  expect(blockers.map(({ guard }) => guard)).toContain("zoneCapacity");
  expect(alerts.map(({ subject }) => subject)).toContain("zoneCapacity");
  expect(counts.launching).toBeLessThanOrEqual(1);
  expect(fleet.cloud.everCreated().length).toBeLessThanOrEqual(20);
  expect(fleet.sql.rows("SELECT 1 FROM events WHERE kind = 'lost'")).toEqual([]);

  for (const zone of ZONES) fleet.cloud.openZone(zone);
  await fleet.run(25 * MINUTE);

  expect(fleet.status()).toMatchObject({ spares: 6, converged: true, blockers: [], alerts: [] });
});

test.each(ANSWERS.filter(([answer]) => UNANSWERED.has(answer)))(
  "servers whose ports meet %s for an hour are kept, and no others are launched in their place",
  async (_answer, effect) => {
    const many = (fleet: VirtualFleet) => fleet.apply(specOf({ spares: { default: "13" } }));
    const fleet = await wanting({ ...PORTS_CALL, want: many }, effect, null);

    await fleet.run(60 * MINUTE);

    expect(fleet.cloud.everCreated()).toHaveLength(13);
    expect(fleet.status()).toMatchObject({ spares: 3, counts: { total: 13, launching: 10 } });
    expect(fleet.status().blockers).toMatchObject([{ guard: "portsFailing" }]);

    fleet.wire.faults.clear();
    await fleet.run(10 * MINUTE);

    expect(fleet.status()).toMatchObject({ spares: 13, converged: true, blockers: [], alerts: [] });
  },
);

test("a corrected spec reaches servers whose ports AWS has refused for half an hour within a minute and a half", async () => {
  const fleet = await wanting(PORTS_CALL, REFUSED_INPUT, null);
  await fleet.run(30 * MINUTE);
  expect(fleet.status().blockers.map(({ guard }) => guard)).toEqual(["portsFailing"]);

  fleet.wire.faults.clear();
  const port = { protocol: "tcp", from: 8080, to: 8081 };
  fleet.apply(specOf({ spares: { default: "5" }, ports: [port] }));
  await fleet.run(1.5 * MINUTE);

  const phases = [...(fleet.engine().read(fleet.now())?.state.instances.values() ?? [])];
  expect(phases.filter(({ phase }) => phase === "configuring")).toEqual([]);
});
