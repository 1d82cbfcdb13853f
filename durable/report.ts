/** What people are shown, out of the engine's state: pure but for the calendar. */
import { iso, isoOrNull } from "./iso.ts";
import type { LastTick } from "./tick-log.ts";
import { leadMs, nextOf } from "./rules/coming.ts";
import { askedBy, capacityOf, healthOf, takesPart } from "./rules/checks.ts";
import type { BindingGuard } from "./rules/binding.ts";
import type { OpenAlert } from "./rules/bulletins.ts";
import { leasesOn } from "./rules/leases.ts";
import type { Instance, Lease, Pause } from "./rules/model.ts";
import { occupancyOf, takenOn, type Tally, tally } from "./rules/occupancy.ts";
import { pageOfNames, type PageWish } from "./rules/pages.ts";
import { isProtected } from "./rules/protection.ts";
import { rolloutOf } from "./rules/rollout.ts";
import { spendOf, vcpusOf } from "./rules/spend.ts";
import type { State } from "./rules/state.ts";
import { TICK_AGE_MAX_MS } from "./rules/dead.ts";
import { placeOf } from "./rules/guard-order.ts";
import { verdictOf } from "./rules/verdict.ts";
import { type Link, rulingOverride, type Target, targetOf } from "./rules/target.ts";
import { LAUNCHING } from "./rules/transition.ts";
import { sustainedIntervalMs } from "./rules/turns.ts";
import { isOutdated, paidUntil } from "./rules/victims.ts";
import { heldJump, jumpRulesAt } from "./rules/tag-jump.ts";
import type {
  HeldTag,
  NextTarget,
  OverrideView,
  TargetLink,
  TargetView,
} from "./rules/target-views.ts";
import type { AskedView } from "./rules/dry-run-views.ts";
import type {
  AlertView,
  BlockerView,
  EyesView,
  InstanceFilter,
  InstanceView,
  LeaseView,
  PauseView,
  RolloutView,
  SpendView,
  Status,
  TickView,
} from "./rules/views.ts";

/** What the object knows besides the state. */
export interface Standing {
  readonly guards: readonly BindingGuard[];
  readonly alerts: readonly OpenAlert[];
  readonly lastTick: LastTick | null;
  readonly notifyTrouble: string | null;
}

export function statusOf(state: State, standing: Standing): Status {
  const { guards, alerts, lastTick, notifyTrouble } = standing;
  const counts = tally(state);
  const target = targetOf(state, counts.expected);
  const verdict = verdictOf(state, { counts, target, guards, alerts, lastTick });
  return {
    fleet: state.identity.fleet,
    region: state.spec.region,
    timezone: state.spec.timezone,
    mode: state.spec.mode,
    removing: state.removing !== null,
    target: targetViewOf(state, target),
    spares: counts.spares,
    sessions: counts.sessions,
    leased: counts.leased,
    counts: countsOf(state, counts),
    verdict: { ...verdict, staleAt: staleAt(lastTick) },
    converged: isConverged(state, counts, target),
    paused: pausesOf(state),
    blockers: guards
      .toSorted((one, other) => placeOf(one.guard) - placeOf(other.guard))
      .map((guard) => blockerOf(guard)),
    alerts: alerts.flatMap((alert) => alertOf(alert)),
    notifyTrouble,
    spend: spendViewOf(state),
    vcpus: { used: vcpusOf(state), limit: state.spec.limits.maxVcpus },
    rollout: rolloutViewOf(state),
    strangers: state.memory.strangers,
    unread: state.memory.unread.instances,
    eyes: eyesOf(state),
    lastTick: tickOf(lastTick),
  };
}

function eyesOf(state: State): EyesView {
  const { answerMs, missedSince, shards } = state.memory.turns;
  const seconds = (ms: number): number => Math.round(ms) / 1000;
  return {
    intervalSeconds: seconds(sustainedIntervalMs(state)),
    probeSeconds: answerMs === null ? null : seconds(answerMs),
    waiting: missedSince.size,
    listedAt: isoOrNull(state.memory.listedAt),
    shards,
  };
}

