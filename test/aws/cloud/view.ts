/** What is seen of an instance, through the API and in the data centre. */
import type { PortRule } from "./firewall.ts";
import type { Instance, InstanceState } from "./instance.ts";
import type { Tag } from "./tags.ts";

/** A machine that is up, as someone standing in the data centre would see it. Times are the model's. */
export interface Server {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly zone: string;
  readonly bundleId: string;
  readonly publicIp: string;
  readonly privateIp: string;
  readonly runningSince: number;
  readonly openPorts: readonly PortRule[];
  readonly tags: readonly Tag[];
  readonly userData: string;
}

/** What the API and the tests see of an instance at a moment. */
export interface InstanceView {
  readonly instance: Instance;
  readonly state: InstanceState;
  readonly publicIp: string | null;
  readonly tags: readonly Tag[];
  readonly firewall: readonly PortRule[];
}

/** The instance as it stood at a moment; null if it was not there. */
export function viewAt(instance: Instance, at: number): InstanceView | null {
  if (instance.createdAt > at) return null;
  const { state, address, isAddressShown } = instance.power.at(at);
  if (state === "gone") return null;
  return {
    instance,
    state,
    publicIp: isAddressShown ? address : null,
    tags: instance.tags.at(at),
    firewall: instance.firewall.at(at),
  };
}

/** The machine, if it is up at a moment. */
export function serverOf({ instance, tags, firewall }: InstanceView, at: number): Server[] {
  const runningSince = instance.power.since(at, (power) => power.isUp);
  if (runningSince === null) return [];
  return [
    {
      name: instance.name,
      arn: instance.arn,
      region: instance.region,
      zone: instance.zone,
      bundleId: instance.bundle.id,
      publicIp: instance.power.at(at).address,
      privateIp: instance.privateIp,
      runningSince,
      openPorts: firewall,
      tags,
      userData: instance.userData,
    },
  ];
}
