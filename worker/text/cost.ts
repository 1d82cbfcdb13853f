/** What a month has cost, on one screen of a terminal: the sums, then the dearest servers. */
import type { CostView } from "../../durable/rules/cost-views.ts";
import { fit } from "./width.ts";

const WIDTH = 80;
/** What is left of 24 lines. */
const SERVERS_MAX = 12;
const LABEL = 14;

export function costLines(cost: CostView): string[] {
  const { fleet, month, from, until, knownSince, usd, projectedUsd, ec2, fixedFleet } = cost;
  const shown = cost.instances.slice(0, SERVERS_MAX);
  const count = cost.instances.length + (cost.omitted?.count ?? 0);
  const rows: readonly (readonly [string, string] | null)[] = [
    ["Cost", `${money(usd)} for ${cost.hours} hours, ${cost.billedHours} of them billed`],
    projectedUsd === null
      ? null
      : ["To its end", `${money(projectedUsd)}, should all that runs go on`],
    ec2 === null ? null : ["On EC2", `${money(ec2.usd)} at $${ec2.hourlyUsd} an hour`],
    fixedFleet === null
      ? null
      : [
          "Fixed fleet",
          `${money(fixedFleet.usd)} for ${fixedFleet.servers}, as many as at ${short(fixedFleet.at)}`,
        ],
    knownSince === null ? null : ["Not counted", `what was gone before ${short(knownSince)}`],
    ["Servers", `${count}${count > shown.length ? `, of which the dearest ${shown.length}` : ""}`],
  ];
  return [
    `${fleet}, ${month}: ${short(from)} to ${short(until)} UTC`,
    ...rows.flatMap((row) => (row === null ? [] : [`${row[0].padEnd(LABEL)}${row[1]}`])),
    ...shown.map(
      ({ name, bundle, hours, usd: its }) =>
        `${" ".repeat(LABEL)}${money(its).padStart(9)} ${String(hours).padStart(8)} h  ${name} (${bundle})`,
    ),
  ].map((line) => fit(line, WIDTH));
}

function money(usd: number | null): string {
  return usd === null ? "(no price)" : `$${usd.toFixed(2)}`;
}

/** `2026-11-22 10:00`. */
function short(moment: string): string {
  return moment.slice(0, 16).replace("T", " ");
}
