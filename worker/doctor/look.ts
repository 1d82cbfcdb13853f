/**
 * One look of the doctor's at AWS and at one server: reads alone, each once, all within a time limit.
 * What fails is a value. It does not share the fleet's learned call rates: it is run by hand, rarely.
 */
import type { Candidate } from "../../durable/rules/checkup-views.ts";
import { hasSchedule } from "../../durable/rules/schedule.ts";
import type { Spec, TagAddress } from "../../durable/rules/spec.ts";
import type { CloudInstance, Reading } from "../../durable/rules/world.ts";
import {
  type Blueprint,
  getBlueprints,
  getInstanceSnapshot,
  getKeyPair,
  getOffers,
  getZones,
  type Offer,
  type Page,
  type Snapshot,
  type Zone,
} from "../aws/catalogue.ts";
import type { CallSite } from "../aws/client.ts";
import { describeTags, hasAnyTag, mayCreateTag } from "../aws/ec2.ts";
import type { Failure, Result } from "../aws/errors.ts";
import { getInstance, getInstances, getOperation } from "../aws/lightsail.ts";
import { deadlineIn } from "../clock.ts";
import { probe } from "../health/probe.ts";
import type { EyesDeps } from "../observe.ts";
import { createSlots, type Slots } from "../slots.ts";

/** The API gives a request ten seconds. */
const LOOK_LIMIT_MS = 6_000;
/** Workers let six connections of one invocation wait at once; one is the probe's. */
const AWS_CONNECTIONS = 5;
const PAGES_MAX = 100;

/** Null where the spec does not name such a thing, so that it was not looked for. */
export interface Look {
  readonly instances: Result<readonly CloudInstance[]>;
  /** Of a name that is not there: `notFound` is the good answer. */
  readonly nobody: Result<unknown>;
  /** AWS's answer about an operation that there is not. */
  readonly operation: Result<unknown>;
  readonly offers: Result<readonly Offer[]>;
  readonly blueprints: Result<readonly Blueprint[]> | null;
  readonly snapshot: Result<Snapshot> | null;
  readonly zones: Result<readonly Zone[]>;
  readonly keyPair: Result<unknown> | null;
  readonly tag: Result<TagFound> | null;
  /** Whether the tag may be written; null where nobody would write it. */
  readonly tagWrite: Result<unknown> | null;
  readonly reading: Reading | null;
}

export interface TagFound {
  /** Null where the resource has no such tag. */
  readonly value: string | null;
  /** The resource has some tag, so that it is there. */
  readonly isThere: boolean;
}

type Lane = "lightsail" | "ec2";
type Ask = <T>(lane: Lane, work: () => Promise<Result<T>>) => Promise<Result<T>>;

export async function look(
  deps: EyesDeps,
  fleet: string,
  spec: Spec,
  candidate: Candidate | null,
): Promise<Look> {
  const deadline = deadlineIn(deps.clock, LOOK_LIMIT_MS);
  const { signal } = deadline;
  const site: CallSite = { region: spec.region, signal, notAfter: deadline.atMs };
  const ask = askerOf(createSlots(AWS_CONNECTIONS), signal);
  const lightsail = <T>(work: () => Promise<Result<T>>): Promise<Result<T>> =>
    ask("lightsail", work);
  try {
    const [instances, nobody, operation, offers, image, zones, keyPair, tags, reading] =
      await Promise.all([
        pagesOf(ask, (token) => instancesPage(deps, site, token)),
        // No server has such a name: the fleet's own end in a word and a number.
        lightsail(() => getInstance(deps, site, `${fleet}-doctor`)),
        lightsail(() => getOperation(deps, site, NO_OPERATION)),
        pagesOf(ask, (token) => getOffers(deps, site, token)),
        imageOf(deps, site, ask, spec),
        lightsail(() => getZones(deps, site)),
        keyPairOf(deps, site, ask, spec),
        tagsOf(deps, site, ask, spec),
        candidate === null ? null : probeOf(deps, candidate, signal),
      ]);
    return { instances, nobody, operation, offers, ...image, zones, keyPair, ...tags, reading };
  } finally {
    deadline.clear();
  }
}

