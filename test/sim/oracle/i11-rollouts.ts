/**
 * I11, of rollouts: while outdated servers are replaced, no more are launched besides than the surge
 * allows, and no more than the canaries before those are ready; a server with sessions waits for its
 * turn; and after a boot that failed nothing is replaced until the breaker's time is over, somebody
 * resumes, or there is another spec. Judged by what is committed, and by the audit row of the launch.
 */
import type { Row } from "../../../durable/ledger/sql.ts";
import { templateHash } from "../../../durable/rules/hash.ts";
import type { Spec } from "../../../durable/rules/spec.ts";
import type { SimEvent } from "../event.ts";
import type { Check, Truth } from "./invariant.ts";
import { newestEventData, rowOf } from "./rows.ts";

type CommitEvent = Extract<SimEvent, { kind: "commit" }>;
const BOOTING = new Set<string | null>(["starting", "configuring", "warming"]);

export function rolloutsAreCareful(): Check {
  const stops = new Stops();
  return (event, truth) => {
    if (event.kind === "request" && event.role === "operator") stops.end();
    if (event.kind !== "commit") return null;
    const { spec } = truth;
    stops.under(spec);
    if (spec === null || event.stage !== "plan") return null;
    const serving = servingRows(truth);
    const template = templateHash(spec);
    const replaced = event.moves.flatMap(({ name, from, to }) => {
      const row = from === "ready" && to === "draining" ? rowOf(truth, name) : null;
      return row !== null && isReplaced(row) ? [row] : [];
    });
    const wrong =
      tooManyBesides(event, truth, spec) ??
      replaced.map((row) => busy(row)).find((each) => each !== null) ??
      (replaced.length > 0 ? stops.problem(truth) : null);
    const hasFailed = event.moves.some(({ from, to }) => BOOTING.has(from) && to === "deleting");
    if (hasFailed && serving.some((row) => row["template"] !== template))
      stops.begin(truth.objectNow + spec.limits.failedBoots.openSeconds * 1000);
    return wrong;
  };
}

/** When the last failed boot has stopped the rollout, and until when. */
class Stops {
  #until: number | null = null;
  #spec: Spec | null = null;

  under(spec: Spec | null): void {
    if (spec !== this.#spec) this.#until = null;
    this.#spec = spec;
  }

  begin(until: number): void {
    this.#until = until;
  }

  end(): void {
    this.#until = null;
  }

  problem({ objectNow }: Truth): string | null {
    return this.#until !== null && objectNow < this.#until
      ? "the rollout goes on, though a new server has failed to boot"
      : null;
  }
}

function servingRows(truth: Truth): readonly Row[] {
  return truth.sql.rows(
    "SELECT name, template FROM instances WHERE phase = 'ready' AND stoppedSince IS NULL",
  );
}

/** A machine that is off is replaced too, but not because it is outdated. */
function isReplaced(row: Row): boolean {
  return row["drainReason"] === "replace" && row["stoppedSince"] === null;
}

function busy(row: Row): string | null {
  const sessions = Number(row["sessions"]);
  return sessions > 0 ? `${row["name"]} is to be replaced with ${sessions} sessions on it` : null;
}

function tooManyBesides({ moves }: CommitEvent, truth: Truth, spec: Spec): string | null {
  if (!moves.some(({ from, to }) => from === null && to === "planned")) return null;
  const { surge } = newestEventData(truth, "launch");
  if (typeof surge !== "number") return null;
  const { canary, maxSurge } = spec.rollout;
  const canaries = Math.min(canary, maxSurge);
  const template = templateHash(spec);
  const left = moves.filter(({ from }) => from === "ready").map(({ name }) => rowOf(truth, name));
  const known = [...servingRows(truth), ...left.filter((row) => row !== null)];
  const isProven = known.filter((row) => row["template"] === template).length >= canaries;
  const most = isProven ? maxSurge : canaries;
  return surge > most ? `${surge} servers are launched for the rollout, ${most} may be` : null;
}
