import type { Blueprint, Bundle } from "./catalogue.ts";
import type { PortRule } from "./firewall.ts";
import type { Timing } from "./options.ts";
import type { Tag } from "./tags.ts";
import type { Timeline } from "./timeline.ts";

/** The states that Lightsail shows, with their codes. Codes other than 16 follow EC2's (inferred). */
export const STATE_CODES = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  stopping: 64,
  stopped: 80,
} as const;

export type InstanceState = keyof typeof STATE_CODES;

/** How an instance stands: what the API shows of it, and whether the machine itself is up. */
export interface Power {
  readonly state: InstanceState | "gone";
  /** The address it has, or had last. */
  readonly address: string;
  /** Whether the API shows that address. */
  readonly isAddressShown: boolean;
  /** Whether software on it can run: false while it reboots, though the API says running. */
  readonly isUp: boolean;
}

export interface Instance {
  readonly seq: number;
  readonly name: string;
  readonly region: string;
  readonly zone: string;
  readonly arn: string;
  readonly supportCode: string;
  readonly createdAt: number;
  readonly blueprint: Blueprint;
  readonly bundle: Bundle;
  readonly userData: string;
  readonly keyPair: string;
  readonly ipAddressType: "dualstack" | "ipv4";
  readonly privateIp: string;
  readonly ipv6Addresses: readonly string[];
  readonly power: Timeline<Power>;
  readonly tags: Timeline<readonly Tag[]>;
  readonly firewall: Timeline<readonly PortRule[]>;
  /** When a delete call on it was accepted. */
  deletedAt: number | null;
}

/** What becomes of a boot. */
export type BootFate =
  | { readonly kind: "boots"; readonly bootMs?: number | undefined }
  | { readonly kind: "never" }
  | {
      readonly kind: "fails";
      readonly afterMs: number;
      readonly code: string;
      readonly details: string;
    }
  | { readonly kind: "vanishes"; readonly afterMs: number };

/** Writes a boot into the future of `power`. Returns when its operation ends, and how. */
export function planBoot(
  power: Timeline<Power>,
  address: string,
  at: number,
  timing: Timing,
  jitterMs: number,
  fate: BootFate,
): { endsAt: number; failure: { code: string; details: string } | null } {
  const off = { address, isAddressShown: false, isUp: false };
  power.set(at, { state: "pending", ...off });
  if (fate.kind === "never") return { endsAt: Infinity, failure: null };
  if (fate.kind === "fails") {
    power.plan(at + fate.afterMs, { state: "gone", ...off });
    return { endsAt: at + fate.afterMs, failure: { code: fate.code, details: fate.details } };
  }
  const bootMs = (fate.kind === "boots" ? fate.bootMs : undefined) ?? timing.bootMs;
  const runningAt = at + bootMs + jitterMs;
  const shownAt = runningAt + timing.addressLagMs;
  const goneAt = fate.kind === "vanishes" ? at + fate.afterMs : Infinity;
  if (runningAt < goneAt) power.plan(runningAt, { state: "running", ...off, isUp: true });
  if (shownAt < goneAt)
    power.plan(shownAt, { state: "running", address, isAddressShown: true, isUp: true });
  if (goneAt !== Infinity) power.plan(goneAt, { state: "gone", ...off });
  return { endsAt: runningAt, failure: null };
}

/** Whether it is there to be listed, named and counted at `at`. */
export function existsAt(instance: Instance, at: number): boolean {
  return instance.createdAt <= at && instance.power.at(at).state !== "gone";
}

/**
 * Until when it costs money, or null while it still does. Billing ends when the delete is accepted, or when the
 * instance is gone without one. (That the time of shutting down is free is unverified; EC2 does so.)
 */
export function billedUntil(instance: Instance, at: number): number | null {
  const goneSince = instance.power.since(at, (power) => power.state === "gone");
  const ends = [instance.deletedAt, goneSince].filter((end) => end !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}
