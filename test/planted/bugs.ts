/** All bugs that are planted outside the simulator's reach, by the lists in which they stand. */
import type { HeldBug } from "./bug.ts";
import { AGES } from "./bugs/ages.ts";
import { DOOR } from "./bugs/door.ts";
import { DURABILITY } from "./bugs/durability.ts";
import { ENDINGS } from "./bugs/endings.ts";
import { FIELD } from "./bugs/field.ts";
import { FIGURES } from "./bugs/figures.ts";
import { REPEATED } from "./bugs/lists.ts";
import { MIGRATING } from "./bugs/migrating.ts";
import { REFUSALS } from "./bugs/refusals.ts";
import { RELOADS } from "./bugs/reloads.ts";
import { RULE_BUGS } from "./bugs/rules.ts";
import { SEAMS } from "./bugs/seams.ts";
import { SHOWN } from "./bugs/shown.ts";
import { TWICE } from "./bugs/twice.ts";

/** Each with the file that holds it. */
export const LISTS: readonly (readonly [file: string, bugs: readonly HeldBug[]])[] = [
  ["test/planted/bugs/ages.ts", AGES],
  ["test/planted/bugs/reloads.ts", RELOADS],
  ["test/planted/bugs/twice.ts", TWICE],
  ["test/planted/bugs/seams.ts", SEAMS],
  ["test/planted/bugs/figures.ts", FIGURES],
  ["test/planted/bugs/lists.ts", REPEATED],
  ["test/planted/bugs/shown.ts", SHOWN],
  ["test/planted/bugs/endings.ts", ENDINGS],
  ["test/planted/bugs/migrating.ts", MIGRATING],
  ["test/planted/bugs/durability.ts", DURABILITY],
  ["test/planted/bugs/refusals.ts", REFUSALS],
  ["test/planted/bugs/field.ts", FIELD],
  ["test/planted/bugs/door.ts", DOOR],
  ["test/planted/bugs/rules.ts", RULE_BUGS],
];

export const HELD: readonly HeldBug[] = LISTS.flatMap(([, bugs]) => bugs);
