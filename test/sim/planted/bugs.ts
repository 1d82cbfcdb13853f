/** All planted bugs, by theme. */
import type { PlantedBug } from "./bug.ts";
import { ADDRESS_BUGS } from "./bugs/addresses.ts";
import { CALLS } from "./bugs/calls.ts";
import { CLOCKWORK } from "./bugs/clockwork.ts";
import { DRAINS } from "./bugs/drains.ts";
import { GUARDS } from "./bugs/guards.ts";
import { LAUNCHING } from "./bugs/launching.ts";
import { LEASES } from "./bugs/leases.ts";
import { LEDGER } from "./bugs/ledger.ts";
import { LISTINGS } from "./bugs/listings.ts";
import { MEMORY } from "./bugs/memory.ts";
import { MONEY } from "./bugs/money.ts";
import { PROTECTING } from "./bugs/protecting.ts";
import { READINGS } from "./bugs/readings.ts";
import { RETIRING } from "./bugs/retiring.ts";
import { ROLLOUTS } from "./bugs/rollouts.ts";
import { SCHEDULES } from "./bugs/schedules.ts";
import { SEAMS } from "./bugs/seams.ts";
import { SIZE } from "./bugs/size.ts";
import { TARGETS } from "./bugs/targets.ts";

export const PLANTED: readonly PlantedBug[] = [
  ...RETIRING,
  ...READINGS,
  ...LISTINGS,
  ...LAUNCHING,
  ...GUARDS,
  ...PROTECTING,
  ...DRAINS,
  ...MONEY,
  ...ROLLOUTS,
  ...LEASES,
  ...LEDGER,
  ...MEMORY,
  ...CALLS,
  ...CLOCKWORK,
  ...TARGETS,
  ...SCHEDULES,
  ...SIZE,
  ...SEAMS,
  ...ADDRESS_BUGS,
];
