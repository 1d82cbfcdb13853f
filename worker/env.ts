/**
 * The settings of the Worker, parsed once. An empty string is the same as not set. What is wrong is
 * said by the name of the setting; a value is never repeated, for many of them are secrets.
 */
import { z } from "zod";
import type { Token } from "./api/auth.ts";
import { type AccessSettings, readAccess } from "./env-access.ts";
import { readTokens } from "./env-tokens.ts";
import { lookedUpAs } from "./secret-names.ts";

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface Config {
  readonly credentials: Credentials | null;
  /** What to do about missing credentials; null where there are some. */
  readonly credentialsAdvice: string | null;
  /** `AWS_ENDPOINT_URL`: all AWS services at that address. */
  readonly endpoint: string | null;
  readonly tokens: readonly Token[];
  /** Why tokens that are set open nothing, each in a sentence without the token. */
  readonly refusedTokens: readonly string[];
  /** Cloudflare Access in front of the Worker; null where it is not there, or not looked at. */
  readonly access: AccessSettings | null;
  readonly deployment: string;
  readonly publicUrl: string | null;
  /** Slack's incoming webhook: anyone who has it can write there, so it is a secret. */
  readonly slackWebhookUrl: string | null;
  /** Called after each good round of the cron, for a watchdog outside. */
  readonly heartbeatUrl: string | null;
  readonly tickMs: number | null;
  /** How many requests one token may make in a second, for long. */
  readonly requestsPerSecond: number;
  readonly probeVia: HostAndPort | null;
  /** The value of a Worker secret that a spec names, if it is one that may leave the Worker; or null. */
  secret(name: string): string | null;
  /** Values that nobody may read anywhere. */
  readonly secrets: readonly string[];
}

/** The settings contradict themselves or cannot be read; the message says which, and what to do. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("; "));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const DEPLOYMENT_DEFAULT = "default";
const TICK_MIN_MS = 10;
const TICK_MAX_MS = 60_000;
const REQUESTS_PER_SECOND = 100;

/** Settings that everybody may read. All others are secrets, known to the schema or not. */
const PUBLIC_NAMES: ReadonlySet<string> = new Set([
  "AWS_ENDPOINT_URL",
  "ACCESS_TEAM_DOMAIN",
  "ACCESS_AUD",
  "ACCESS_ROLE",
  "ACCESS_OPERATORS",
  "DEPLOYMENT",
  "PUBLIC_URL",
  "TICK_MS",
  "PROBE_VIA",
  "REQUESTS_PER_SECOND",
]);

/** A setting, trimmed: wrangler.toml may give a number, and an empty string is not set. */
const setting = z
  .union([z.string(), z.number()], { error: "must be a string" })
  .nullish()
  .transform((value) => {
    const text = String(value ?? "").trim();
    return text === "" ? null : text;
  });

/** What can stand in a header: the signer's own error would repeat the value. */
const VISIBLE = /^[\u0021-\u007e]+$/;
const credential = setting.refine((text) => text === null || VISIBLE.test(text), {
  error: "has spaces, line ends or characters that are not ASCII: set it again",
});

const Settings = z.object({
  AWS_ACCESS_KEY_ID: credential,
  AWS_SECRET_ACCESS_KEY: credential,
  AWS_SESSION_TOKEN: credential,
  AWS_ENDPOINT_URL: setting.refine((text) => text === null || isHttpUrl(text), {
    error: "must be an http or https URL without a query, such as http://127.0.0.1:4566",
  }),
  OPERATOR_TOKEN: setting,
  VIEWER_TOKEN: setting,
  DISPATCHER_TOKEN: setting,
  ACCESS_TEAM_DOMAIN: setting,
  ACCESS_AUD: setting,
  ACCESS_ROLE: setting,
  ACCESS_OPERATORS: setting,
  DEPLOYMENT: setting.refine((text) => text === null || /^[a-z0-9-]{1,32}$/.test(text), {
    error: "must be 1 to 32 lower-case letters, digits or hyphens",
  }),
  PUBLIC_URL: setting.refine((text) => text === null || isHttpUrl(text), {
    error: "must be an http or https URL without a query, such as https://fleet.example.org",
  }),
  SLACK_WEBHOOK_URL: setting.refine((text) => text === null || isSecretUrl(text), {
    error: "must be an https URL, such as Slack shows under Incoming Webhooks",
  }),
  HEARTBEAT_URL: setting.refine((text) => text === null || isSecretUrl(text), {
    error: "must be an https URL that answers a GET",
  }),
  TICK_MS: setting.refine((text) => text === null || isTickMs(text), {
    error: `must be a whole number of milliseconds, ${TICK_MIN_MS} to ${TICK_MAX_MS}`,
  }),
  REQUESTS_PER_SECOND: setting.refine((text) => text === null || /^[1-9]\d{0,5}$/.test(text), {
    error: "must be a whole number from 1 to 999999",
  }),
  PROBE_VIA: setting.refine((text) => text === null || parseHostAndPort(text) !== null, {
    error: "must be host:port, such as 127.0.0.1:4567",
  }),
});
type Settings = z.infer<typeof Settings>;

