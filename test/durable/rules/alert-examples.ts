/** One example of each kind of bulletin, made by the code out of a fleet: what `docs/notifications.md` shows. */
import { adviceFor } from "../../../durable/rules/advice.ts";
import { bulletinsOf } from "../../../durable/rules/alerts.ts";
import type { Bulletin, OpenAlert } from "../../../durable/rules/bulletins.ts";
import { callRoll } from "../../../durable/rules/dead.ts";
import type { Blocker, GuardName } from "../../../durable/rules/model.ts";
import { newsOf } from "../../../durable/rules/news.ts";
import type { AlertKind } from "../../../durable/rules/spec.ts";
import type { EventDraft, State } from "../../../durable/rules/state.ts";
import { targetOf } from "../../../durable/rules/target.ts";
import { troublesOf } from "../../../durable/rules/troubles.ts";
import { aPlanned, aRow, aState, aTarget, freshFor, idleRows, MINUTE_MS, NOW } from "./builders.ts";
import { writing } from "./schedule-builders.ts";

const HOUR_MS = 60 * MINUTE_MS;
const NAME = "media-k3-7";
const BUSY = { occupancy: "busy", sessions: 1, busySince: NOW - 20 * MINUTE_MS } as const;

export const EXAMPLES: Readonly<Record<AlertKind, () => Bulletin>> = {
  noSpares: () => {
    const busy = idleRows(14, BUSY);
    const planned = Array.from({ length: 6 }, (_, index) =>
      aPlanned({ name: `p-${index}`, command: 9 }),
    );
    const state = aState({ rows: [...busy, ...planned], memory: freshFor(...busy) });
    return trouble("noSpares", state, { spares: 10 });
  },
  noTick: () => {
    const pulse = { fleet: "media", answered: true, lastTickAgeMs: 150_000, kinds: {} };
    return only(callRoll({}, [pulse], NOW).bulletins, "noTick");
  },
  blindEyes: () => held("blindEyes", { value: 9, limit: null }),
  credentials: () =>
    held("credentials", {
      fix: "check the AWS key, its rights and its account: The AWS key has no right to lightsail:CreateInstances. Add lightsail:CreateInstances to the policy of the key's IAM user.",
    }),
  failedBoots: () => held("failedBoots", { value: 3, limit: 3 }),
  guard: () => held("maxInstances", { value: 100, limit: 100 }),
  rollout: () =>
    held("rollout", {
      value: 12,
      fix: "a server of the new version failed to boot: the 12 old servers stay",
    }),
  spend: () => {
    const rows = idleRows(20);
    const limits = { maxMonthlyUsd: 3_000 };
    const memory = freshFor(...rows);
    return trouble("spend", aState({ rows, memory, spec: { limits }, spentOnGone: 2_412 }));
  },
  lost: () => news({ kind: "lost", data: { sessions: 1 } }),
  stranger: () =>
    trouble(
      "stranger",
      aState({ memory: { strangers: [{ name: NAME, arn: "arn:x", owner: null }] } }),
    ),
  rival: () => news({ kind: "rival" }),
  adopted: () => news({ kind: "adopted" }),
  forced: () =>
    news({
      kind: "forced",
      message: `delete ${NAME} by force, with 1 session on it: hung since noon`,
      data: { sessions: 1 },
      actor: "alice",
    }),
  unread: () =>
    trouble(
      "unread",
      aState({
        memory: {
          unread: {
            instances: [
              { name: NAME, arn: "arn:x", isClaimed: true, what: "state: expected object" },
            ],
            rows: new Set([NAME]),
            due: new Set(),
          },
        },
      }),
    ),
  busyForLong: () => alone("busyForLong", { ...BUSY, busySince: NOW - 14 * HOUR_MS }),
  unknownForLong: () => {
    const at = NOW - 12 * MINUTE_MS;
    const silent = { phaseSince: at, askedAt: NOW, readAt: at, idleReadings: [], goodInRow: 0 };
    const row = aRow({ ...BUSY, name: NAME });
    return trouble(
      "unknownForLong",
      aState({ rows: [row], memory: { freshness: new Map([[NAME, silent]]) } }),
    );
  },
  drainingForLong: () =>
    alone("drainingForLong", { ...BUSY, phase: "draining", cordonedAt: NOW - 26 * HOUR_MS }),
  protectedForLong: () =>
    alone("protectedForLong", { protectedBy: "alice", protectedSince: NOW - 8 * 24 * HOUR_MS }),
  pausedForLong: () => {
    const pause = { since: NOW - 30 * HOUR_MS, until: null, reason: "incident", actor: "bob" };
    const pauses = [
      { ...pause, what: "launch" as const },
      { ...pause, what: "retire" as const },
    ];
    return trouble("pausedForLong", aState({ pauses }));
  },
  tag: () => {
    const tag = { resource: "key-0abc1234", key: "spares" };
    const tagMemory = { value: "10", garbled: "ten" };
    return trouble("tag", aState({ tagMemory, spec: { spares: { tag } } }), { spares: 10 });
  },
};

