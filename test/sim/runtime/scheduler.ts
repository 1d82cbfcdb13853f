/** The Workers runtime's `scheduler`, on the simulated clock. */
type Wait = (ms: number) => Promise<void>;

let current: Wait = () => {
  throw new Error("nobody has set the simulated clock");
};

/** From here on all who wait, wait on this clock. */
export function setWait(wait: Wait): void {
  current = wait;
}

export function installScheduler(): void {
  const scheduler = { wait: async (ms: number) => current(ms) };
  Object.defineProperty(globalThis, "scheduler", { value: scheduler, configurable: true });
}
