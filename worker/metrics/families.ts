/** Every family of `/metrics`, in their order; docs/monitoring.md says what to make of them. */
import { COUNTERS } from "./counters.ts";
import type { Family } from "./exposition.ts";
import { GAUGES } from "./gauges.ts";
import type { Kind, Told } from "./kind.ts";

/** `silent` are the names of those that did not answer: of them it is only told that they are down. */
export function familiesOf(
  told: readonly Told[],
  silent: readonly string[],
  now: number,
): readonly Family[] {
  const up: Family = {
    name: "lightfleet_fleet_up",
    type: "gauge",
    help: "1 if the fleet's object answered in time, 0 if not: then there is nothing else of it here.",
    samples: [
      ...told.map(({ status }) => ({ labels: { fleet: status.fleet }, value: 1 })),
      ...silent.map((fleet) => ({ labels: { fleet }, value: 0 })),
    ],
  };
  return [up, ...[...GAUGES, ...COUNTERS].map((kind) => familyOf(kind, told, now))];
}

function familyOf({ name, type, help, of }: Kind, told: readonly Told[], now: number): Family {
  const samples = told.flatMap((one) => {
    const { fleet } = one.status;
    return of(one, now).map(({ labels, ...rest }) => ({ ...rest, labels: { fleet, ...labels } }));
  });
  return { name, type, help, samples };
}
