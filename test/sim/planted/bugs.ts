/** All planted bugs, by theme. */
import type { PlantedBug } from "./bug.ts";
import { CALLS } from "./bugs/calls.ts";
import { CLOCKWORK } from "./bugs/clockwork.ts";
import { GUARDS } from "./bugs/guards.ts";
import { LAUNCHING } from "./bugs/launching.ts";
import { LEDGER } from "./bugs/ledger.ts";
import { LISTINGS } from "./bugs/listings.ts";
import { READINGS } from "./bugs/readings.ts";
import { RETIRING } from "./bugs/retiring.ts";
import { TARGETS } from "./bugs/targets.ts";

export const PLANTED: readonly PlantedBug[] = [
  ...RETIRING,
  ...READINGS,
  ...LISTINGS,
  ...LAUNCHING,
  ...GUARDS,
  ...LEDGER,
  ...CALLS,
  ...CLOCKWORK,
  ...TARGETS,
];
