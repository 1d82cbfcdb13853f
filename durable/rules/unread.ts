/**
 * Instances that AWS gives in a form which cannot be read, and that may be ours. Not seeing is not knowing:
 *
 * 1. Such an instance concerns only the rows that it can be. Every other row is judged by the listing.
 * 2. A row that it can be is not absent by that listing. It is looked up by its name, and that answer counts.
 * 3. Until it is read, nothing of the row is changed, but what is known of it goes on to hold.
 */
import type { Instance } from "./model.ts";
import { ALL_READ, type Unread } from "./scan.ts";
import type { State } from "./state.ts";
import type { UnreadInstance } from "./world.ts";

type Identity = Pick<Instance, "name" | "arn">;

/** Whether a row's instance may be this one: by its ARN if both are known, else by its name. */
function canBe(row: Identity, unread: UnreadInstance): boolean {
  if (row.arn !== null && unread.arn !== null) return row.arn === unread.arn;
  return unread.name === null || row.name === unread.name;
}

/** Whether a row's instance is shown, though it cannot be read. */
export function isShownIn(unread: Unread, row: Identity): boolean {
  const isNamed = (each: UnreadInstance): boolean => each.arn === row.arn || each.name === row.name;
  return unread.instances.some((each) => canBe(row, each) && isNamed(each));
}

/** What to call it. */
export function idOf({ name, arn }: UnreadInstance): string {
  return name ?? arn ?? "an instance without a name";
}

/** What a complete listing left unread, that lacks all rows but those in `there`. */
export function unreadOf(
  state: Pick<State, "instances">,
  listed: readonly UnreadInstance[],
  there: ReadonlySet<string>,
): Unread {
  if (listed.length === 0) return ALL_READ;
  const missing = [...state.instances.values()].filter(
    ({ name, phase }) => phase !== "planned" && !there.has(name),
  );
  const rows = missing.filter((row) => listed.some((each) => canBe(row, each)));
  const instances = listed.filter((each) => each.isClaimed || rows.some((row) => canBe(row, each)));
  const names = new Set(rows.map(({ name }) => name));
  return { instances, rows: names, due: names };
}

/** How many carry our tag and have no row: they are billed, and ours. */
export function unreadStrays({ memory, instances }: State): number {
  const { unread } = memory;
  if (unread.instances.length === 0) return 0;
  const rows = [...instances.values()];
  return unread.instances.filter((each) => each.isClaimed && !rows.some((row) => canBe(row, each)))
    .length;
}

/** The same after these rows were shown: they are read. */
export function readNow(unread: Unread, names: Iterable<string>): Unread {
  const shown = new Set(names);
  if (![...shown].some((name) => unread.rows.has(name))) return unread;
  return {
    instances: unread.instances,
    rows: new Set([...unread.rows].filter((name) => !shown.has(name))),
    due: new Set([...unread.due].filter((name) => !shown.has(name))),
  };
}

/** The same after these rows were looked up, whatever came of it. */
export function lookedUp(unread: Unread, names: Iterable<string>): Unread {
  const asked = new Set(names);
  return { ...unread, due: new Set([...unread.due].filter((name) => !asked.has(name))) };
}
