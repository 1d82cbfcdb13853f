import {
  CloseInstancePublicPortsCommand,
  CreateInstancesCommand,
  GetInstanceCommand,
  GetInstancePortStatesCommand,
  GetInstancesCommand,
  InvalidInputException,
  NotFoundException,
  OpenInstancePublicPortsCommand,
  OperationFailureException,
  PutInstancePublicPortsCommand,
  type PortInfo,
} from "@aws-sdk/client-lightsail";
import { describe, expect, test } from "vitest";
import type { CloudOptions } from "./cloud/options.ts";
import { anInstance, BOOTED_MS, startAws, type Rig } from "./rig.ts";

const instanceName = "media-1";
const https: PortInfo = { protocol: "tcp", fromPort: 443, toPort: 443 };
const media: PortInfo = { protocol: "udp", fromPort: 10_000, toPort: 20_000 };

async function withRunning(
  options: Partial<CloudOptions> = {},
  blueprintId = "ubuntu_22_04",
): Promise<Rig> {
  const rig = await startAws(options);
  await rig.lightsail.send(
    new CreateInstancesCommand({ ...anInstance(instanceName), blueprintId }),
  );
  rig.clock.advance(BOOTED_MS);
  return rig;
}

async function openPorts({ lightsail }: Rig): Promise<string[]> {
  const { portStates } = await lightsail.send(new GetInstancePortStatesCommand({ instanceName }));
  return (portStates ?? []).map(
    ({ fromPort, toPort, protocol, state }) => `${fromPort}-${toPort}/${protocol} ${state}`,
  );
}

describe("a new instance", () => {
  test("has SSH open and nothing else", async () => {
    const rig = await withRunning();

    expect(await openPorts(rig)).toEqual(["22-22/tcp open"]);
  });

  test("has HTTP open too when its image is an application", async () => {
    const rig = await withRunning({}, "nginx");

    expect(await openPorts(rig)).toEqual(["22-22/tcp open", "80-80/tcp open"]);
  });
});

