/**
 * `npm run bench -- load`: Lightfleet's status and leases on local workerd, beside a Worker that only says hello
 * and a Durable Object that only writes a row, on the same machine in the same run. One JSON line for
 * each round, then one with the medians.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { FLEET } from "../stack/spec.ts";
import { median, quantile, rounded } from "./figures.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import {
  type Answer,
  arrive,
  ask,
  type Measured,
  saturate,
  saturateByTurns,
  type Target,
  targetAt,
} from "./load.ts";
import { machine } from "./machine.ts";
import { startHello } from "./worker.ts";

const INSTANCES = 100;
const ROUNDS = 5;
const SECONDS = 4;
const SLICES = 8;
const NOTHING: Measured = { rate: Number.NaN, latenciesMs: [] };
/** Enough to keep one thread busy, and few enough that the wait is not for each other alone. */
const AT_ONCE = 8;
/** Of leases with their releases: as a fleet has in its busiest minutes, and what is asked for. */
const CALM_PER_SECOND = 20;
const BUSY_PER_SECOND = 200;
/** The first seconds are the compiler's. */
const WARM_UP_SECONDS = 3;

/** The status of a lease that cannot be given. */
const NO_SPARE = 409;

const leased = z.object({ leases: z.array(z.object({ id: z.string() })).length(1) });

type Figures = Readonly<Record<string, number>>;

const undo: (() => Promise<void>)[] = [];
try {
  await run();
} finally {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
}

async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "lightfleet-bench-"));
  undo.push(async () => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const hello = await startHello(folder);
  undo.push(hello.close);
  const fleet = await startFleet(folder, INSTANCES, undo);
  const works = worksOf(targetAt(hello.port, ""), fleet);

  tell(machine("load"));
  await warmUp(works);
  const rounds: Figures[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const figures = await measure(works);
    tell({ round, load: loadavg()[0] ?? 0, ...figures });
    rounds.push(figures);
  }
  const names = Object.keys(rounds[0] ?? {});
  const medians = names.map((name) => [name, median(rounds.map((one) => one[name] ?? 0))] as const);
  tell({
    medianOf: ROUNDS,
    ...Object.fromEntries(medians.map(([name, it]) => [name, rounded(it)])),
  });
}

interface Works {
  readonly hello: () => Promise<unknown>;
  /** One row, written by an object that does nothing else. */
  readonly write: () => Promise<unknown>;
  readonly status: () => Promise<unknown>;
  /** Takes a slot and gives it back; false where none was left. */
  readonly lease: () => Promise<boolean>;
}

function worksOf(hello: Target, { port, token }: Fleet): Works {
  const fleet = targetAt(port, token);
  const path = `/v1/fleets/${FLEET}`;
  return {
    hello: async () => good(await ask(hello, { method: "GET", path: "/" })),
    write: async () => good(await ask(hello, { method: "POST", path: "/rows" })),
    status: async () => good(await ask(fleet, { method: "GET", path })),
    lease: async () => {
      const given = await ask(fleet, { method: "POST", path: `${path}/leases`, body: "{}" });
      // All slots are taken where releases come too late: that is overload, and told as such.
      if (given.status === NO_SPARE) return false;
      const [lease] = leased.parse(JSON.parse(good(given))).leases;
      good(await ask(fleet, { method: "DELETE", path: `${path}/leases/${lease?.id}` }));
      return true;
    },
  };
}

/** Errors are answered faster than work is done: a benchmark of them would say nothing. */
function good({ status, text }: Answer): string {
  if (status < 200 || status >= 300) throw new Error(`it was answered ${status}: ${text}`);
  return text;
}

async function warmUp({ hello, write, status, lease }: Works): Promise<void> {
  const full = { atOnce: AT_ONCE, seconds: WARM_UP_SECONDS };
  for (const work of [hello, write, status, lease]) await saturate(work, full);
}

async function measure({ hello, write, status, lease }: Works): Promise<Figures> {
  const full = { atOnce: AT_ONCE, seconds: SECONDS, slices: SLICES };
  const [greeted = NOTHING, told = NOTHING] = await saturateByTurns([hello, status], full);
  const [written = NOTHING, leases = NOTHING] = await saturateByTurns([write, lease], full);
  return {
    ...figuresOf("hello", greeted),
    ...figuresOf("status", told),
    statusToHello: rounded(told.rate / greeted.rate),
    ...figuresOf("write", written),
    ...figuresOf("lease", leases),
    // Taking and giving back are a write each.
    leaseToWrite: rounded((2 * leases.rate) / written.rate),
    ...(await measurePaced({ write, lease }, CALM_PER_SECOND)),
    ...(await measurePaced({ write, lease }, BUSY_PER_SECOND)),
  };
}

/** Leases that come whether or not those before were given, beside two bare writes that come so. */
async function measurePaced(
  { write, lease }: Pick<Works, "write" | "lease">,
  perSecond: number,
): Promise<Figures> {
  let refused = 0;
  const paced = { perSecond, seconds: SECONDS };
  const bare = await arrive(async () => {
    await write();
    await write();
  }, paced);
  const given = await arrive(async () => {
    if (!(await lease())) refused += 1;
  }, paced);
  return {
    ...figuresOf(`twoWritesAt${perSecond}`, bare),
    ...figuresOf(`leaseAt${perSecond}`, given),
    [`leasesRefusedAt${perSecond}`]: refused,
  };
}

function figuresOf(name: string, { rate, latenciesMs }: Measured): Figures {
  return {
    [`${name}PerSecond`]: rounded(rate),
    [`${name}P50Ms`]: rounded(quantile(latenciesMs, 0.5)),
    [`${name}P99Ms`]: rounded(quantile(latenciesMs, 0.99)),
  };
}

function tell(line: object): void {
  console.log(JSON.stringify({ bench: "load", ...line }));
}
