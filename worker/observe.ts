/**
 * The eyes: one look at the world for a watch. Whatever fails, or is not done in time, becomes a
 * hole beside what was seen; nothing is guessed and nothing is tried twice.
 */
import type { Bundle } from "../durable/rules/model.ts";
import type {
  BundlesReading,
  CallReport,
  CloudInstance,
  Eyes,
  Hole,
  Lane,
  Listing,
  LookUp,
  Observation,
  OperationReading,
  Probing,
  Reading,
  Stranger,
  TagReading,
  UnreadInstance,
  Watch,
} from "../durable/rules/world.ts";
import type { CallSite } from "./aws/client.ts";
import { type TagPage, describeTags } from "./aws/ec2.ts";
import { type Result, toHole } from "./aws/errors.ts";
import type { OddInstance, ReadInstance } from "./aws/instance.ts";
import {
  type BundlePage,
  getBundles,
  getInstance,
  getInstances,
  getOperation,
} from "./aws/lightsail.ts";
import { type Clock, deadlineIn } from "./clock.ts";
import type { Config } from "./env.ts";
import type { Send } from "./fetch.ts";
import { keyOf } from "./health/in-turn.ts";
import { type Share, type Shared, type Shards, type Sharing, shareOut } from "./health/shared.ts";
import { SHARDS_MAX, SHARE_MS, SOCKETS, shardsFor } from "./health/shares.ts";
import type { Transport } from "./health/transport.ts";
import { type Lanes, createLanes } from "./lanes.ts";
import { createSlots } from "./slots.ts";

export interface EyesDeps {
  readonly config: Config;
  readonly fetch: Send;
  readonly clock: Clock;
  /** How probes reach an address: `tcpTransport` in the Workers runtime. */
  readonly transport: Transport;
  /** Others that ask servers, where one look is too short for all of them. */
  readonly shards?: Shards;
}

/** A look is over after this, finished or not; the tick waits for it. */
const OBSERVE_LIMIT_MS = 4_000;

/**
 * Of the six sockets, the ones that AWS may have while it is asked: the pages of a listing come one after
 * the other, and none of them must stand in a queue behind hundreds of silent servers. A socket that AWS
 * does not need any more is lent to the probes.
 */
const AWS_SOCKETS = 2;

/** No page is asked for later than this in a look: it must be read before the look is over. */
const LISTING_LIMIT_MS = 2_500;

/** Probes of a look for which the hands wait are over after this, by as many shards as it takes. */
const AWAITED_MS = 750;

/** The tag is on the first page nearly always; EC2 may give empty pages before it. */
const TAG_PAGES_MAX = 5;

/** A region has some dozens of bundles. */
const BUNDLE_PAGES_MAX = 20;

/** More of them say nothing more: something is wrong with the tags, or with the names. */
const STRANGERS_MAX = 20;

/** What the parts of one look share. */
interface Look {
  readonly deps: EyesDeps;
  readonly watch: Watch;
  readonly site: CallSite;
  readonly lanes: Lanes;
  readonly calls: CallReport[];
}

export function createEyes(deps: EyesDeps): Eyes {
  return { observe: (watch) => observe(deps, watch) };
}

async function observe(deps: EyesDeps, watch: Watch): Promise<Observation> {
  const deadline = deadlineIn(deps.clock, OBSERVE_LIMIT_MS);
  const { signal } = deadline;
  const site = { region: watch.region, signal, notAfter: deadline.atMs };
  const lanes = createLanes(deps.clock, createSlots(AWS_SOCKETS));
  const look: Look = { deps, watch, site, lanes, calls: [] };
  // Before the probes: AWS takes its sockets first.
  const listing = list(look);
  const tag = readTag(look);
  const bundles = readBundles(look);
  const lookUps = watch.lookUps.map((name) => lookUp(look, name));
  const operations = (watch.operations ?? []).map((operation) => ask(look, operation));
  const asking = [
    ...(watch.listing === null ? [] : [listing]),
    ...(watch.tag === null ? [] : [tag]),
    ...(watch.bundles ? [bundles] : []),
    ...lookUps,
    ...operations,
  ];
  const share = shareOf(deps, watch);
  const sharing = shareOut(deps, share, SOCKETS - Math.min(AWS_SOCKETS, asking.length));
  lendSockets(asking, sharing.widen);

  try {
    const [{ readings, cutShort, failedShards }, ...seen] = await Promise.all([
      sharing.asked,
      listing,
      tag,
      bundles,
      Promise.all(lookUps),
      Promise.all(operations),
    ]);
    const [listed, tagRead, priced, found, made] = seen;
    return {
      tick: watch.tick,
      listing: listed,
      lookUps: found,
      ...(made.length === 0 ? {} : { operations: made }),
      readings: inOrderOf(watch, readings),
      probing: probingOf(share, { readings, cutShort, failedShards }),
      tag: tagRead,
      bundles: priced,
      calls: look.calls,
    };
  } finally {
    deadline.clear();
  }
}

