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
  ProbeRequest,
  Reading,
  Stranger,
  TagReading,
  Watch,
} from "../durable/rules/world.ts";
import type { CallSite } from "./aws/client.ts";
import { type TagPage, describeTags } from "./aws/ec2.ts";
import { type Result, toHole } from "./aws/errors.ts";
import { type BundlePage, getBundles, getInstance, getInstances } from "./aws/lightsail.ts";
import { type Clock, deadlineIn } from "./clock.ts";
import type { Config } from "./env.ts";
import type { Send } from "./fetch.ts";
import { probe } from "./health/probe.ts";
import type { Transport } from "./health/transport.ts";
import { type Lanes, createLanes } from "./lanes.ts";
import { type Slots, createSlots } from "./slots.ts";

export interface EyesDeps {
  readonly config: Config;
  readonly fetch: Send;
  readonly clock: Clock;
  /** How probes reach an address: `tcpTransport` in the Workers runtime. */
  readonly transport: Transport;
}

/** A look is over after this, finished or not; the tick waits for it. */
const OBSERVE_LIMIT_MS = 4_000;

/**
 * Workers let six connections of one invocation wait at once, AWS calls and probes together, and
 * queue the rest unseen: a seventh would use up its time limit before it begins.
 */
const CONNECTIONS_MAX = 6;

/**
 * Of those, the ones kept for AWS in a look that asks it: the pages of a listing come one after the
 * other, and none of them must stand in a queue behind hundreds of silent servers.
 */
const AWS_CONNECTIONS = 2;

/** No page is asked for later than this in a look: it must be read before the look is over. */
const LISTING_LIMIT_MS = 2_500;

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
  readonly probeSlots: Slots;
  readonly calls: CallReport[];
}

export function createEyes(deps: EyesDeps): Eyes {
  return { observe: (watch) => observe(deps, watch) };
}

async function observe(deps: EyesDeps, watch: Watch): Promise<Observation> {
  const deadline = deadlineIn(deps.clock, OBSERVE_LIMIT_MS);
  const { signal } = deadline;
  const site = { region: watch.region, signal, notAfter: deadline.atMs };
  const asksAws =
    watch.listing !== null || watch.bundles || watch.tag !== null || watch.lookUps.length > 0;
  const look: Look = {
    deps,
    watch,
    site,
    lanes: createLanes(deps.clock, createSlots(AWS_CONNECTIONS)),
    probeSlots: createSlots(CONNECTIONS_MAX - (asksAws ? AWS_CONNECTIONS : 0)),
    calls: [],
  };

  try {
    const [listing, tag, bundles, lookUps, readings] = await Promise.all([
      list(look),
      readTag(look),
      readBundles(look),
      Promise.all(watch.lookUps.map((name) => lookUp(look, name))),
      Promise.all(watch.probes.map((request) => read(look, request))),
    ]);
    return { tick: watch.tick, listing, lookUps, readings, tag, bundles, calls: look.calls };
  } finally {
    deadline.clear();
  }
}

/** As many pages as asked for, or as fit into the look; the next look goes on where this one stops. */
async function list(look: Look): Promise<Listing> {
  const { deps, watch } = look;
  if (watch.listing === null) return { kind: "none" };

  const startedAt = deps.clock.now();
  // By ARN: an instance can move from one page to the next between two calls.
  const found = new Map<string, CloudInstance>();
  const unread = new Set<string>();
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
      strangers: strangersAmong(all, watch),
      unread: [...unread],
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
    for (const name of result.value.unread) unread.add(name);
    if (nextPageToken === null) return { kind: "complete", ...seen() };
    if (tokens.has(nextPageToken)) {
      return partial(malformed("GetInstances repeats a page token"), null);
    }
    tokens.add(nextPageToken);
    token = nextPageToken;
  }
  return partial(null, token);
}

/** What is named as this fleet names its instances, and is not its own. */
function strangersAmong(instances: readonly CloudInstance[], watch: Watch): Stranger[] {
  const prefix = `${watch.fleet}-`;
  const looksOurs = (name: string): boolean =>
    name.startsWith(prefix) && /^[a-z0-9]{6}-\d+$/.test(name.slice(prefix.length));
  return instances
    .filter(({ name, owner }) => owner !== watch.owner && looksOurs(name))
    .map(({ name, arn, owner }) => ({ name, arn, owner }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .slice(0, STRANGERS_MAX);
}

/** One instance by its name, whoever owns it: a name that is somebody else's must be known as such. */
async function lookUp(look: Look, name: string): Promise<LookUp> {
  const startedAt = look.deps.clock.now();
  const result = await call(look, "list", () => getInstance(look.deps, look.site, name));
  if (result.kind === "done" && result.value.name === name) {
    return { kind: "found", name, instance: result.value };
  }
  if (result.kind === "done") {
    return { kind: "hole", name, hole: malformed("GetInstance answered with another instance") };
  }
  if (result.kind === "rejected" && result.rejection === "notFound") {
    return { kind: "absent", name, startedAt };
  }
  return { kind: "hole", name, hole: toHole(result) };
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

/** One server's answer. Its moment is when the probe began, not when it was asked for. */
async function read(look: Look, request: ProbeRequest): Promise<Reading> {
  const { deps, watch, probeSlots, site } = look;
  const release = await probeSlots.take(site.signal);
  if (release === null) {
    const { name, revision } = request;
    const detail = "not asked: the look was over before its turn came";
    return { kind: "hole", name, revision, startedAt: deps.clock.now(), detail };
  }
  try {
    return await probe(deps, request, watch.health, site.signal);
  } finally {
    release();
  }
}

async function call<T>(look: Look, lane: Lane, work: () => Promise<Result<T>>): Promise<Result<T>> {
  const { result, report } = await look.lanes.call(lane, null, look.site.signal, work);
  if (report !== null) look.calls.push(report);
  return result;
}

function malformed(detail: string): Hole {
  return { why: "malformed", rejection: null, detail };
}
