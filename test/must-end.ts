/**
 * A lost time limit must not hang a test until the limit of all tests, some minutes later. Work that a
 * clock of a test should end fails as soon as nothing can end it any more, and the failure says what waits.
 */

/** A clock that a test moves by hand. */
export interface StandingClock {
  /** Grows whenever time passes, and whenever a timer is set or called off. */
  readonly moves: () => number;
  /** The time, and the timers that are set: what could still end something. */
  readonly describe: () => string;
}

/** Tests may replace these two by clocks of their own. */
const { setInterval, clearInterval } = globalThis;
/** Turns of the event loop, so that a busy machine only makes them longer. */
const TURN_MS = 20;
/** What stands still may still wait for Node: it signs on another thread. */
const STANDING_TURNS = 100;
/** A real clock goes on by itself: here the limits of tests are below a second. */
const REAL_TURNS = 500;

/** What `work` gives. It throws when `what` waits, and `clock` stands still: only the test could move it. */
export async function mustEnd<Result>(
  work: Promise<Result>,
  what: string,
  clock: object,
): Promise<Result> {
  const { promise: stuck, reject } = Promise.withResolvers<never>();
  const standing = isStanding(clock) ? clock : REAL;
  const turnsMax = standing === REAL ? REAL_TURNS : STANDING_TURNS;
  let [turns, seen] = [0, standing.moves()];
  const timer = setInterval(() => {
    const moves = standing.moves();
    turns = moves === seen ? turns + 1 : 0;
    seen = moves;
    if (turns === turnsMax)
      reject(new Error(`nothing can end ${what} any more: ${standing.describe()}`));
  }, TURN_MS);
  try {
    return await Promise.race([work, stuck]);
  } finally {
    clearInterval(timer);
  }
}

/** The same functions; each promise that they give must end. */
export function endingBy<Port extends object>(port: Port, what: string, clock: object): Port {
  return new Proxy(port, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, given);
        return result instanceof Promise ? mustEnd(result, what, clock) : result;
      };
    },
  });
}

const REAL: StandingClock = {
  moves: () => 0,
  describe: () => `it has waited for ${(REAL_TURNS * TURN_MS) / 1_000} s of real time`,
};

function isStanding(clock: object): clock is StandingClock {
  return "moves" in clock && "describe" in clock;
}