function spendViewOf(state: State): SpendView {
  const { spent, committed, priced } = spendOf(state);
  const cents = (usd: number): number => Math.round(usd * 100) / 100;
  return {
    spentUsd: cents(spent),
    committedUsd: cents(committed),
    capUsd: state.spec.limits.maxMonthlyUsd,
    priced,
  };
}

function rolloutViewOf(state: State): RolloutView | null {
  const rollout = rolloutOf(state);
  if (rollout === null) return null;
  const { stage, outdated } = rollout;
  const createdAt = outdated.map((row) => row.createdAt ?? row.plannedAt);
  return {
    stage,
    outdated: outdated.length,
    waitingForBusy: outdated.filter((row) => takenOn(state, row) > 0 && !isProtected(row)).length,
    protected: outdated.filter((row) => isProtected(row)).length,
    oldestSince: iso(Math.min(...createdAt)),
  };
}

export function targetOfState(state: State): TargetView {
  return targetViewOf(state, targetOf(state, tally(state).expected));
}

export function pausesOf(state: State): PauseView[] {
  return state.pauses
    .filter(({ until }) => until === null || until > state.now)
    .map(({ what, since, until, reason, actor }: Pause) => ({
      what,
      since: iso(since),
      until: isoOrNull(until),
      reason,
      actor,
    }));
}

export function instanceOf(state: State, row: Instance): InstanceView {
  const waits = row.step !== null;
  return {
    name: row.name,
    phase: row.phase,
    step: row.step,
    attempts: row.attempts,
    nextAttemptAt: waits && row.nextAttemptAt > 0 ? iso(row.nextAttemptAt) : null,
    lastError: row.lastError,
    occupancy: occupancyOf(state, row),
    sessions: row.sessions,
    capacity: capacityOf(state, row),
    asked: askedOf(state, row),
    leased: leasesOn(state, row.name).length,
    addresses: { public: row.publicIp, private: row.privateIp, ipv6: row.ipv6 },
    zone: row.zone,
    arn: row.arn,
    createdAt: isoOrNull(row.createdAt),
    readyAt: isoOrNull(row.readyAt),
    idleSince: isoOrNull(row.idleSince),
    busySince: isoOrNull(row.busySince),
    lastReadingAt: isoOrNull(state.memory.freshness.get(row.name)?.readAt ?? null),
    idleReadings: (state.memory.freshness.get(row.name)?.idleReadings ?? []).map((at) => iso(at)),
    paidUntil:
      row.createdAt === null || row.phase === "gone" ? null : iso(paidUntil(row, state.now)),
    drainReason: row.drainReason,
    drainThen: row.drainReason === null ? null : row.drainHold ? "hold" : "delete",
    saysDraining: row.saysDraining,
    protected: isProtected(row),
    protectedBy: row.protectedBy ?? (row.protectedByTag ? "tag" : null),
    bundle: row.bundle,
    adopted: row.adopted,
    outdated: isOutdated(state, row),
    goneAt: isoOrNull(row.goneAt),
  };
}

export function askedOf(state: State, row: Instance): AskedView {
  const { port, path, sessionsPointer, header, host } = healthOf(state, row);
  return {
    by: askedBy(state, row),
    port,
    path,
    sessionsPointer,
    header: header?.name ?? null,
    host,
    drain: takesPart(state, row),
  };
}

export function instancesOf(
  state: State,
  filter: InstanceFilter,
  page: PageWish = { after: null, limit: Infinity },
): InstanceView[] {
  const rows = [...state.instances.values()]
    .filter(({ phase }) => filter.phase === null || filter.phase === phase)
    .filter(({ publicIp }) => filter.ip === null || filter.ip === publicIp);
  const names = pageOfNames(
    rows.map(({ name }) => name),
    page,
  );
  const byNames = new Map(rows.map((row) => [row.name, row]));
  return names.flatMap((name) => {
    const row = byNames.get(name);
    return row === undefined ? [] : [instanceOf(state, row)];
  });
}

