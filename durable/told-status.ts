/** The status of a fleet, and the same as JSON: made once for all who ask in the same moment. */
import type { Engine } from "./engine.ts";
import { Memo } from "./memo.ts";
import { statusOf } from "./report.ts";
import type { Status } from "./rules/views.ts";

/** Only what the time alone changes (dollars, a pause that ends) is told so late. */
const STATUS_KEPT_MS = 1_000;

interface Told {
  readonly status: Status;
  readonly text: string;
}

export class ToldStatus {
  readonly #memo = new Memo<Told>(STATUS_KEPT_MS);

  /** Null where no fleet was ever configured. */
  of(engine: Engine, notifyTrouble: string | null, now: number): Told | null {
    const live = engine.read(now);
    if (live === null) return null;
    const { revision, guards, alerts, lastTick } = engine;
    return this.#memo.get([revision, guards, alerts, lastTick, notifyTrouble], now, () => {
      const status = statusOf(live.state, { guards, alerts, lastTick, notifyTrouble });
      return { status, text: JSON.stringify(status) };
    });
  }
}
