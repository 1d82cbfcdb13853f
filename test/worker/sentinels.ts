/** Every setting that the Worker reads, filled with a value that is found wherever it appears. */
import { parseConfig } from "../../worker/env.ts";

/** Settings that have a form of their own. */
const FORMS: Readonly<Record<string, string>> = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  OPERATOR_TOKEN: "alice:sentinel-of-OPERATOR_TOKEN",
  VIEWER_TOKEN: "sentinel-of-VIEWER_TOKEN,bob:sentinel-of-bob-the-viewer",
  ACCESS_TEAM_DOMAIN: "example.cloudflareaccess.com",
  ACCESS_AUD: "a".repeat(64),
  ACCESS_ROLE: "viewer",
  ACCESS_OPERATORS: "olga@example.org",
  DEPLOYMENT: "default",
  PUBLIC_URL: "https://fleet.example.org",
  SLACK_WEBHOOK_URL: "https://hooks.example.org/sentinel-SLACK_WEBHOOK_URL",
  HEARTBEAT_URL: "https://watchdog.example.org/sentinel-HEARTBEAT_URL",
  TICK_MS: "5000",
  PROBE_VIA: "127.0.0.1:4567",
  REQUESTS_PER_SECOND: "100",
};

/** The names that the Worker asks its environment for, whatever its own lists say. */
export function settingNames(): string[] {
  const names = new Set<string>();
  const env = new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, name) => {
        if (typeof name === "string" && /^[A-Z]/u.test(name)) names.add(name);
        return undefined;
      },
    },
  );
  parseConfig(env);
  return [...names];
}

/** All settings, and two secrets of specs. A new setting with a form of its own needs its line above. */
export function sentinels(): Record<string, string> {
  const own = settingNames().map((name) => [name, FORMS[name] ?? `sentinel-${name}`] as const);
  return {
    ...Object.fromEntries(own),
    PROBE_TOKEN: "sentinel-PROBE_TOKEN",
    DRAIN_KEY: "sentinel-DRAIN_KEY",
  };
}