/** The other example of kind `tag`: a boundary that is not written. */
export function aTagNotWritten(): Bulletin {
  const refusal = {
    rejection: "credentials",
    code: "UnauthorizedOperation",
    message: "You are not authorized to perform: ec2:CreateTags",
  } as const;
  const { what, fix } = adviceFor(refusal);
  const tag = { resource: "key-0abc1234", key: "spares" };
  const state = writing({ lastError: `${what} ${fix}` }, { spec: { spares: { tag } } });
  const found = troublesOf(state, targetOf(state, 0), [], []);
  return only(bulletinsOf(state, [], found, []).bulletins, "tag");
}

/** The third one: a value of the tag that is held. */
export function aTagHeld(): Bulletin {
  const tag = { resource: "key-0abc1234", key: "spares" };
  const since = Date.UTC(2026, 10, 22, 10, 0, 0);
  const state = {
    ...aState({
      tagMemory: { value: "10", garbled: null },
      tagJump: { value: "100", since, refusedBy: null },
      spec: { spares: { tag } },
    }),
    now: since,
  };
  const found = troublesOf(state, targetOf(state, 0), [], []);
  return only(bulletinsOf(state, [], found, []).bulletins, "tag");
}

/** The end of the first example, twelve minutes later. */
export function anEnding(): Bulletin {
  const rows = idleRows(10);
  const state = aState({ rows, memory: freshFor(...rows) });
  const open: OpenAlert = {
    kind: "noSpares",
    subject: "",
    since: NOW - 13 * MINUTE_MS,
    severity: "page",
    what: "",
    canDo: "",
    awaySince: NOW - MINUTE_MS,
  };
  return only(bulletinsOf(state, [open], [], []).bulletins, "noSpares");
}

function held(guard: GuardName, overrides: Partial<Blocker>): Bulletin {
  const blocker = { guard, value: null, limit: null, retryAt: null, fix: "", ...overrides };
  const kind = guard === "maxInstances" ? "guard" : (guard as AlertKind);
  return trouble(kind, aState(), { blockers: [blocker] });
}

function alone(kind: AlertKind, overrides: Parameters<typeof aRow>[0]): Bulletin {
  const row = aRow({ ...overrides, name: NAME });
  return trouble(kind, aState({ rows: [row], memory: freshFor(row) }));
}

function trouble(
  kind: AlertKind,
  state: State,
  { spares = 0, blockers = [] }: { spares?: number; blockers?: readonly Blocker[] } = {},
): Bulletin {
  const found = troublesOf(state, aTarget(spares), blockers, []);
  const lasted = found.map((each) => ({ ...each, since: NOW - 24 * HOUR_MS }));
  return only(bulletinsOf(state, [], lasted, []).bulletins, kind);
}

function news(event: Partial<EventDraft> & Pick<EventDraft, "kind">): Bulletin {
  const state = aState();
  const told = newsOf(state, [{ instance: NAME, message: "", ...event }]);
  return only(bulletinsOf(state, [], [], told).bulletins, event.kind as AlertKind);
}

function only(bulletins: readonly Bulletin[], kind: AlertKind): Bulletin {
  const found = bulletins.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`no bulletin of kind ${kind}`);
  return found;
}
