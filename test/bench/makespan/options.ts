/** The command line of `npm run bench -- makespan`. */
import { availableParallelism } from "node:os";
import { numberOf, UsageError, wholeOf } from "../../aws/command-line.ts";
import { parseOptions } from "../parse.ts";
import { type Bucket, type Kind, KINDS } from "../virtual/buckets.ts";
import { BUCKETS, type Cell, type Client, CLIENTS } from "./cell.ts";

export interface MakespanOptions {
  readonly cells: readonly Cell[];
  readonly clients: readonly Client[];
  readonly seeds: readonly number[];
  readonly latencySpread: number;
  readonly limit: number;
  readonly threads: number;
  /** The fleet is retired after it has arrived; the calls of both are counted. */
  readonly retires: boolean;
  readonly json: boolean;
}

const SIZES = [1, 20, 100, 500, 1_000] as const;
const SERVERS_MAX = 10_000;
const SEED_MAX = 1_000_000_000;
const LIMIT = 5;

export const MAKESPAN_USAGE = `Fleets from nothing to their size, on a virtual clock, and the bound that an oracle reaches.

Usage: npm run bench -- makespan [options]

  --servers N       one size (default: each of ${SIZES.join(", ")})
  --bucket B,R      one bucket: B calls at once, R a second (default: each of four)
  --kind K          ${KINDS.join(", ")}: which calls draw on one bucket (default: shared and separate)
  --names M         as many names as one create call takes (default: no bound)
  --costly          refused calls take a token too (default: free and costly)
  --free            refused calls take none
  --client C        ${CLIENTS.join(", ")}, or all (default lightfleet)
  --seed S          the first seed: it draws the latencies, where they are spread, and the jitter (default 1)
  --seeds N         so many seeds, whose medians are shown (default 1)
  --spread X        each call takes 0.25 s, X of it more or less, as 0.2 (default 0)
  --retire          the fleet then retires all servers: calls for each instance
  --limit X         gives a run up after X times its bound (default ${LIMIT})
  --threads N       so many cells at once (default: one for each core)
  --json            one JSON line for each cell
`;

const OPTIONS = {
  servers: { type: "string" },
  bucket: { type: "string" },
  kind: { type: "string" },
  names: { type: "string" },
  costly: { type: "boolean", default: false },
  free: { type: "boolean", default: false },
  client: { type: "string", default: "lightfleet" },
  seed: { type: "string" },
  seeds: { type: "string" },
  retire: { type: "boolean", default: false },
  spread: { type: "string" },
  limit: { type: "string" },
  threads: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** @throws UsageError about the first option that makes no sense. */
export function readMakespanOptions(args: readonly string[]): MakespanOptions {
  const values = parseOptions(args, OPTIONS);
  const servers = values.servers;
  const sizes = servers === undefined ? SIZES : [wholeOf("--servers", servers, 1, 1, SERVERS_MAX)];
  const buckets = values.bucket === undefined ? BUCKETS : [bucketOf(values.bucket)];
  const kinds: readonly Kind[] =
    values.kind === undefined ? ["shared", "separate"] : [kindOf(values.kind)];
  const names =
    values.names === undefined
      ? {}
      : { namesPerCreate: wholeOf("--names", values.names, 1, 1, SERVERS_MAX) };
  const prices = [...(values.costly ? [] : [false]), ...(values.free ? [] : [true])];
  if (prices.length === 0) throw new UsageError("--costly and --free exclude each other.");
  return {
    cells: sizes.flatMap((servers) =>
      buckets.flatMap((bucket) =>
        kinds.flatMap((kind) =>
          prices.map((costly) => ({ servers, bucket, kind, costly, ...names })),
        ),
      ),
    ),
    clients: clientsOf(values.client),
    seeds: Array.from(
      { length: wholeOf("--seeds", values.seeds, 1, 1, 1_000) },
      (_, index) => index + wholeOf("--seed", values.seed, 1, 0, SEED_MAX),
    ),
    latencySpread: numberOf("--spread", values.spread, 0, 0, 1),
    limit: numberOf("--limit", values.limit, LIMIT, 1, 1_000),
    threads: wholeOf("--threads", values.threads, availableParallelism(), 1, 64),
    retires: values.retire,
    json: values.json,
  };
}

function bucketOf(text: string): Bucket {
  const [burst, perSecond, ...more] = text.split(",");
  if (more.length > 0 || perSecond === undefined)
    throw new UsageError(`--bucket must be B,R as in 5,0.5, not "${text}".`);
  return {
    burst: numberOf("--bucket's burst", burst, 1, 1, 100_000),
    perSecond: numberOf("--bucket's rate", perSecond, 1, 0.01, 100_000),
  };
}

function kindOf(text: string): Kind {
  const kind = KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new UsageError(`--kind must be one of ${KINDS.join(", ")}, not "${text}".`);
}

function clientsOf(text: string): readonly Client[] {
  if (text === "all") return CLIENTS;
  const client = CLIENTS.find((each) => each === text);
  if (client !== undefined) return [client];
  throw new UsageError(`--client must be one of ${CLIENTS.join(", ")} or all, not "${text}".`);
}
