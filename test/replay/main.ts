/** `npm run replay`: what other policies would have refused and cost on demand of the past. */
import { readFile } from "node:fs/promises";
import { usdOfHours } from "../../durable/rules/spend.ts";
import { UsageError } from "../aws/command-line.ts";
import { readDemand } from "./csv.ts";
import { replay } from "./fleet.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { sessionsOf } from "./sessions.ts";

try {
  const args = process.argv.slice(2);
  if (args.includes("--help")) console.log(USAGE);
  else await run(readOptions(args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function run(options: Options): Promise<void> {
  const { file, policies, slo, usdPerMonth, meanSeconds, json, setting } = options;
  const { sessions, until } = sessionsOf(readDemand(file, await textOf(file)), {
    meanSeconds,
    seed: setting.seed,
  });
  if (setting.from >= until)
    throw new UsageError(`--from leaves nothing to judge: ${file} ends ${until / 86_400} days in.`);
  for (const { name, policy } of policies) {
    const result = replay(sessions, { ...setting, policy, until });
    const share = result.starts === 0 ? 0 : result.refused / result.starts;
    const keepsSlo = share <= slo;
    const usd = usdOf(result.billedHours, usdPerMonth);
    if (json) console.log(JSON.stringify({ policy: name, share, keepsSlo, ...result, usd }));
    else
      console.log(
        `${name}: refused ${(share * 100).toFixed(3)} % of ${result.starts} (${keepsSlo ? "keeps" : "breaks"} ${slo * 100} %), ` +
          `${result.hours.toFixed(0)} hours, ${result.billedHours} begun, ${result.launches} launches, $${usd.toFixed(2)}`,
      );
  }
}

/** Lightsail bills begun hours. No server of a fleet that comes and goes reaches the monthly price, so each hour costs its part. */
function usdOf(hours: number, usdPerMonth: number): number {
  return hours * usdOfHours(1, usdPerMonth);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `Could not read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
