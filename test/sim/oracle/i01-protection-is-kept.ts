/**
 * I1, of protection itself: it ends only because a person ends it, or with its server. And what an
 * operator wants adopted may carry sessions of which nobody here knows, so it arrives protected.
 * Judged by the ledger, before and after each commit that answers nobody.
 */
import type { SimEvent } from "../event.ts";
import type { Check, Truth } from "./invariant.ts";
import { incarnationOf, rowOf } from "./rows.ts";

type CommitEvent = Extract<SimEvent, { kind: "commit" }>;

export function protectionIsKept(): Check {
  let incarnation: string | null = null;
  let guarded: readonly string[] = [];
  return (event, truth) => {
    if (event.kind !== "commit") return null;
    const born = incarnationOf(truth);
    const before = born === incarnation ? guarded : [];
    incarnation = born;
    guarded = guardedBy(truth);
    if (event.stage === "request") return null;
    const bare = before.find((name) => isBare(name, truth));
    if (bare !== undefined) return `${bare} is not protected any more, and nobody asked for that`;
    return unguarded(event, truth);
  };
}

function guardedBy(truth: Truth): readonly string[] {
  if (truth.spec === null) return [];
  const rows = truth.sql.rows(
    "SELECT name FROM instances WHERE protectedBy IS NOT NULL AND phase <> 'gone'",
  );
  return rows.map(({ name }) => String(name));
}

function isBare(name: string, truth: Truth): boolean {
  const row = rowOf(truth, name);
  return row !== null && row["phase"] !== "gone" && row["protectedBy"] === null;
}

/** As long as its adoption is in the ledger, it was taken over at an operator's word. */
function unguarded({ moves }: CommitEvent, truth: Truth): string | null {
  const taken = moves.find(({ name, from }) => from === null && isWanted(name, truth));
  if (taken === undefined || !isBare(taken.name, truth)) return null;
  return `${taken.name} was adopted at an operator's word, and is not protected`;
}

function isWanted(name: string, truth: Truth): boolean {
  if (truth.spec === null || !truth.isToBeAdopted(name)) return false;
  return truth.sql.rows("SELECT 1 FROM adoptions WHERE name = ?", name).length > 0;
}
