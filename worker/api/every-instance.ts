/** The instances of a fleet, asked for piece by piece: no request takes the fleet's object for long. */
import type { PageWish } from "../../durable/rules/pages.ts";
import type { FleetApi, InstanceFilter, InstanceView } from "../../durable/rules/views.ts";

/** A tick waits for one piece at the most. */
const PIECE = 250;

/** Those of a page, however long it is; null where there is no such fleet. */
export async function instancesInPieces(
  fleet: FleetApi,
  filter: InstanceFilter,
  { after, limit }: PageWish = { after: null, limit: Infinity },
): Promise<InstanceView[] | null> {
  const found: InstanceView[] = [];
  for (;;) {
    const wanted = Math.min(PIECE, limit - found.length);
    const piece = await fleet.instances(filter, {
      after: found.at(-1)?.name ?? after,
      limit: wanted,
    });
    if (piece === null) return null;
    found.push(...piece);
    if (piece.length < wanted || found.length >= limit) return found;
  }
}
