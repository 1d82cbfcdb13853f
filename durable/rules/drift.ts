/**
 * What is on a server is not what the spec says: its firewall or its tags, because somebody changed
 * them by hand. They are put again, once the listing has shown it for longer than a listing lags.
 */
import { portsHashOf, portsOf } from "./checks.ts";
import { HOUR_MS, LISTING_LAG_MS } from "./limits.ts";
import type { Instance } from "./model.ts";
import { onceFor } from "./once.ts";
import type { PortRule, Spec } from "./spec.ts";
import type { State } from "./state.ts";
import type { Changes } from "./transition.ts";
import type { CloudInstance } from "./world.ts";

export const OWNER_TAG = "lightfleet:owner";
export const TEMPLATE_TAG = "lightfleet:spec";

/** What the owner's tag says on the instances of a fleet. */
export function ownerOf(deployment: string, fleet: string): string {
  return `${deployment}/${fleet}`;
}

/** The tags that this server must carry. Others may be there too: they are other people's. */
export function tagsOf(state: State, row: Pick<Instance, "template">): Record<string, string> {
  const template = row.template === null ? {} : { [TEMPLATE_TAG]: row.template };
  return { ...state.spec.tags, [OWNER_TAG]: state.identity.owner, ...template };
}

export interface Drift {
  /** Since which listing it is so; null where all is as it should be. */
  readonly since: number | null;
  readonly changes: Changes;
  /** What differs, in words; null where nothing is put again. */
  readonly differs: string | null;
}

/** What must be put again on `row`, as a listing that began at `startedAt` shows it. */
export function driftOf(
  state: State,
  row: Instance,
  instance: CloudInstance,
  startedAt: number,
): Drift {
  const known = state.memory.driftSince.get(row.name) ?? null;
  // What waits to be put says nothing about what is there.
  const waits = row.tagsHash === null || (row.portsHash === null && !keepsItsPorts(state, row));
  if (waits) return { since: known, changes: {}, differs: null };
  const changes: Changes = {
    ...(hasOtherPorts(state, row, instance) ? { portsHash: null } : {}),
    ...(hasOtherTags(state, row, instance) ? { tagsHash: null } : {}),
  };
  if (Object.keys(changes).length === 0) return { since: null, changes, differs: null };
  const since = known ?? startedAt;
  // Then once in an hour: it may be AWS's way of writing it, or changed again before a listing showed it well.
  if (startedAt - since >= LISTING_LAG_MS)
    return {
      since: startedAt + HOUR_MS,
      changes,
      differs: differenceIn(state, row, instance, changes),
    };
  return { since, changes: {}, differs: null };
}

/** Only our own words and rules: what others write on a server does not belong into the trail. */
function differenceIn(
  state: State,
  row: Instance,
  { ports, tags }: CloudInstance,
  changes: Changes,
): string {
  const firewall =
    changes.portsHash === undefined
      ? []
      : [
          `its ports are ${rulesInWords(ports ?? [])}, and the spec says ${rulesInWords(portsOf(state, row))}`,
        ];
  const keys = Object.entries(tagsOf(state, row)).filter(([key, value]) => tags[key] !== value);
  const retired = state.retiredTags.filter((key) => tags[key] !== undefined);
  const named = [...keys.map(([key]) => key), ...retired];
  const tagged = changes.tagsHash === undefined ? [] : [`its tags differ in ${named.join(", ")}`];
  return [...firewall, ...tagged].join("; ");
}

function rulesInWords(rules: readonly PortRule[]): string {
  if (rules.length === 0) return "all closed";
  const shown = rules.slice(0, RULES_SHOWN).map((rule) => ruleInWords(rule));
  const more = rules.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** As AWS writes rules, with the sources where not everybody may come. */
function ruleInWords({ protocol, from, to, cidrs, ipv6Cidrs, cidrListAliases }: PortRule): string {
  const ports = from === to ? String(from) : `${from}-${to}`;
  const sources = [cidrs, ipv6Cidrs, cidrListAliases]
    .flatMap((list) => list ?? [])
    .filter((source) => source !== "0.0.0.0/0" && source !== "::/0");
  return `${ports}/${protocol}${sources.length === 0 ? "" : ` from ${sources.join(" ")}`}`;
}

const RULES_SHOWN = 5;

/** One that was adopted came with its own ports; they are the fleet's only where the spec says so. */
export function keepsItsPorts({ spec }: State, { adopted }: Instance): boolean {
  return adopted && !spec.adopt.ports;
}

function hasOtherPorts(state: State, row: Instance, { ports }: CloudInstance): boolean {
  if (ports === null || row.portsHash !== portsHashOf(state, row)) return false;
  return !sameRules(portsOf(state, row), ports);
}

function hasOtherTags(state: State, row: Instance, { tags }: CloudInstance): boolean {
  if (row.tagsHash !== state.tagsHash) return false;
  const wanted = Object.entries(tagsOf(state, row));
  return (
    wanted.some(([key, value]) => tags[key] !== value) ||
    state.retiredTags.some((key) => tags[key] !== undefined)
  );
}

/** Whether two firewalls let the same in, in whatever order they say it. */
export function sameRules(one: readonly PortRule[], other: readonly PortRule[]): boolean {
  return wordsOfAll(one) === wordsOfAll(other);
}

/** Worked out once for the rules of a spec, with which those of every listed server are compared. */
const wordsOfAll = onceFor((rules: readonly PortRule[]): string =>
  rules
    .map((rule) => wordsOf(rule))
    .toSorted()
    .join("\n"),
);

/** A rule that names no source lets everybody in: AWS then fills in both of its defaults. */
function wordsOf({ protocol, from, to, cidrs, ipv6Cidrs, cidrListAliases }: PortRule): string {
  const named = [cidrs, ipv6Cidrs, cidrListAliases].some((list) => (list ?? []).length > 0);
  const list = (values: readonly string[] | undefined, everybody: string): string =>
    named ? (values ?? []).toSorted().join(",") : everybody;
  const sources = [
    list(cidrs, "0.0.0.0/0"),
    list(ipv6Cidrs, "::/0"),
    (cidrListAliases ?? []).toSorted().join(","),
  ];
  return [protocol, from, to, ...sources].join(" ");
}

/** Keys that the spec named once and names no more: they are taken off. */
export function retiredTagsOf(before: readonly string[], old: Spec, next: Spec): string[] {
  const retired = new Set([...before, ...Object.keys(old.tags)]);
  return [...retired].filter((key) => !(key in next.tags)).toSorted();
}
