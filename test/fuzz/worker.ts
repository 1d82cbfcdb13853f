/** The Worker that is fuzzed: the one of `npm start`, with its embedded AWS and sessions that come and go. */
import { dayRate } from "../aws/demand/rate.ts";
import { freePort } from "../stack/ports.ts";
import { type Stack, startStack } from "../stack/stack.ts";

const SPEED = 5;
const SESSIONS_PER_HOUR = 60;

export async function startTarget(
  signal: AbortSignal,
  onProblem: (sentence: string) => void,
): Promise<Stack> {
  return await startStack({
    speed: SPEED,
    target: 5,
    capacity: 1,
    awsPort: 0,
    port: await freePort(),
    seed: 1,
    rateFrom: () => dayRate({ sessionsPerHour: SESSIONS_PER_HOUR, seed: 1 }),
    signal,
    onProblem,
  });
}
