/** What is now. A figure that is not known is left out, rather than told as zero. */
import { SEVERITIES } from "../../durable/rules/bulletins.ts";
import type { Occupancy, Pausable } from "../../durable/rules/model.ts";
import type { AlertKind } from "../../durable/rules/spec.ts";
import { PHASES } from "../../durable/rules/transition.ts";
import type { TargetSource } from "../../durable/rules/target-views.ts";
import { GUARDS_BY_WEIGHT } from "../../durable/rules/guard-order.ts";
import { VERDICTS } from "../../durable/rules/verdict-views.ts";
import type { Drawn, Kind, Told } from "./kind.ts";

const OCCUPANCIES: readonly Occupancy[] = ["idle", "busy", "unknown"];
const PAUSABLES: readonly Pausable[] = ["launch", "retire", "schedule", "rollout"];
const SOURCES: readonly TargetSource[] = ["override", "specialDay", "tag", "schedule", "default"];
const KINDS = Object.keys(SEVERITIES) as AlertKind[];

export const GAUGES: readonly Kind[] = [
  gauge("fleet_info", "Always 1; where the fleet is, and whether it only observes.", ({ status }) =>
    one(1, { region: status.region, mode: status.mode }),
  ),
  gauge("removing", "1 while the fleet is being removed.", ({ status }) =>
    one(Number(status.removing)),
  ),
  gauge("converged", "1 if there are as many spares as wanted and nothing is under way.", (told) =>
    one(Number(told.status.converged)),
  ),
  gauge("paused", "1 while a person has paused it.", ({ status }) =>
    PAUSABLES.map((what) => ({
      labels: { what },
      value: Number(status.paused.some((pause) => pause.what === what)),
    })),
  ),

  gauge("instances", "Instances by phase and by what their media server last said.", (told) =>
    PHASES.filter((phase) => phase !== "gone").flatMap((phase) =>
      OCCUPANCIES.map((occupancy) => ({
        labels: { phase, occupancy },
        value: told.readings.instances[`${phase} ${occupancy}`] ?? 0,
      })),
    ),
  ),
  gauge("instances_max", "limits.maxInstances of the spec.", ({ readings }) =>
    one(readings.instancesMax),
  ),
  gauge("spares", "Room for so many more sessions.", ({ status }) => one(status.spares)),
  gauge("sessions", "Sessions that are held now.", ({ status }) => one(status.sessions)),
  gauge("leased_slots", "Slots that leases hold: no spares.", ({ status }) => one(status.leased)),
  gauge("outdated_instances", "Instances of an older template, or too old.", ({ status }) =>
    one(status.rollout?.outdated ?? 0),
  ),
  gauge("unread_instances", "Instances in a form that cannot be read.", ({ status }) =>
    one(status.unread.length),
  ),
  gauge("strangers", "Instances with a name like ours, and without an owner.", ({ status }) =>
    one(status.strangers.length),
  ),

  gauge("probe_interval_seconds", "How often each server is really asked.", ({ status }) =>
    one(status.eyes.intervalSeconds),
  ),
  gauge("probe_answer_seconds", "Mean time of a probe that is answered.", ({ status }) =>
    status.eyes.probeSeconds === null ? [] : one(status.eyes.probeSeconds),
  ),
  gauge("probes_waiting", "Servers that wait for their turn to be asked.", ({ status }) =>
    one(status.eyes.waiting),
  ),
  gauge("probe_shards", "Objects that help to ask.", ({ status }) => one(status.eyes.shards)),
  gauge(
    "listed_timestamp_seconds",
    "When AWS last showed all servers, since the epoch.",
    ({ status }) =>
      status.eyes.listedAt === null ? [] : one(Date.parse(status.eyes.listedAt) / 1_000),
  ),

  gauge("target_spares", "Spares that are wanted now.", ({ status }) => one(status.target.spares)),
  gauge("target_source_spares", "Spares that each source of the target wants.", ({ status }) =>
    status.target.chain.flatMap(({ source, spares }) =>
      spares === null ? [] : [{ labels: { source }, value: spares }],
    ),
  ),
  gauge("target_source_rules", "1 for the source of the target that rules now.", ({ status }) =>
    SOURCES.map((source) => ({
      labels: { source },
      value: Number(source === status.target.source),
    })),
  ),
  gauge("lead_seconds", "Within it 95 of 100 launches were ready, lately.", ({ readings }) =>
    one(readings.leadSeconds),
  ),

  gauge("last_good_tick_age_seconds", "Time since a tick last ended well.", ({ status }, now) => {
    const at = status.lastTick?.at;
    return at === undefined ? [] : one(Math.max(0, now - Date.parse(at)) / 1000);
  }),
  gauge("verdict", "1 for what the page and the terminal say of the fleet.", ({ status }) =>
    VERDICTS.map((verdict) => ({
      labels: { verdict },
      value: Number(status.verdict.kind === verdict),
    })),
  ),
  gauge("guard_binding", "1 while the guard holds the fleet back.", ({ status }) =>
    GUARDS_BY_WEIGHT.map((guard) => ({
      labels: { guard },
      value: Number(status.blockers.some((blocker) => blocker.guard === guard)),
    })),
  ),
  gauge("failed_boots", "Servers in a row that were never ready.", ({ readings }) =>
    one(readings.failedBoots.inRow),
  ),
  gauge("failed_boots_max", "With so many the breaker opens: launches stop.", ({ readings }) =>
    one(readings.failedBoots.limit),
  ),
  gauge("hold_until_timestamp_seconds", "Until when something is left alone.", ({ readings }) =>
    readings.holds.map(({ guard, subject, until }) => ({
      labels: { guard, subject },
      value: until / 1000,
    })),
  ),
  gauge("lane_calls_per_second", "Calls that AWS is believed to admit, once learned.", (told) =>
    Object.entries(told.readings.lanes).map(([lane, { bucket, ratePerSecond }]) => ({
      labels: { lane, bucket },
      value: ratePerSecond,
    })),
  ),
  gauge("lane_tokens", "Calls in hand, where a rate was learned.", ({ readings }) =>
    Object.entries(readings.lanes).map(([lane, { bucket, tokens }]) => ({
      labels: { lane, bucket },
      value: tokens,
    })),
  ),
  gauge("account_reached", "0 while the account's object does not answer.", ({ readings }) =>
    one(Number(readings.account.isReached)),
  ),
  gauge("account_fleets", "Fleets that share the calls of the AWS account and region.", (told) =>
    one(told.readings.account.fleets),
  ),
  gauge("alerts_open", "Troubles that last, as people were told of them.", alertsOpen),
  gauge("notify_failing", "1 if the last message to people did not get through.", ({ status }) =>
    one(Number(status.notifyTrouble !== null)),
  ),

  gauge("spend_spent_usd", "What was run in this month, at bundle prices.", ({ status }) =>
    status.spend.priced ? one(status.spend.spentUsd) : [],
  ),
  gauge("spend_committed_usd", "That, and what runs now to the month's end.", ({ status }) =>
    status.spend.priced ? one(status.spend.committedUsd) : [],
  ),
  gauge("spend_cap_usd", "limits.maxMonthlyUsd of the spec.", ({ status }) =>
    status.spend.capUsd === null ? [] : one(status.spend.capUsd),
  ),
  gauge("vcpus", "vCPUs of all that is billed, where they are known.", ({ status }) =>
    one(status.vcpus.used),
  ),
  gauge("vcpus_max", "limits.maxVcpus of the spec.", ({ status }) =>
    status.vcpus.limit === null ? [] : one(status.vcpus.limit),
  ),
];

function gauge(name: string, help: string, of: Kind["of"]): Kind {
  return { name: `lightfleet_${name}`, type: "gauge", help, of };
}

function one(value: number, labels: Drawn["labels"] = {}): readonly Drawn[] {
  return [{ labels, value }];
}

/** Zero for each kind that has none open, with the severity that it has by default. */
function alertsOpen({ status }: Told): readonly Drawn[] {
  return KINDS.flatMap((kind) => {
    const open = status.alerts.filter((alert) => alert.kind === kind);
    const severities = new Set(open.map(({ severity }) => severity));
    if (severities.size === 0) return [{ labels: { kind, severity: SEVERITIES[kind] }, value: 0 }];
    return [...severities].map((severity) => ({
      labels: { kind, severity },
      value: open.filter((alert) => alert.severity === severity).length,
    }));
  });
}
