/**
 * I13, of operators' drains: the fleet takes back the drains for surplus only (where somebody protects it by
 * its tag, also those for replacement), and a server that is to be
 * held is not deleted when it is empty. Judged by what the ledger held before the commit.
 */
import type { SimEvent } from "../event.ts";
import type { Check, Truth } from "./invariant.ts";
import { incarnationOf, rowOf } from "./rows.ts";

type CommitEvent = Extract<SimEvent, { kind: "commit" }>;

export function operatorsDrainsStand(): Check {
  let incarnation: string | null = null;
  let reasons: ReadonlyMap<string, string> = new Map();
  return (event, truth) => {
    if (event.kind === "request") return unheld(event, truth);
    if (event.kind !== "commit") return null;
    const born = incarnationOf(truth);
    const before = born === incarnation ? reasons : new Map<string, string>();
    incarnation = born;
    reasons = reasonsOf(truth);
    return event.stage === "request" ? null : undone(event, before, truth);
  };
}

function reasonsOf(truth: Truth): ReadonlyMap<string, string> {
  if (truth.spec === null) return new Map();
  const rows = truth.sql.rows("SELECT name, drainReason FROM instances WHERE phase = 'draining'");
  return new Map(rows.map(({ name, drainReason }) => [String(name), String(drainReason)]));
}

function undone(
  { moves }: CommitEvent,
  before: ReadonlyMap<string, string>,
  truth: Truth,
): string | null {
  for (const { name, from, to } of moves) {
    const reason = before.get(name) ?? "surplus";
    const isProtected = reason === "replace" && rowOf(truth, name)?.["protectedByTag"] === 1;
    if (from === "draining" && to === "ready" && reason !== "surplus" && !isProtected)
      return `${name} was drained for ${reason}, and the fleet took it back`;
    if (to === "deleting" && rowOf(truth, name)?.["drainHold"] === 1 && !truth.isForced(name))
      return `${name} goes to deletion, though an operator wants it held`;
  }
  return null;
}

/** Who asked for a server to be held, and was answered so, finds it in the ledger. */
function unheld(event: Extract<SimEvent, { kind: "request" }>, truth: Truth): string | null {
  const { method, path, role, body, status } = event;
  const [, name] = /\/instances\/([^/]+)\/drain$/u.exec(path) ?? [];
  if (name === undefined || method !== "POST" || role !== "operator" || status >= 300) return null;
  if ((body as { then?: unknown } | null)?.then !== "hold") return null;
  return rowOf(truth, name)?.["drainHold"] === 1
    ? null
    : `${name} is to be held, and the ledger knows nothing of it`;
}
