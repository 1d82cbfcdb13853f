/** What a dry run tells, and how servers are asked. */
import type { AskedBy } from "./model.ts";
import type { ScheduleBasis, ScheduleView, TargetView } from "./target-views.ts";
import type { BlockerView } from "./views.ts";

/** What a spec would do, were it applied now. Nothing was changed. */
export interface DryRun {
  readonly created: boolean;
  /** The spec differs from the one that is applied. */
  readonly changes: boolean;
  readonly firstTick: {
    readonly decision: string;
    readonly launch: number;
    readonly retire: number;
    readonly adopt: number;
    readonly blockers: readonly Omit<BlockerView, "since">[];
    /** What could not be looked at; null where everything was seen. */
    readonly unseen: string | null;
  };
  /** Servers that are outdated by it, and would be replaced. */
  readonly replaces: number;
  /** The servers that there are, by how they would be asked. */
  readonly asked: readonly AskedAlike[];
  /** Port ranges that are open now, or by Lightsail's default, and would be closed, such as `tcp 22`. */
  readonly closesPorts: readonly string[];
  /** What of the spec will not do what it seems to do, each in a sentence. */
  readonly warnings: readonly string[];
  readonly target: TargetView;
  /** With as many servers as after the first tick, at bundle prices; null where these are not known. */
  readonly usdPerMonth: number | null;
  readonly schedule: ScheduleView;
}

/** A dry run as the fleet gives it: the Worker makes the preview of the schedule. */
export interface DryRunBasis extends Omit<DryRun, "schedule"> {
  readonly schedule: ScheduleBasis;
}

/** How a server is asked for its sessions. */
export interface AskedView {
  /** As the spec says; as they were built, under an earlier spec; or so, with the spec's check tried besides. */
  readonly by: AskedBy;
  readonly port: number;
  readonly path: string;
  readonly sessionsPointer: string;
  /** The name of the header that goes with it. */
  readonly header: string | null;
  readonly host: string | null;
  /** Deletion waits for the server's own word that it drains. */
  readonly drain: boolean;
}

/** Servers that are asked alike. */
export interface AskedAlike extends AskedView {
  readonly servers: number;
}