/** A lease with what its holder needs to go to its server. */
export function leaseOf(state: State, lease: Lease): LeaseView {
  const { id, key, instance, actor, givenAt, expiresAt, usedAt } = lease;
  const row = state.instances.get(instance);
  const { publicIp = null, privateIp = null, ipv6 = null, zone = null, phase = "gone" } = row ?? {};
  return {
    id,
    key,
    instance,
    zone,
    addresses: { public: publicIp, private: privateIp, ipv6 },
    phase,
    state: usedAt === null ? "held" : "used",
    actor,
    givenAt: iso(givenAt),
    usedAt: isoOrNull(usedAt),
    expiresAt: iso(expiresAt),
  };
}

/** As many spares as wanted, all of them seen, and nothing under way. */
function isConverged(state: State, counts: Tally, target: Target): boolean {
  const underWay = [...state.instances.values()].some(
    ({ phase }) => LAUNCHING.has(phase) || phase === "deleting",
  );
  return !underWay && counts.unknown === 0 && counts.spares >= target.spares;
}

function countsOf(state: State, counts: Tally): Status["counts"] {
  const { idle, busy, unknown, waiting, draining, deleting } = counts;
  const launching = counts.launching - waiting;
  const total = state.instances.size - counts.lost;
  return { idle, busy, unknown, launching, waiting, draining, deleting, total };
}

function targetViewOf(state: State, target: Target): TargetView {
  const winner = target.chain.find((link) => link.spares !== null);
  return {
    spares: target.spares,
    source: target.source,
    expression: target.expression,
    reason: target.reason,
    until: isoOrNull(target.until),
    chain: target.chain.map((link) => linkOf(state, link, link === winner)),
    heldTag: heldTagOf(state),
    next: nextTargetOf(state, target),
  };
}

function heldTagOf(state: State): HeldTag | null {
  const jump = heldJump(state);
  if (jump === null) return null;
  return { expression: jump.value, since: iso(jump.since), rulesAt: iso(jumpRulesAt(jump)) };
}

function nextTargetOf(state: State, target: Target): NextTarget | null {
  const next = nextOf(state, tally(state).expected, target);
  if (next === null) return null;
  const { at, source, name, expression, spares } = next;
  const launchFrom = spares > target.spares ? iso(at - leadMs(state)) : null;
  return { at: iso(at), source, name, expression, spares, launchFrom };
}

/** Those that are not over, by their beginning. */
export function overridesOf(state: State): OverrideView[] {
  const ruling = rulingOverride(state, state.now);
  return state.overrides
    .filter(({ until }) => until > state.now)
    .toSorted((one, other) => one.from - other.from)
    .map((override) => ({
      ...override,
      from: iso(override.from),
      until: iso(override.until),
      rules: override === ruling,
    }));
}

function linkOf(state: State, link: Link, won: boolean): TargetLink {
  const { source, expression, spares, readAt, until, note } = link;
  const ageSeconds = readAt === null ? null : Math.round((state.now - readAt) / 1000);
  return { source, expression, spares, won, ageSeconds, until: isoOrNull(until), note };
}

function blockerOf({ guard, value, limit, since, retryAt, fix }: BindingGuard): BlockerView {
  return { guard, value, limit, since: iso(since), retryAt: isoOrNull(retryAt), fix };
}

/** One that has not lasted long enough yet is nothing to show. */
function alertOf({ kind, subject, severity, since, what, canDo }: OpenAlert): AlertView[] {
  return severity === null ? [] : [{ kind, subject, severity, since: iso(since), what, canDo }];
}

/** A verdict is worth nothing where nobody has ticked for as long as the dead-man's switch waits. */
function staleAt(last: LastTick | null): string | null {
  return last === null ? null : iso(last.at + TICK_AGE_MAX_MS);
}

function tickOf(last: LastTick | null): TickView | null {
  return last === null ? null : { ...last, at: iso(last.at) };
}
