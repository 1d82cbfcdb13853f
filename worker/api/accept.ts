/** Which form of a reply a request accepts (RFC 9110, 12.5.1). */
import { type Accept, parseAccept } from "hono/utils/accept";

/**
 * The one of `offered` that `header` likes best; the first where it likes several alike, or names none. One
 * that it refuses with `q=0` is chosen only where it refuses all.
 */
export function preferred<Type extends string>(
  header: string | undefined,
  offered: readonly [Type, ...Type[]],
): Type {
  const ranges = parseAccept(header ?? "");
  const [first] = offered;
  if (ranges.length === 0) return first;
  const liked = offered.map((type) => ({ type, ...likingOf(ranges, type) }));
  // A form that is named goes before one that is only not excluded.
  return liked.reduce((best, next) =>
    next.quality > best.quality || (next.quality === best.quality && next.rank > best.rank)
      ? next
      : best,
  ).type;
}

/** What is named with `q=0` is worth less than what is not named. */
const REFUSED = -1;

/** By the ranges that describe it most closely; the best of them counts. */
function likingOf(ranges: readonly Accept[], type: string): { quality: number; rank: number } {
  const [main = ""] = type.split("/");
  for (const [index, range] of [type, `${main}/*`, "*/*"].entries()) {
    const found = ranges.filter((each) => each.type.toLowerCase() === range);
    const quality = Math.max(...found.map(({ q }) => q));
    if (found.length > 0) return { quality: quality === 0 ? REFUSED : quality, rank: 2 - index };
  }
  return { quality: 0, rank: 0 };
}
