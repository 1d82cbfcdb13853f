/** The moment at which every test begins. */
export const NOW = 1_800_000_000_000;
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
