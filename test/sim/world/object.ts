/**
 * The host of the fleet's Durable Object: it makes the object, rings its alarm, lets it die and be born
 * again on the same disk. What the platform promises is kept here: an alarm rings at least once and
 * never while it is being handled, a dead object writes nothing any more. A commit that holds commands is
 * durable when the storage has said so, or at the next commit; an object that dies before loses it.
 */
import { Fleet } from "../../../durable/fleet.ts";
import type { Bulletin, Delivery } from "../../../durable/rules/bulletins.ts";
import type { Eyes, Hands, Watch } from "../../../durable/rules/world.ts";
import type { FleetApi } from "../../../durable/rules/views.ts";
import type { SimEvent, Stage } from "../event.ts";
import type { Accounts } from "./account.ts";
import type { Disk } from "./disk.ts";
import { Memory } from "./memory.ts";
import type { Timers } from "./timers.ts";

/** One life of the object, and of the eyes and hands that work for it. */
export class Life {
  readonly number: number;
  objectIsDead = false;
  /** Its eyes and hands are gone too: what they had not sent is never sent. */
  isolateIsDead = false;

  constructor(number: number) {
    this.number = number;
  }
}

/** Thrown through the program when its object dies: no code of it goes on. */
export class Died extends Error {}

export interface HostPorts {
  readonly timers: Timers;
  readonly disk: Disk;
  /** What the object's clock says. */
  readonly objectNow: () => number;
  readonly emit: (event: SimEvent) => void;
  /** An effect point is passed: a moment at which something may go wrong. */
  readonly point: (label: string, life: Life) => void;
  readonly eyesOf: (life: Life) => Eyes;
  readonly handsOf: (life: Life) => Hands;
  readonly heraldOf: (life: Life) => (bulletins: readonly Bulletin[]) => Promise<Delivery>;
  readonly directory: {
    register(name: string): Promise<void>;
    forget(name: string): Promise<void>;
  };
  readonly accounts: Accounts;
  readonly env: Readonly<Record<string, string>>;
}

/** The runtime rings an alarm again, after this, whose handler died before it had set another. */
const RETRY_MS = 2_000;
const STORAGE_FAILED = "internal error in Durable Object storage caused object to be reset";

export class ObjectHost {
  readonly #ports: HostPorts;
  readonly #memory = new Memory();
  /** The event of a commit that is not durable yet: nobody outside may have seen anything of it. */
  #inFlight: SimEvent | null = null;
  #life = new Life(1);
  #fleet: Fleet | null = null;
  #isRinging = false;
  #calledOff: () => void = () => {};
  /** Where the tick under way is; requests commit beside it. */
  #stage: Stage = "begin";
  #isAsked = false;
  /** Transactions of requests that have written something. */
  requestCommits = 0;
  /** Storage that throws, while a fault holds. */
  storageFails = false;
  /** Extra time before the alarm that is armed next rings. */
  alarmLateMs = 0;
  /** The next alarm is handled twice. */
  ringsTwice = false;
  /** Tells of each tick that ended well. */
  onTick: () => void = () => {};

  constructor(ports: HostPorts) {
    this.#ports = ports;
  }

  get life(): Life {
    return this.#life;
  }

  /** The object as others reach it: each call goes to the one that lives now. */
  stub(): FleetApi {
    return new Proxy({} as FleetApi, {
      get:
        (_target, method: string) =>
        async (...args: unknown[]) =>
          this.#call(method, args),
    });
  }

