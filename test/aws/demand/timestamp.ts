/** Times as trace files write them. */

/** A moment; without a zone it is wall time, counted as if it were UTC. */
export interface Timestamp {
  readonly atMs: number;
  readonly zoned: boolean;
}

const TIMESTAMP =
  /^(?<date>\d{4}-\d{2}-\d{2})(?:[ T](?<clock>\d{2}:\d{2})(?::(?<seconds>\d{2}))?(?:\.(?<fraction>\d{1,9}))?)?(?<zone> ?(?:Z|[+-]\d{2}(?::?\d{2})?))?$/i;

/**
 * Reads `YYYY-MM-DD HH:MM:SS`, the same with `T`, without seconds, with a fraction, with `Z` or an
 * offset, or a bare date; null for anything else, and for days and times that do not exist.
 */
export function readTimestamp(text: string): Timestamp | null {
  const groups = TIMESTAMP.exec(text)?.groups;
  if (groups === undefined) return null;
  const { date = "", clock = "00:00", seconds = "00", fraction = "", zone = "" } = groups;
  const wall = `${date}T${clock}:${seconds}`;
  const wallMs = Date.parse(`${wall}Z`);
  // Date.parse moves 30 February into March; a time that does not come back as it was is refused.
  if (Number.isNaN(wallMs) || !new Date(wallMs).toISOString().startsWith(wall)) return null;
  const offsetMs = offsetOf(zone.trim());
  if (offsetMs === null) return null;
  return { atMs: wallMs + Number(`0.${fraction}0`) * 1_000 - offsetMs, zoned: zone !== "" };
}

/** Offset from UTC; null for one that no zone has. */
function offsetOf(zone: string): number | null {
  if (zone === "" || zone.toUpperCase() === "Z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(":", ""))];
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
