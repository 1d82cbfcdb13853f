/** The bugs of a quick check: of many kinds, each held by a test that takes a second. */
export const SHORT: ReadonlySet<string> = new Set([
  "backoff-is-never-reset",
  "calls-before-the-sync",
  "version-is-written-outside",
  "lease-renewed-for-milliseconds",
  "renewed-lease-is-unmarked",
  "own-secret-may-be-sent",
  "price-of-all-the-spares",
  "spent-metric-is-what-is-committed",
]);
