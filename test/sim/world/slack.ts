/** Slack, as the fleet meets it: it takes a message after a moment, or it is down. */
import type { Bulletin, Delivery } from "../../../durable/rules/bulletins.ts";
import type { Random } from "../../aws/demand/random.ts";
import type { SimEvent } from "../event.ts";
import type { Life } from "./object.ts";
import type { Timers } from "./timers.ts";

export interface SlackPorts {
  readonly timers: Timers;
  readonly random: Random;
  readonly emit: (event: SimEvent) => void;
  readonly point: (label: string, life: Life) => void;
}

const NEVER = new Promise<never>(() => undefined);
/** The Worker gives a message up after this. */
const GIVEN_UP_MS = 5_000;

export class Slack {
  readonly #ports: SlackPorts;
  /** It does not answer until then. */
  downUntil = 0;

  constructor(ports: SlackPorts) {
    this.#ports = ports;
  }

  heraldOf(life: Life): (bulletins: readonly Bulletin[]) => Promise<Delivery> {
    return async (bulletins) => this.#post(bulletins, life);
  }

  async #post(bulletins: readonly Bulletin[], life: Life): Promise<Delivery> {
    const { timers, random, emit, point } = this.#ports;
    point("call:Slack:before", life);
    if (life.isolateIsDead) return NEVER;
    if (timers.now < this.downUntil) {
      await timers.sleep(GIVEN_UP_MS);
      return { kind: "later", afterMs: 0, detail: "Slack did not answer in time" };
    }
    await timers.sleep(20 + Math.floor(random() * 400));
    // What people read: no secret may stand in it.
    emit({ kind: "text", text: JSON.stringify(bulletins) });
    if (!life.isolateIsDead) point("call:Slack:after", life);
    return life.isolateIsDead ? NEVER : { kind: "sent" };
  }
}
