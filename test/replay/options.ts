/** The command line of `npm run replay`. */
import { numberOf, UsageError, wholeOf } from "../aws/command-line.ts";
import { parseOptions } from "../bench/parse.ts";
import type { Policy, Setting } from "./fleet.ts";

const DAY = 86_400;

export const USAGE = `Replays demand of the past against Lightfleet's own rules, and counts refusals, hours and dollars.

Usage: npm run replay -- --file FILE --policy POLICY [--policy POLICY ...] [options]

  --file FILE        CSV of sessions (start,duration_s) or of counts for bins (timestamp,value)
  --policy POLICY    fixed:N or auto:SHARE, such as auto:0.1%; may be given several times
  --slo SHARE        of sessions that may be refused (default 1%)
  --from DAYS        days of training that are not judged (default 0)
  --capacity N       sessions of one server (default 1)
  --boot MIN,MAX     seconds from launch to ready, drawn evenly (default 60,180)
  --tick SECONDS     (default 30)
  --billing KIND     hour keeps a paid hour to its end, none releases at once (default none)
  --usd-month USD    price of a server for 744 hours (default 24)
  --duration SECONDS mean length of a session, for a CSV of counts (default 1200)
  --seed N           of the boots, and of what a CSV of counts leaves open (default 1)
  --json             one line of JSON for each policy
`;

const TEXT = { type: "string" } as const;
const OPTIONS = {
  file: TEXT,
  policy: { type: "string", multiple: true },
  slo: TEXT,
  from: TEXT,
  capacity: TEXT,
  boot: TEXT,
  tick: TEXT,
  billing: TEXT,
  "usd-month": TEXT,
  duration: TEXT,
  seed: TEXT,
  json: { type: "boolean" },
} as const;

export interface Options {
  readonly file: string;
  readonly policies: readonly { readonly name: string; readonly policy: Policy }[];
  readonly slo: number;
  readonly usdPerMonth: number;
  readonly meanSeconds: number;
  readonly json: boolean;
  readonly setting: Omit<Setting, "policy" | "until">;
}

/** @throws UsageError about the first option that makes no sense. */
export function readOptions(args: readonly string[]): Options {
  const given = parseOptions(args, OPTIONS);
  if (given.file === undefined) throw new UsageError("--file names the CSV to replay.");
  if (given.policy === undefined) throw new UsageError("--policy names what is to be tried.");
  const { billing = "none" } = given;
  if (billing !== "none" && billing !== "hour")
    throw new UsageError(`--billing must be none or hour, not "${billing}".`);
  return {
    file: given.file,
    policies: given.policy.map((name) => ({ name, policy: policyOf(name) })),
    slo: given.slo === undefined ? 0.01 : shareOf("--slo", given.slo),
    usdPerMonth: numberOf("--usd-month", given["usd-month"], 24, 0, 100_000),
    meanSeconds: numberOf("--duration", given.duration, 1200, 1, 30 * DAY),
    json: given.json ?? false,
    setting: {
      capacity: wholeOf("--capacity", given.capacity, 1, 1, 1000),
      bootSeconds: bootOf(given.boot),
      tickSeconds: wholeOf("--tick", given.tick, 30, 5, 60),
      billing,
      from: DAY * numberOf("--from", given.from, 0, 0, 3650),
      seed: wholeOf("--seed", given.seed, 1, 0, 2 ** 31),
    },
  };
}

function policyOf(text: string): Policy {
  const [kind, value = ""] = text.split(":");
  if (kind === "fixed") return { kind, spares: wholeOf(text, value, 0, 0, 10_000) };
  if (kind === "auto")
    return { kind, share: text === "auto" ? 0.01 : shareOf(`--policy ${text}`, value) };
  throw new UsageError(`--policy must be fixed:N or auto:SHARE, not "${text}".`);
}

function shareOf(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)%$/u.exec(text);
  if (match === null) throw new UsageError(`${name} needs a share such as 0.1%, not "${text}".`);
  return numberOf(name, match[1], 1, 0.001, 50) / 100;
}

function bootOf(text = "60,180"): [number, number] {
  const [min = "", max = "", ...rest] = text.split(",");
  if (rest.length > 0) throw new UsageError(`--boot must be MIN,MAX in seconds, not "${text}".`);
  const least = numberOf("--boot's MIN", min, 0, 1, 3600);
  return [least, numberOf("--boot's MAX", max, 0, least, 3600)];
}