/** AWS gives random ids of version 4; this is none. */
const NO_OPERATION = "00000000-0000-0000-0000-000000000000";

/** As the fleet asks it, which may be in another way than the spec says. */
async function probeOf(
  deps: EyesDeps,
  { name, address, health }: Candidate,
  signal: AbortSignal,
): Promise<Reading> {
  return probe(deps, { name, address, revision: 0 }, health, signal);
}

/** A lane that was throttled is left alone: more refusals would bring nothing. */
function askerOf(slots: Slots, signal: AbortSignal): Ask {
  const throttled = new Map<Lane, Failure>();
  return async (lane, work) => {
    const release = await slots.take(signal);
    if (release === null) return { kind: "unsent", message: "there was no time left for it" };
    try {
      const refused = throttled.get(lane);
      if (refused !== undefined) return refused;
      const result = await work();
      if (result.kind === "throttled") throttled.set(lane, result);
      return result;
    } finally {
      release();
    }
  };
}

async function pagesOf<T>(
  ask: Ask,
  pageAt: (token: string | null) => Promise<Result<Page<T>>>,
): Promise<Result<readonly T[]>> {
  const items: T[] = [];
  let token: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const at: string | null = token;
    const result: Result<Page<T>> = await ask("lightsail", () => pageAt(at));
    if (result.kind !== "done") return result;
    items.push(...result.value.items);
    token = result.value.nextPageToken;
    if (token === null) return { ...result, value: items };
  }
  return { kind: "malformed", message: `the list has no end after ${PAGES_MAX} pages` };
}

async function instancesPage(
  deps: EyesDeps,
  site: CallSite,
  token: string | null,
): Promise<Result<Page<CloudInstance>>> {
  const result = await getInstances(deps, site, token);
  if (result.kind !== "done") return result;
  const { instances, nextPageToken } = result.value;
  return { ...result, value: { items: instances, nextPageToken } };
}

async function imageOf(
  deps: EyesDeps,
  site: CallSite,
  ask: Ask,
  { image }: Spec,
): Promise<Pick<Look, "blueprints" | "snapshot">> {
  if ("snapshot" in image) {
    const work = () => getInstanceSnapshot(deps, site, image.snapshot);
    return { blueprints: null, snapshot: await ask("lightsail", work) };
  }
  return {
    blueprints: await pagesOf(ask, (token) => getBlueprints(deps, site, token)),
    snapshot: null,
  };
}

async function keyPairOf(
  deps: EyesDeps,
  site: CallSite,
  ask: Ask,
  { keyPair }: Spec,
): Promise<Look["keyPair"]> {
  return keyPair === null ? null : ask("lightsail", () => getKeyPair(deps, site, keyPair));
}

/** The tag is read first: what would be written is then what is there, should anybody take a dry run for a real one. */
async function tagsOf(
  deps: EyesDeps,
  site: CallSite,
  ask: Ask,
  spec: Spec,
): Promise<Pick<Look, "tag" | "tagWrite">> {
  const { tag: address, default: standard } = spec.spares;
  if (address === null) return { tag: null, tagWrite: null };
  const tag = await findTag(deps, site, ask, address);
  if (!hasSchedule(spec)) return { tag, tagWrite: null };
  const value = (tag.kind === "done" ? tag.value.value : null) ?? standard;
  return { tag, tagWrite: await ask("ec2", () => mayCreateTag(deps, site, address, value)) };
}

async function findTag(
  deps: EyesDeps,
  site: CallSite,
  ask: Ask,
  address: TagAddress,
): Promise<Result<TagFound>> {
  const page = await ask("ec2", () => describeTags(deps, site, address, null));
  if (page.kind !== "done") return page;
  const { value } = page.value;
  if (value !== null) return { ...page, value: { value, isThere: true } };
  const any = await ask("ec2", () => hasAnyTag(deps, site, address.resource));
  return any.kind === "done" ? { ...any, value: { value, isThere: any.value } } : any;
}
