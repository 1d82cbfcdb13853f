/** Lets incidents happen: each kind of fault has its function, and each blow that lands is counted. */
import type { FaultInput } from "../../aws/wire/faults.ts";
import { isRefusal } from "../../aws/cloud/refusal.ts";
import type { FaultKind, Incident } from "../scenario.ts";
import { ANYWHERE } from "../world/built.ts";
import { FLEET, REGION, type World } from "../world/world.ts";
import { CALLS } from "./calls.ts";
import { OBJECT } from "./object.ts";
import { PEOPLE } from "./people.ts";
import { SERVERS } from "./servers.ts";

export type Strike = (striker: Striker, incident: Incident) => void;

const STRIKES: Readonly<Record<FaultKind, Strike>> = { ...CALLS, ...SERVERS, ...OBJECT, ...PEOPLE };

const SERVER_ERRORS = 500;
const ATTEMPTS_MAX = 20;
const PATIENCE_MS = 5_000;

export class Striker {
  readonly world: World;
  /** The operation at whose effect point the incident stands, or null. */
  op: string | null = null;
  readonly #counts = new Map<string, number>();
  readonly #kinds = new Map<number, FaultKind>();
  readonly #later = new Map<number, () => void>();
  #passed = 0;

  constructor(world: World) {
    this.world = world;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  strike(incident: Incident): void {
    STRIKES[incident.fault](this, incident);
  }

  /** A fault has really struck. */
  fired = (kind: FaultKind): void => {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.world.emit({ kind: "fault", fault: kind });
  };

  /** Undone after `forMs`, or when the faults are over. */
  lasting = (forMs: number, undo: () => void): void => {
    const { timers, restores } = this.world;
    const once = (): void => {
      if (restores.delete(once)) undo();
    };
    restores.add(once);
    timers.after(forMs, once);
  };

  /** At the so-many-th effect point from here. */
  atPointIn = (points: number, run: () => void): void => {
    this.#later.set(this.#passed + points, run);
  };

  passPoint(): void {
    const run = this.#later.get(++this.#passed);
    if (run === undefined) return;
    this.#later.delete(this.#passed);
    run();
  }

  addFault(kind: FaultKind, input: FaultInput): void {
    const { wire, cloud } = this.world;
    this.#kinds.set(wire.faults.add(input, cloud.now()), kind);
  }

  /** A call was met: which of the faults that stand has struck it? */
  readonly onReceived = (): void => {
    for (const { id, struck } of this.world.wire.faults.list()) {
      const kind = this.#kinds.get(id);
      if (kind === undefined || struck === (this.#struck.get(id) ?? 0)) continue;
      this.#struck.set(id, struck);
      this.fired(kind);
    }
  };

  readonly #struck = new Map<number, number>();

  /** Listings tell the truth again. */
  callOffLies = (): void => {
    const { faults } = this.world.wire;
    this.world.spoilers.delete("GetInstances");
    const lies = faults.list().filter(({ effect }) => effect.kind === "stale");
    for (const { id } of lies) faults.remove(id);
  };

  /** The operator writes the spec as it is wanted now. */
  putSpec = (): void => {
    this.spareTheRest();
    void this.insist("PUT", `/v1/fleets/${FLEET}`, () => this.world.wanted);
  };

  /** A new spec calls a removal off; what it had in hand by then may still go. */
  spareTheRest(): void {
    const { world } = this;
    if (!world.removesByForce) return;
    for (const { name } of world.ours()) world.forced.add(name);
    world.removesByForce = false;
  }

  /** Asks, and asks again where the fleet was not able to answer. */
  insist = async (method: string, path: string, body?: () => unknown): Promise<void> => {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      if ((await this.world.ask(method, path, body?.())) < SERVER_ERRORS) return;
      await this.world.timers.sleep(PATIENCE_MS);
    }
  };

  /** The faults are over: what was to come does not come any more. */
  callOff(): void {
    this.#later.clear();
  }

  /** Somebody else makes an instance without our tags. */
  createByPerson = (name: string): void => {
    const made = this.world.cloud.createInstances(REGION, {
      names: [name],
      zone: `${REGION}a`,
      image: { blueprintId: "ubuntu_22_04" },
      bundleId: "medium_3_0",
      userData: ANYWHERE,
      keyPairName: null,
      tags: [],
      ipAddressType: "dualstack",
    });
    if (isRefusal(made)) return;
    this.world.changed();
  };
}