function shareOf({ shards }: EyesDeps, watch: Watch): Share {
  const { tick, owner, region, probes, health, checks, pace, restingShards = [] } = watch;
  const count =
    shards === undefined
      ? 0
      : shardsFor(probes, pace, watch.isAwaited === true ? AWAITED_MS : SHARE_MS);
  const names = Array.from({ length: 2 * SHARDS_MAX }, (_none, number) => `${owner}/${number}`)
    .filter((name) => !restingShards.includes(name))
    .slice(0, count);
  return {
    requests: probes,
    health,
    ...(checks === undefined ? {} : { checks }),
    ...(pace === undefined ? {} : { pace }),
    limitMs: OBSERVE_LIMIT_MS,
    // They change places from look to look: one that hangs does not hold the same servers each time.
    shards: names.map((_name, index) => names[(tick + index) % names.length] ?? ""),
    region,
  };
}

/** Each socket that AWS had, as soon as fewer questions are open than it had sockets. */
function lendSockets(asking: readonly Promise<unknown>[], widen: Sharing["widen"]): void {
  let open = asking.length;
  const lend = (): void => {
    open -= 1;
    if (open < AWS_SOCKETS) widen(1);
  };
  for (const question of asking) void question.then(lend, lend);
}

function probingOf({ shards }: Share, asked: Shared): Probing {
  const read = new Set(asked.readings.map(({ name }) => name));
  const cutShort = asked.cutShort.filter((name) => !read.has(name));
  return { cutShort, shards: shards.length, failedShards: asked.failedShards };
}

/** One for each question; an answer counts for more than a silence. */
function inOrderOf({ probes }: Watch, readings: readonly Reading[]): Reading[] {
  const byKey = new Map<string, Reading>();
  for (const reading of readings)
    if (byKey.get(keyOf(reading))?.kind !== "answer") byKey.set(keyOf(reading), reading);
  return probes.flatMap((request) => byKey.get(keyOf(request)) ?? []);
}

/** As many pages as asked for, or as fit into the look; the next look goes on where this one stops. */
async function list(look: Look): Promise<Listing> {
  const { deps, watch } = look;
  if (watch.listing === null) return { kind: "none" };

  const startedAt = deps.clock.now();
  // By ARN: an instance can move from one page to the next between two calls.
  const found = new Map<string, CloudInstance>();
  const odd: OddInstance[] = [];
  const tokens = new Set<string>();
  let { from: token } = watch.listing;
  let pages = 0;
  const seen = () => {
    const all = [...found.values()];
    const instances = all.filter((instance) => instance.owner === watch.owner);
    return {
      startedAt,
      pages,
      instances,
      strangers: strangersAmong([...all, ...odd], watch),
      unread: unreadAmong(odd, watch),
    };
  };
  const partial = (hole: Hole | null, next: string | null): Listing => ({
    kind: "partial",
    ...seen(),
    hole,
    next,
  });

  while (pages < watch.listing.pagesMax && deps.clock.now() - startedAt < LISTING_LIMIT_MS) {
    const result = await call(look, "list", () => getInstances(deps, look.site, token));
    // A token that AWS does not take any more is no place to go on from.
    if (result.kind === "rejected") return partial(toHole(result), null);
    if (result.kind !== "done") return partial(toHole(result), token);

    pages += 1;
    const { instances, nextPageToken } = result.value;
    for (const instance of instances) found.set(instance.arn, instance);
    odd.push(...result.value.odd);
    if (nextPageToken === null) return { kind: "complete", ...seen() };
    if (tokens.has(nextPageToken)) {
      return partial(malformed("GetInstances repeats a page token"), null);
    }
    tokens.add(nextPageToken);
    token = nextPageToken;
  }
  return partial(null, token);
}

/**
 * What is named as this fleet names its instances, and is not its own: nobody's, or claimed for a fleet of
 * this deployment, which has no such name in its ledger. What carries another owner is somebody's.
 */
