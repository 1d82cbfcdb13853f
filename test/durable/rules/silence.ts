/** Servers that were asked and stayed silent. One that was not asked is another case. */
import type { Freshness, Instance } from "../../../durable/rules/model.ts";
import type { Memory } from "../../../durable/rules/state.ts";
import { freshFor, NOW } from "./builders.ts";

/** The memory of servers of which some answered just now, and the others were asked and stayed silent. */
export function freshAndSilent(
  answering: readonly Instance[],
  silent: readonly Instance[],
): Pick<Memory, "freshness"> {
  const silence = ({ phaseSince }: Instance): Freshness => ({
    phaseSince,
    askedAt: NOW,
    readAt: null,
    idleReadings: [],
    goodInRow: 0,
  });
  return {
    freshness: new Map([
      ...freshFor(...answering).freshness,
      ...silent.map((row) => [row.name, silence(row)] as const),
    ]),
  };
}
