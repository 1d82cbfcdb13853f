/** What the API is given, and what it tells: the only way in and out of this folder. */
import type { Context } from "hono";
import type { Asked, DirectoryApi, FleetApi } from "../../durable/rules/views.ts";
import type { Page } from "../dashboard/page.ts";
import type { AccessJudge } from "./access.ts";
import type { Doctor } from "../doctor/doctor.ts";
import type { Caller, Token } from "./auth.ts";
import type { Refusals } from "./refusals.ts";
import type { RecentHealth } from "./recent-health.ts";
import type { Stopwatch } from "./timing.ts";

export interface ApiDeps {
  readonly tokens: readonly Token[];
  /** What is wrong with the settings, each in a sentence that everybody may read. */
  readonly settingsProblems: readonly string[];
  /** Who Cloudflare Access says is there; null where it is not configured. */
  readonly access: AccessJudge | null;
  /** A fleet that is not there yet is made near the AWS region, where one is named. */
  readonly fleet: (name: string, region?: string) => FleetApi;
  readonly directory: () => DirectoryApi;
  /** Looks at AWS and at one server, and changes nothing. */
  readonly doctor: Doctor;
  /** Why a launch script cannot be filled in with the Worker's secrets; null where it can. */
  readonly scriptProblem: (script: string) => string | null;
  /** What people look at: the one part that needs no token and is no JSON. */
  readonly page: Page;
  /** How many requests one token may make in a second, for long. */
  readonly requestsPerSecond: number;
  /** What was refused, for operators. */
  readonly refusals: Refusals;
  /** What strangers hear of the fleets' health. */
  readonly recentHealth: RecentHealth;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: (entry: LogEntry) => void;
}

/** What the API is given; the rest it makes itself. */
export type ApiPorts = Omit<ApiDeps, "refusals" | "recentHealth">;

/** One structured line. The path comes without its query, and no header and no body is ever part of it. */
export type LogEntry =
  | {
      readonly event: "request";
      readonly requestId: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly durationMs: number;
      readonly actor: string | null;
      /** Where a request came from that was refused; null for others. */
      readonly address: string | null;
      readonly error: string | null;
    }
  | { readonly event: "fleet.unreachable"; readonly fleet: string; readonly error: string };

export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Who asks; null on the open paths. */
    caller: Caller | null;
    /** Counts the waiting for objects. */
    stopwatch: Stopwatch;
    /** The Content-Security-Policy of this reply, where it is not that of all. */
    policy: string | null;
    /** What went wrong inside, for the log alone. */
    failure: string | null;
  };
}

export type Call = Context<ApiEnv>;

export type Handler = (c: Call, deps: ApiDeps) => Response | Promise<Response>;

/** One call on one fleet: the name is valid, the fleet may not exist. */
export interface FleetCall {
  readonly name: string;
  readonly fleet: FleetApi;
  readonly asked: Asked;
  readonly deps: ApiDeps;
}