function strangersAmong(
  instances: readonly (CloudInstance | OddInstance)[],
  watch: Watch,
): Stranger[] {
  const prefix = `${watch.fleet}-`;
  const deployment = watch.owner.slice(0, watch.owner.indexOf("/") + 1);
  const isNobodys = (owner: string | null): boolean =>
    owner === null || (owner !== watch.owner && owner.startsWith(deployment));
  const looksOurs = (name: string): boolean =>
    name.startsWith(prefix) && /^[a-z0-9]{6}-\d+$/.test(name.slice(prefix.length));
  return instances
    .flatMap(({ name, arn, owner }): Stranger[] => {
      if (name === null || arn === null || owner === undefined) return [];
      return isNobodys(owner) && looksOurs(name) ? [{ name, arn, owner }] : [];
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .slice(0, STRANGERS_MAX);
}

/** Whose tags say that they are not ours are skipped, whatever else of them cannot be read. */
function unreadAmong(odd: readonly OddInstance[], watch: Watch): UnreadInstance[] {
  return odd
    .filter(({ owner }) => owner === undefined || owner === watch.owner)
    .map(({ name, arn, owner, what }) => ({ name, arn, isClaimed: owner !== undefined, what }));
}

/** One instance by its name, no matter who owns it: a name that is somebody else's must be known as such. */
async function lookUp(look: Look, name: string): Promise<LookUp> {
  const startedAt = look.deps.clock.now();
  const result = await call(look, "list", () => getInstance(look.deps, look.site, name));
  if (result.kind === "done") return lookedUp(look.watch, name, result.value);
  if (result.kind === "rejected" && result.rejection === "notFound") {
    return { kind: "absent", name, startedAt };
  }
  return { kind: "hole", name, hole: toHole(result) };
}

/** What became of an operation that should have made a server. */
async function ask(
  look: Look,
  { name, id }: { readonly name: string; readonly id: string },
): Promise<OperationReading> {
  const result = await call(look, "list", () => getOperation(look.deps, look.site, id));
  if (result.kind !== "done") return { kind: "hole", name, id, hole: toHole(result) };
  return result.value === null
    ? { kind: "open", name, id }
    : { kind: "failed", name, id, ...result.value };
}

function lookedUp({ owner }: Watch, name: string, seen: ReadInstance): LookUp {
  if ((seen.kind === "read" ? seen.instance : seen).name !== name) {
    return { kind: "hole", name, hole: malformed("GetInstance answered with another instance") };
  }
  if (seen.kind === "read") return { kind: "found", name, instance: seen.instance };
  if (seen.owner !== undefined && seen.owner !== owner) {
    return { kind: "foreign", name, arn: seen.arn, owner: seen.owner };
  }
  return { kind: "hole", name, hole: malformed(`GetInstance gives ${name} oddly: ${seen.what}`) };
}

/** The tag's value; missing only where every page lacks it. */
async function readTag(look: Look): Promise<TagReading> {
  const { deps, watch, site } = look;
  const { tag } = watch;
  if (tag === null) return { kind: "none" };

  const at = deps.clock.now();
  const pageAt = (nextToken: string | null): Promise<Result<TagPage>> =>
    call(look, "ec2", () => describeTags(deps, site, tag, nextToken));

  let token: string | null = null;
  for (let page = 0; page < TAG_PAGES_MAX; page += 1) {
    const result = await pageAt(token);
    if (result.kind !== "done") return { kind: "hole", hole: toHole(result) };

    const { value } = result.value;
    if (value !== null) return { kind: "value", value, at };
    if (result.value.nextToken === null) return { kind: "missing", at };
    token = result.value.nextToken;
  }
  return {
    kind: "hole",
    hole: malformed(`DescribeTags has no end after ${TAG_PAGES_MAX} pages`),
  };
}

/** Every page or nothing: with a part of the prices the rest would seem not to be sold. */
async function readBundles(look: Look): Promise<BundlesReading> {
  const { deps, watch, site } = look;
  if (!watch.bundles) return { kind: "none" };

  const at = deps.clock.now();
  const bundles: Bundle[] = [];
  const pageAt = (pageToken: string | null): Promise<Result<BundlePage>> =>
    call(look, "list", () => getBundles(deps, site, pageToken));

  let token: string | null = null;
  for (let page = 0; page < BUNDLE_PAGES_MAX; page += 1) {
    const result = await pageAt(token);
    if (result.kind !== "done") return { kind: "hole", hole: toHole(result) };

    bundles.push(...result.value.bundles);
    if (result.value.nextPageToken === null) return { kind: "read", at, bundles };
    token = result.value.nextPageToken;
  }
  return {
    kind: "hole",
    hole: malformed(`GetBundles has no end after ${BUNDLE_PAGES_MAX} pages`),
  };
}

async function call<T>(look: Look, lane: Lane, work: () => Promise<Result<T>>): Promise<Result<T>> {
  const { result, report } = await look.lanes.call(lane, null, look.site.signal, work);
  if (report !== null) look.calls.push(report);
  return result;
}

function malformed(detail: string): Hole {
  return { why: "malformed", rejection: null, detail };
}
