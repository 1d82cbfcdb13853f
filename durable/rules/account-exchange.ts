/**
 * The answer to a report: the account learns from it, takes back what the fleet has not spent, and hands
 * out tokens anew. Fleets that want calls share what is in hand and what flows in.
 */
import type { Account, Asker, Part, Reply, Report } from "./account.ts";
import { learnFrom, madeSince } from "./account-learning.ts";
import { BUCKETS, type BucketName, type Budget, LANES, namesOf } from "./budget.ts";
import { type Claim, CLAIM_LIFE_MS, type Grant, grantOf, roomier, withTokens } from "./shares.ts";
import { rememberedBucket } from "./token-bucket.ts";
import type { CallReport } from "./world.ts";

/** A fleet asks once a minute at the least: one that was silent for longer is not there. */
const PRESENT_MS = 150_000;
const FORGOTTEN_MS = 86_400_000;

/** Learns from a report, and answers it. */
export function exchange(
  account: Account,
  report: Report,
  now: number,
): { readonly account: Account; readonly reply: Reply } {
  const { fleet, wants } = report;
  const heardBefore = account.askers.get(fleet)?.heard ?? 0;
  const heard = Math.max(heardBefore, ...report.calls.map(({ tick }) => tick));
  const known = seeded(untilNow(account, now), report, now);
  const returned = withReturned(known, fleet, now);
  const learned = learnFrom(returned, report, now);
  const asker = learned.askers.get(fleet) ?? { heard, askedAt: now, wants, grants: {} };
  const rivals = [...learned.askers].flatMap(([name, each]) => (name === fleet ? [] : each));
  const made = madeSince(report, heardBefore);
  const claims = { asker: { ...asker, wants }, made, rivals };
  const { grants, parts, buckets } = partsOf(learned.budget, claims, now);
  const askers = new Map(learned.askers);
  for (const [name, { askedAt }] of askers) if (now - askedAt > FORGOTTEN_MS) askers.delete(name);
  askers.set(fleet, { heard, askedAt: now, wants, grants });
  const others = rivals.filter(({ askedAt }) => isWithin(askedAt, PRESENT_MS, now)).length;
  const budget = { ...learned.budget, buckets };
  return {
    account: { ...learned, budget, askers },
    reply: { heard, answeredAt: now, apart: budget.apart, others, parts },
  };
}

/** The account's clock may have been set back: nothing that it knows is of a later moment than now. */
function untilNow(account: Account, now: number): Account {
  const buckets = { ...account.budget.buckets };
  for (const name of BUCKETS) {
    const { levelAt, refusedAt } = buckets[name];
    if (levelAt <= now && (refusedAt ?? 0) <= now) continue;
    const refused = refusedAt === null ? null : Math.min(now, refusedAt);
    buckets[name] = { ...buckets[name], levelAt: Math.min(now, levelAt), refusedAt: refused };
  }
  const refusals = new Map([...account.refusals].filter(([, { at }]) => at <= now));
  return { ...account, refusals, budget: { ...account.budget, buckets } };
}

/** Tokens come back that the asker did not report as spent yet, and those of fleets that fell silent. */
function withReturned(account: Account, fleet: string, now: number): Account {
  const buckets = { ...account.budget.buckets };
  const askers = new Map(account.askers);
  for (const [name, asker] of askers) {
    const isSilent = !isWithin(asker.askedAt, CLAIM_LIFE_MS, now);
    if (name !== fleet && !isSilent) continue;
    for (const [key, { tokens }] of entriesOf(asker.grants))
      if (tokens > 0) buckets[key] = withTokens(buckets[key], tokens, now);
    const wants = isSilent ? {} : asker.wants;
    askers.set(name, { ...asker, wants, grants: spent(asker.grants) });
  }
  return { ...account, askers, budget: { ...account.budget, buckets } };
}

function spent(grants: Asker["grants"]): Asker["grants"] {
  const each = entriesOf(grants).map(([name, grant]) => [name, { ...grant, tokens: 0 }] as const);
  return Object.fromEntries(each);
}

function entriesOf(grants: Asker["grants"]): [BucketName, Grant][] {
  return Object.entries(grants) as [BucketName, Grant][];
}

function isWithin(at: number, ms: number, now: number): boolean {
  return Math.abs(now - at) < ms;
}

interface Claims {
  readonly asker: Asker;
  /** Calls that it has just reported. */
  readonly made: readonly CallReport[];
  readonly rivals: readonly Asker[];
}

function partsOf(budget: Budget, { asker, made, rivals }: Claims, now: number) {
  const grants: Partial<Record<BucketName, Grant>> = {};
  const parts: Partial<Record<BucketName, Part>> = {};
  const buckets = { ...budget.buckets };
  for (const name of BUCKETS) {
    const known = buckets[name];
    if (known.ratePerSecond === null) continue;
    const calls = made.filter(({ lane }) => namesOf(lane).includes(name)).length;
    const claim = { ...claimOn(name, asker), made: calls };
    const claims = rivals.map((rival) => claimOn(name, rival));
    const others = claims.reduce((sum, { wants }) => sum + wants, 0);
    const areSeveral = claim.wants > 0 && others > 0;
    const bucket = areSeveral ? roomier(known, claim.wants + others, now) : known;
    const grant = grantOf(bucket, claim, claims, now);
    parts[name] = { bucket, granted: grant.tokens, share: grant.share };
    // Nobody else wants them: the fleet learns by its own bucket.
    const isAlone = grant.share === 1;
    grants[name] = isAlone ? { ...grant, tokens: 0 } : grant;
    buckets[name] = isAlone ? bucket : withTokens(bucket, -grant.tokens, now);
  }
  return { grants, parts, buckets };
}

function claimOn(name: BucketName, { wants, grants }: Pick<Asker, "wants" | "grants">): Claim {
  const lanes = LANES.filter((lane) => namesOf(lane).includes(name));
  const sum = lanes.reduce((all, lane) => all + (wants[lane] ?? 0), 0);
  return { wants: sum, grant: grants[name] ?? null, made: 0 };
}

/** Buckets of which the account knows nothing begin with what a fleet knows. */
function seeded(account: Account, { known, sentAt }: Report, now: number): Account {
  const { buckets, apart } = account.budget;
  const news = (known?.records ?? []).filter(({ name }) => buckets[name].ratePerSecond === null);
  if (known === null || news.length === 0) return account;
  const isFirst = BUCKETS.every((name) => buckets[name].ratePerSecond === null);
  const next = { ...buckets };
  for (const record of news) {
    const refusedAt = Math.min(now, record.refusedAt + now - sentAt);
    next[record.name] = rememberedBucket({ ...record, refusedAt }, now);
  }
  const budget = { ...account.budget, buckets: next, apart: isFirst ? known.apart : apart };
  return { ...account, budget };
}