describe("PutInstancePublicPorts", () => {
  test("replaces the whole set, as often as it is repeated, and answers terminal", async () => {
    const rig = await withRunning();
    const put = { instanceName, portInfos: [https, media] };

    const { operation } = await rig.lightsail.send(new PutInstancePublicPortsCommand(put));
    await rig.lightsail.send(new PutInstancePublicPortsCommand(put));
    const { instance } = await rig.lightsail.send(new GetInstanceCommand({ instanceName }));

    expect(operation).toMatchObject({
      operationType: "PutInstancePublicPorts",
      status: "Succeeded",
      isTerminal: true,
      operationDetails: "443/tcp, 10000-20000/udp",
    });
    expect(await openPorts(rig)).toEqual(["443-443/tcp open", "10000-20000/udp open"]);
    expect(instance?.networking?.ports?.[0]).toMatchObject({
      cidrs: ["0.0.0.0/0"],
      ipv6Cidrs: ["::/0"],
    });
  });

  test("keeps the sources that it is given", async () => {
    const rig = await withRunning();
    const ssh: PortInfo = {
      protocol: "tcp",
      fromPort: 22,
      toPort: 22,
      cidrListAliases: ["lightsail-connect"],
    };

    const office = { ...https, cidrs: ["203.0.113.0/24"] };
    await rig.lightsail.send(
      new PutInstancePublicPortsCommand({ instanceName, portInfos: [ssh, office] }),
    );
    const { portStates } = await rig.lightsail.send(
      new GetInstancePortStatesCommand({ instanceName }),
    );

    expect(portStates).toMatchObject([
      { fromPort: 22, cidrs: [], ipv6Cidrs: [], cidrListAliases: ["lightsail-connect"] },
      { fromPort: 443, cidrs: ["203.0.113.0/24"], ipv6Cidrs: [], cidrListAliases: [] },
    ]);
  });

  test("shows in the listings too, in the words of an InstancePortInfo", async () => {
    const rig = await withRunning();
    const office = { ...https, cidrs: ["203.0.113.0/24"] };
    await rig.lightsail.send(
      new PutInstancePublicPortsCommand({ instanceName, portInfos: [media, office] }),
    );

    const { instances } = await rig.lightsail.send(new GetInstancesCommand({}));

    const common = { accessType: "Public", accessDirection: "inbound", commonName: "" };
    const anywhere = { cidrs: ["0.0.0.0/0"], ipv6Cidrs: ["::/0"], cidrListAliases: [] };
    const narrow = { cidrs: ["203.0.113.0/24"], ipv6Cidrs: [], cidrListAliases: [] };
    expect(instances?.[0]?.networking?.ports).toEqual([
      { ...media, ...anywhere, ...common, accessFrom: "Anywhere (0.0.0.0/0 and ::/0)" },
      { ...https, ...narrow, ...common, accessFrom: "Custom" },
    ]);
  });

  test.each<[string, PortInfo]>([
    ["a range that ends before it begins", { protocol: "tcp", fromPort: 9, toPort: 8 }],
    ["a port over 65535", { protocol: "tcp", fromPort: 1, toPort: 65_536 }],
    ["a negative TCP port", { protocol: "tcp", fromPort: -1, toPort: 1 }],
    ["a port without a protocol", { fromPort: 1, toPort: 1 }],
    ["a source that is no address", { ...https, cidrs: ["300.1.1.1/8"] }],
    ["an alias that does not exist", { ...https, cidrListAliases: ["everyone"] }],
    ["61 sources", { ...https, cidrs: Array.from({ length: 61 }, (_, n) => `203.0.113.${n}/32`) }],
  ])("refuses %s and changes nothing", async (_what, portInfo) => {
    const rig = await withRunning();

    const put = rig.lightsail.send(
      new PutInstancePublicPortsCommand({ instanceName, portInfos: [portInfo] }),
    );

    await expect(put).rejects.toThrow(InvalidInputException);
    expect(await openPorts(rig)).toEqual(["22-22/tcp open"]);
  });

  test("lets pings in as type 8 and code -1", async () => {
    const rig = await withRunning();
    const ping: PortInfo = { protocol: "icmp", fromPort: 8, toPort: -1 };

    await rig.lightsail.send(
      new PutInstancePublicPortsCommand({ instanceName, portInfos: [ping] }),
    );

    expect(await openPorts(rig)).toEqual(["8--1/icmp open"]);
  });

  test("does not find an instance that is not there", async () => {
    const { lightsail } = await startAws();

    const put = lightsail.send(
      new PutInstancePublicPortsCommand({ instanceName, portInfos: [https] }),
    );

    await expect(put).rejects.toThrow(NotFoundException);
  });

  test("meets a pending instance as the policy says", async () => {
    const refusing = await startAws();
    const accepting = await startAws({ pending: "accept" });
    for (const { lightsail } of [refusing, accepting]) {
      await lightsail.send(new CreateInstancesCommand(anInstance(instanceName)));
    }
    const put = new PutInstancePublicPortsCommand({ instanceName, portInfos: [https] });

    await expect(refusing.lightsail.send(put)).rejects.toThrow(OperationFailureException);
    await accepting.lightsail.send(put);

    expect(await openPorts(refusing)).toEqual(["22-22/tcp open"]);
    expect(await openPorts(accepting)).toEqual(["443-443/tcp open"]);
  });
});

describe("OpenInstancePublicPorts and CloseInstancePublicPorts", () => {
  test("add to the set and take from it", async () => {
    const rig = await withRunning();

    const opened = await rig.lightsail.send(
      new OpenInstancePublicPortsCommand({ instanceName, portInfo: https }),
    );
    const between = await openPorts(rig);
    const closed = await rig.lightsail.send(
      new CloseInstancePublicPortsCommand({ instanceName, portInfo: https }),
    );

    expect(opened.operation).toMatchObject({ operationDetails: "443/tcp", status: "Succeeded" });
    expect(between).toEqual(["22-22/tcp open", "443-443/tcp open"]);
    expect(closed.operation?.operationType).toBe("CloseInstancePublicPorts");
    expect(await openPorts(rig)).toEqual(["22-22/tcp open"]);
  });

  test("close only the sources that are named, while others are left", async () => {
    const rig = await withRunning();
    const [a, b] = ["203.0.113.1/32", "203.0.113.2/32"];
    await rig.lightsail.send(
      new OpenInstancePublicPortsCommand({ instanceName, portInfo: { ...https, cidrs: [a, b] } }),
    );

    await rig.lightsail.send(
      new CloseInstancePublicPortsCommand({ instanceName, portInfo: { ...https, cidrs: [a] } }),
    );
    const { portStates } = await rig.lightsail.send(
      new GetInstancePortStatesCommand({ instanceName }),
    );

    expect(portStates?.at(-1)).toMatchObject({ fromPort: 443, cidrs: [b] });
  });
});