  async #call(method: string, args: readonly unknown[]): Promise<unknown> {
    // The one that is called keeps the caller waiting until it has answered, or is dead.
    const life = this.#life;
    const fleet = this.#alive();
    const handler: unknown = Reflect.get(fleet, method);
    if (typeof handler !== "function") throw new TypeError(`the object has no ${method}`);
    // What it writes, it writes before it waits for anything.
    this.#isAsked = true;
    const answered = Reflect.apply(handler, fleet, args) as Promise<unknown>;
    this.#isAsked = false;
    const answer = await answered;
    if (life.objectIsDead) throw new Died("the object died while it was asked");
    return answer;
  }

  /** The object dies here and now; `isolate` takes its eyes and hands with it. */
  kill(isolate: boolean): void {
    const life = this.#life;
    life.objectIsDead = true;
    if (isolate) life.isolateIsDead = true;
    this.#fleet = null;
    this.#inFlight = null;
    this.#ports.disk.loseInFlight();
    this.#life = new Life(life.number + 1);
    this.#isAsked = false;
    if (this.#isRinging) {
      this.#isRinging = false;
      if (this.#ports.disk.alarmAt === null) this.setAlarm(this.#ports.objectNow() + RETRY_MS);
      else this.#arm();
    }
    this.#ports.emit({ kind: "crash", life: life.number });
  }

  /** Everything on its disk is lost with it. */
  wipe(): void {
    this.kill(true);
    this.#ports.disk.wipe();
    this.#calledOff();
    this.#ports.emit({ kind: "stateLost" });
  }

  setAlarm(at: number): void {
    this.#ports.disk.alarmAt = at;
    this.#ports.emit({ kind: "alarm", what: "set", at });
    this.#arm();
  }

  dropAlarm(): void {
    this.#ports.disk.alarmAt = null;
    this.#calledOff();
    this.#ports.emit({ kind: "alarm", what: "deleted", at: null });
  }

  /** Sets the timer anew: the alarm is in the object's time, which may have jumped. */
  rearm(): void {
    this.#arm();
  }

  #arm(): void {
    this.#calledOff();
    const { disk, timers, objectNow } = this.#ports;
    if (disk.alarmAt === null || this.#isRinging) return;
    const inMs = Math.max(0, disk.alarmAt - objectNow()) + this.alarmLateMs;
    this.alarmLateMs = 0;
    this.#calledOff = timers.after(inMs, () => void this.#ring());
  }

  async #ring(): Promise<void> {
    const { disk, emit } = this.#ports;
    const life = this.#life;
    disk.alarmAt = null;
    this.#isRinging = true;
    this.#stage = "begin";
    emit({ kind: "alarm", what: "fired", at: null });
    try {
      this.#point("alarm:begin", life);
      await this.#alive().alarm();
      this.#point("alarm:end", life);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
    }
    if (life.objectIsDead) return;
    this.#isRinging = false;
    emit({ kind: "alarm", what: "finished", at: null });
    this.onTick();
    if (this.ringsTwice && disk.alarmAt !== null) {
      this.ringsTwice = false;
      this.#calledOff();
      this.#calledOff = this.#ports.timers.after(0, () => void this.#ring());
      return;
    }
    this.#arm();
  }

  #alive(): Fleet {
    this.#fleet ??= this.#born();
    return this.#fleet;
  }

  #born(): Fleet {
    const life = this.#life;
    const { directory, accounts, env } = this.#ports;
    const context = {
      storage: this.#storageOf(life),
      exports: this.#exportsOf(life),
      // What goes on after a tick dies with the object; a rejection would be a fault of the program's.
      waitUntil: (work: Promise<unknown>) =>
        void work.catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        }),
    };
    const bindings = {
      ...env,
      DIRECTORY: { getByName: () => directory },
      BUDGET: { getByName: accounts },
    };
    return new Fleet(context as unknown as DurableObjectState, bindings as unknown as Env);
  }

  #exportsOf(life: Life) {
    const { eyesOf, handsOf, heraldOf } = this.#ports;
    const eyes = eyesOf(life);
    return {
      Eyes: {
        observe: async (watch: Watch) => {
          // While the hands are at work the eyes go on with a listing: that is no new tick.
          if (this.#stage === "begin") this.#stage = "plan";
          return eyes.observe(watch);
        },
      },
      Hands: handsOf(life),
      Herald: { post: async (bulletins: readonly Bulletin[]) => heraldOf(life)(bulletins) },
    };
  }

  #storageOf(life: Life) {
    const { disk } = this.#ports;
    const alive = (): void => {
      if (life.objectIsDead) throw new Died("a dead object touched its storage");
      if (this.storageFails) throw new Error(STORAGE_FAILED);
    };
    return {
      sql: {
        exec: (statement: string, ...bindings: (string | number | null)[]) => {
          alive();
          return { toArray: () => disk.rows(statement, ...bindings) };
        },
      },
      transactionSync: <T>(work: () => T): T => {
        alive();
        return this.#transaction(life, work);
      },
      sync: async () => {
        alive();
        this.#point("sync", life);
        this.#makeDurable();
      },
      setAlarm: async (at: number) => {
        if (!life.objectIsDead) this.setAlarm(at);
      },
      getAlarm: async () => {
        alive();
        return disk.alarmAt;
      },
      deleteAlarm: async () => {
        alive();
        this.dropAlarm();
      },
      deleteAll: async () => {
        alive();
        disk.wipe();
        this.#calledOff();
      },
    };
  }

  #transaction<T>(life: Life, work: () => T): T {
    const { disk, emit } = this.#ports;
    this.#makeDurable();
    let stage = this.#isAsked || !this.#isRinging ? "request" : this.#stage;
    const { value, written } = disk.transaction(work, () => {
      // Messages that were delivered leave the outbox whatever else goes on.
      if (disk.isPost) stage = "post";
      this.#point(`commit:${stage}:before`, life);
    });
    if (stage === "plan") this.#stage = "settle";
    const tick = written?.commands[0]?.tick ?? 0;
    if (written !== null && stage === "request") this.requestCommits++;
    const event = { kind: "commit", stage, tick } as const;
    if (written !== null && disk.isInFlight) this.#inFlight = { ...event, ...written };
    else if (written !== null) emit({ ...event, ...written });
    this.#point(`commit:${stage}:after`, life);
    const isQuiet = stage !== "request" && (written?.moves.length ?? 0) === 0;
    queueMicrotask(() => this.#compareMemory(life, isQuiet));
    return value;
  }

  #makeDurable(): void {
    const event = this.#inFlight;
    this.#inFlight = null;
    this.#ports.disk.makeDurable();
    if (event !== null) this.#ports.emit(event);
  }

  /** As soon as the program lets go of the thread: then it has taken over what it has written. */
  #compareMemory(life: Life, isQuiet: boolean): void {
    if (life.objectIsDead || this.storageFails) return;
    const differences = this.#memory.differences(this.#ports.objectNow(), isQuiet);
    if (differences.length > 0) this.#ports.emit({ kind: "memory", differences });
  }

  /** Something may go wrong here; a dead object goes no further. */
  #point(label: string, life: Life): void {
    this.#ports.point(label, life);
    if (life.objectIsDead) throw new Died("the object died");
    if (this.storageFails && label.endsWith(":before")) throw new Error(STORAGE_FAILED);
  }
}
