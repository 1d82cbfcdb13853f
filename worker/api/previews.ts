/** The previews of schedules that this isolate has made: they follow from specs alone, so fleets may share them. */
import { Previews } from "../../durable/calendar/preview.ts";

export const PREVIEWS = new Previews();
