import { drawJitterMs } from "./create.ts";
import type { PortRequest, PortRule } from "./firewall.ts";
import { describePorts } from "./firewall.ts";
import { planBoot, type Instance } from "./instance.ts";
import type { Operation } from "./operation.ts";
import type { PendingCall } from "./options.ts";
import { isRefusal, refuse, type Refusal } from "./refusal.ts";
import {
  addOperation,
  findInstance,
  forgetLongGone,
  takePublicAddress,
  type Region,
  type World,
} from "./world.ts";

/** Begins to delete. The reply is terminal at once; the instance may linger as shutting-down. */
export function deleteInstance(world: World, region: Region, name: string): Operation | Refusal {
  const instance = findChangeable(world, region, name, "DeleteInstance");
  if (isRefusal(instance)) return instance;
  const now = world.now();
  const { address } = instance.power.at(now);
  const off = { address, isAddressShown: false, isUp: false };
  instance.power.set(now, { state: "shutting-down", ...off });
  instance.power.plan(now + world.timing.shuttingDownMs, { state: "gone", ...off });
  instance.deletedAt = now;
  forgetLongGone(world, region);
  return record(world, region, instance, "DeleteInstance");
}

/** Starts a stopped instance; unless addresses are kept, it gets a new one. */
export function startInstance(world: World, region: Region, name: string): Operation | Refusal {
  const instance = findChangeable(world, region, name, null);
  if (isRefusal(instance)) return instance;
  const now = world.now();
  const power = instance.power.at(now);
  if (power.state !== "stopped") return wrongState("start", instance, power.state);
  const isDynamic = world.options.dynamicAddresses ?? true;
  const address = isDynamic ? takePublicAddress(world) : power.address;
  world.addressesInUse.set(address, instance);
  const boot = planBoot(instance.power, address, now, world.timing, drawJitterMs(world), {
    kind: "boots",
  });
  return record(world, region, instance, "StartInstance", { endsAt: boot.endsAt });
}

/** Stops it. It is billed all the same. */
export function stopInstance(world: World, region: Region, name: string): Operation | Refusal {
  const instance = findChangeable(world, region, name, "StopInstance");
  if (isRefusal(instance)) return instance;
  const now = world.now();
  const { state, address } = instance.power.at(now);
  if (state !== "running" && state !== "pending") return wrongState("stop", instance, state);
  const isAddressShown = !(world.options.dynamicAddresses ?? true);
  instance.power.set(now, { state: "stopping", address, isAddressShown, isUp: false });
  instance.power.plan(now + world.timing.stopMs, {
    state: "stopped",
    address,
    isAddressShown,
    isUp: false,
  });
  return record(world, region, instance, "StopInstance", { endsAt: now + world.timing.stopMs });
}

/** Reboots it: the API goes on saying running, but the machine is away for a while. */
export function rebootInstance(world: World, region: Region, name: string): Operation | Refusal {
  const instance = findChangeable(world, region, name, "RebootInstance");
  if (isRefusal(instance)) return instance;
  const now = world.now();
  const power = instance.power.at(now);
  if (power.state === "pending") return record(world, region, instance, "RebootInstance");
  if (power.state !== "running") return wrongState("reboot", instance, power.state);
  const upAt = now + world.timing.rebootMs;
  instance.power.set(now, { ...power, isUp: false });
  instance.power.plan(upAt, { ...power, isAddressShown: true, isUp: true });
  return record(world, region, instance, "RebootInstance", { endsAt: upAt });
}

/**
 * Gives a running instance another public address, as a static IP does that is attached or taken off.
 * @returns the address that it had, and that may become anybody's; null where none runs under that name
 */
export function moveAddress(world: World, region: Region, name: string): string | null {
  const instance = findInstance(world, region, name);
  if (isRefusal(instance)) return null;
  const now = world.now();
  const power = instance.power.at(now);
  if (power.state !== "running" || !power.isAddressShown) return null;
  const address = takePublicAddress(world);
  world.addressesInUse.set(address, instance);
  instance.power.set(now, { ...power, address });
  return power.address;
}

/** A change of the firewall: which call it is, the ports it names, and what it makes of the rules. */
export interface PortChange {
  readonly call: "PutInstancePublicPorts" | "OpenInstancePublicPorts" | "CloseInstancePublicPorts";
  readonly ports: readonly PortRequest[];
  readonly apply: (rules: readonly PortRule[]) => readonly PortRule[] | Refusal;
}

/** Changes the firewall: at once, and terminal in the reply. */
export function changePorts(
  world: World,
  region: Region,
  name: string,
  change: PortChange,
): Operation | Refusal {
  const instance = findChangeable(world, region, name, change.call);
  if (isRefusal(instance)) return instance;
  const rules = change.apply(instance.firewall.at(world.now()));
  if (isRefusal(rules)) return rules;
  instance.firewall.set(world.now(), rules);
  return record(world, region, instance, change.call, {
    details: change.ports.map(describePorts).join(", "),
  });
}

/** The instance, unless its state forbids the call. */
function findChangeable(
  world: World,
  region: Region,
  name: string,
  call: PendingCall | null,
): Instance | Refusal {
  const instance = findInstance(world, region, name);
  if (isRefusal(instance)) return instance;
  const { state } = instance.power.at(world.now());
  if (state === "shutting-down") return wrongState("change", instance, state);
  if (state !== "pending" || call === null) return instance;
  const { pending = "OperationFailureException" } = world.options;
  const policy =
    typeof pending === "string" ? pending : (pending[call] ?? "OperationFailureException");
  if (policy === "accept") return instance;
  return refuse(
    policy,
    `${call} is not possible while the instance ${name} is pending. Try again when it is running.`,
  );
}

function wrongState(verb: string, instance: Instance, state: string): Refusal {
  return refuse(
    "OperationFailureException",
    `Cannot ${verb} the instance ${instance.name} while it is ${state}.`,
  );
}

function record(
  world: World,
  region: Region,
  instance: Instance,
  type: string,
  rest: { details?: string; endsAt?: number } = {},
): Operation {
  return addOperation(world, region, { name: instance.name, zone: instance.zone, type }, rest);
}
