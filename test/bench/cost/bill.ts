/**
 * What Lightfleet costs a month on Cloudflare's Workers Paid plan, from what it uses. Prices are of
 * Cloudflare's pages of November 2026; the usage that the plan includes is for the whole account.
 */

/** What one fleet uses in a month. */
export interface Usage {
  readonly workerRequests: number;
  readonly objectRequests: number;
  /** Seconds in which an object is active or waits, times the 0.128 GB that each is billed. */
  readonly gigabyteSeconds: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly cpuMs: number;
}

interface Price {
  readonly included: number;
  /** US dollars for each million beyond. */
  readonly perMillion: number;
}

const PLAN_USD = 5;
const MILLION = 1_000_000;
const PRICES: Readonly<Record<keyof Usage, Price>> = {
  workerRequests: { included: 10 * MILLION, perMillion: 0.3 },
  objectRequests: { included: MILLION, perMillion: 0.15 },
  gigabyteSeconds: { included: 400_000, perMillion: 12.5 },
  rowsRead: { included: 25_000 * MILLION, perMillion: 0.001 },
  rowsWritten: { included: 50 * MILLION, perMillion: 1 },
  cpuMs: { included: 30 * MILLION, perMillion: 0.02 },
};
const UNITS = Object.keys(PRICES) as (keyof Usage)[];

export interface Bill {
  /** Fractions of a million are billed as such. */
  readonly usd: number;
  /** Each million that is begun is billed whole. */
  readonly usdByStartedMillions: number;
}

/** The bill of an account with so many fleets of this usage, and nothing else. */
export function billOf(usage: Usage, fleets: number): Bill {
  let usd = PLAN_USD;
  let usdByStartedMillions = PLAN_USD;
  for (const unit of UNITS) {
    const { included, perMillion } = PRICES[unit];
    const millions = Math.max(0, usage[unit] * fleets - included) / MILLION;
    usd += millions * perMillion;
    usdByStartedMillions += Math.ceil(millions) * perMillion;
  }
  return { usd, usdByStartedMillions };
}

/** What one tick uses, as it was measured. */
export interface PerTick {
  /** From the alarm to the end of the tick. */
  readonly seconds: number;
  /** Of the shards together, in which each is active. */
  readonly shardSeconds: number;
  readonly shards: number;
  readonly cpuMs: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

const DAYS = 30;
const TICK_SECONDS = 5;
const GIGABYTES = 0.128;
/** The cron visits each fleet every minute, and is a request of the Worker. */
const CRONS = (DAYS * 86_400) / 60;
/** The fleet registers with the directory every 60 ticks. */
const REGISTERS_PER_TICK = 1 / 60;

/** A month of such ticks. Requests of people and programs at the API are not in it. */
export function usageOf(tick: PerTick): Usage {
  const ticks = (DAYS * 86_400) / TICK_SECONDS;
  return {
    workerRequests: CRONS,
    objectRequests: ticks * (1 + tick.shards + REGISTERS_PER_TICK) + CRONS,
    gigabyteSeconds: ticks * (tick.seconds + tick.shardSeconds) * GIGABYTES,
    rowsRead: ticks * tick.rowsRead,
    rowsWritten: ticks * tick.rowsWritten,
    cpuMs: ticks * tick.cpuMs,
  };
}
