/** A clock in milliseconds since the epoch. The model reads no other. */
export type Now = () => number;

/**
 * A clock that starts at the real time and then runs `speed` times as fast.
 * The embedded AWS, its bill and its throttles follow it; signatures are always checked against real time.
 */
export function scaledClock(speed: number, realNow: Now): Now {
  const startedAt = realNow();
  return () => startedAt + (realNow() - startedAt) * speed;
}
