/** The badly behaved servers of `servers.ts`, for tests that cannot import it: it needs Node. */
export const NAMES = [
  "keepAlive",
  "chunked",
  "toTheEnd",
  "wrongName",
  "busy",
  "garbage",
  "silent",
  "drip",
  "huge",
  "reset",
  "hangsUp",
] as const;

export type BehaviourName = (typeof NAMES)[number];

/** What a probe of each badly behaved server must come to: sessions, or words of the hole. */
export const EXPECTED: Record<BehaviourName, number | RegExp> = {
  keepAlive: 2,
  chunked: 2,
  toTheEnd: 2,
  wrongName: /another's name/,
  busy: /HTTP 503/,
  garbage: /does not answer in HTTP/,
  silent: /no end within 0\.3 s/,
  drip: /no end within 0\.3 s/,
  huge: /body is over/,
  reset: /reset|lost|ended/i,
  hangsUp: /ended in the middle/,
};
