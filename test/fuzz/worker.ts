/** The Worker that is fuzzed: the one of `npm start`, with its embedded AWS and sessions that come and go. */
import { randomBytes } from "node:crypto";
import { dayRate } from "../aws/demand/rate.ts";
import { freePort } from "../stack/ports.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { type Actor, makeActors, settingsOf } from "./actors.ts";

const SPEED = 5;
const SESSIONS_PER_HOUR = 60;

export async function startTarget(
  signal: AbortSignal,
  onProblem: (sentence: string) => void,
): Promise<Stack & { readonly actors: readonly Actor[] }> {
  const token = randomBytes(16).toString("hex");
  const actors = makeActors(token);
  const stack = await startStack({
    token,
    settings: settingsOf(actors),
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
  return { ...stack, actors };
}