/**
 * The settings in `env` (bindings of other kinds are ignored). Missing credentials or tokens are no
 * error: the Worker still starts, and says what is missing where it is needed.
 * Throws ConfigError with one sentence for each setting that is wrong.
 */
export function parseConfig(env: unknown): Config {
  const parsed = Settings.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${issue.path.join(".") || "env"} ${issue.message}`),
    );
  }

  const settings = parsed.data;
  const access = readAccess(settings, isLoopback(settings.AWS_ENDPOINT_URL));
  const problems = [...access.problems, ...settingsForDevelopment(settings)];
  if (problems.length > 0) throw new ConfigError(problems);

  const { tokens, refused, secrets } = readTokens(settings, access.settings?.operators ?? []);
  return {
    ...readCredentials(settings),
    endpoint: settings.AWS_ENDPOINT_URL,
    tokens,
    refusedTokens: refused,
    access: access.settings,
    deployment: settings.DEPLOYMENT ?? DEPLOYMENT_DEFAULT,
    publicUrl: settings.PUBLIC_URL,
    slackWebhookUrl: settings.SLACK_WEBHOOK_URL,
    heartbeatUrl: settings.HEARTBEAT_URL,
    tickMs: settings.TICK_MS === null ? null : Number(settings.TICK_MS),
    requestsPerSecond: Number(settings.REQUESTS_PER_SECOND ?? REQUESTS_PER_SECOND),
    probeVia: settings.PROBE_VIA === null ? null : parseHostAndPort(settings.PROBE_VIA),
    secret: (name) => readSecret(env, name),
    secrets: secretsOf(env, secrets),
  };
}

/** Whether the AWS endpoint is this machine: only then may probes go to loopback addresses. */
export function isLoopback(endpoint: string | null): boolean {
  if (endpoint === null || !URL.canParse(endpoint)) return false;

  const host = new URL(endpoint).hostname;
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}

function readCredentials(settings: Settings): Pick<Config, "credentials" | "credentialsAdvice"> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (accessKeyId === null)
    return { credentials: null, credentialsAdvice: put("AWS_ACCESS_KEY_ID") };
  if (secretAccessKey === null) {
    return { credentials: null, credentialsAdvice: put("AWS_SECRET_ACCESS_KEY") };
  }
  const sessionToken = settings.AWS_SESSION_TOKEN;
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, credentialsAdvice: null };
}

function put(name: string): string {
  return `${name} is not set: run \`wrangler secret put ${name}\``;
}

/** Settings that turn a safeguard off, allowed only where AWS itself is an emulation. */
function settingsForDevelopment(settings: Settings): string[] {
  if (isLoopback(settings.AWS_ENDPOINT_URL)) return [];

  return (["TICK_MS", "PROBE_VIA"] as const)
    .filter((name) => settings[name] !== null)
    .map((name) => `${name} needs AWS_ENDPOINT_URL to be a loopback address: remove ${name}`);
}

function secretsOf(env: unknown, ofTokens: readonly string[]): string[] {
  const settings = z.record(z.string(), z.unknown()).safeParse(env);
  const secret = Object.entries(settings.success ? settings.data : {}).flatMap(([name, value]) =>
    typeof value === "string" && !PUBLIC_NAMES.has(name) ? [value.trim()] : [],
  );
  return [...new Set([...secret, ...ofTokens])].filter((value) => value !== "");
}

function readSecret(env: unknown, name: string): string | null {
  const settings = z.record(z.string(), z.unknown()).safeParse(env);
  if (!settings.success) return null;
  const isSet = (value: unknown): value is string => typeof value === "string" && value !== "";
  return (
    lookedUpAs(name)
      .map((each) => settings.data[each])
      .find(isSet) ?? null
  );
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;

  const { protocol, search, hash, username, password } = new URL(text);
  const plain = search === "" && hash === "" && username === "" && password === "";
  return (protocol === "http:" || protocol === "https:") && plain;
}

/** Its path is a secret: it goes over TLS, or stays on this machine. */
function isSecretUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;

  const { protocol, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(text));
}

function isTickMs(text: string): boolean {
  return /^\d{1,6}$/.test(text) && Number(text) >= TICK_MIN_MS && Number(text) <= TICK_MAX_MS;
}

function parseHostAndPort(text: string): HostAndPort | null {
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text);
  const [, host, digits] = match ?? [];
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) return null;

  return { host, port };
}
