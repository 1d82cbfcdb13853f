/** Whether it is well, in one word and two sentences: what a person at 3 a.m. reads first. */
import { lasted } from "../../durable/rules/phrases.ts";
import type { Status } from "../../durable/rules/views.ts";

export interface Headline {
  readonly word: string;
  readonly text: string;
}

/** The fleet's own verdict, unless it is too old to say anything. */
export function headlineOf({ verdict, lastTick }: Status, now: number): Headline {
  const { title, what, doing, staleAt } = verdict;
  if (lastTick !== null && staleAt !== null && now > Date.parse(staleAt)) {
    const silent = lasted(now - Date.parse(lastTick.at));
    return {
      word: "STALE",
      text: `Nobody runs the fleet: its last good tick was ${silent} ago. Nothing is launched or deleted, and what is below is old.`,
    };
  }
  return { word: title.toUpperCase(), text: doing === null ? what : `${what} ${doing}` };
}
