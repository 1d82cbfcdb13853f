/** A family of metrics, and the fleets that it is drawn from. */
import type { Readings } from "../../durable/rules/readings.ts";
import type { Status } from "../../durable/rules/views.ts";
import type { Family, Labels } from "./exposition.ts";

/** One fleet as it told of itself. */
export interface Told {
  readonly status: Status;
  readonly readings: Readings;
}

/** A family, before it is known which fleets there are. */
export interface Kind extends Omit<Family, "samples"> {
  /** The samples of one fleet, without its name. */
  readonly of: (told: Told, now: number) => readonly Drawn[];
}

export interface Drawn {
  readonly suffix?: "_bucket" | "_sum" | "_count";
  readonly labels?: Labels;
  readonly value: number;
}
