import {
  CreateInstancesCommand,
  DeleteInstanceCommand,
  GetInstanceCommand,
  InvalidInputException,
  OperationFailureException,
  RebootInstanceCommand,
  StartInstanceCommand,
  StopInstanceCommand,
} from "@aws-sdk/client-lightsail";
import { describe, expect, test } from "vitest";
import { anInstance, BOOTED_MS, REGION, startAws, type Rig } from "./rig.ts";
import type { CloudOptions } from "./cloud/options.ts";

const named = { instanceName: "media-1" };

async function withRunning(options: Partial<CloudOptions> = {}): Promise<Rig> {
  const rig = await startAws(options);
  await rig.lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
  rig.clock.advance(BOOTED_MS);
  return rig;
}

describe("stop and start", () => {
  test("go through stopping and stopped to pending, and come back at another address", async () => {
    const { lightsail, clock, cloud } = await withRunning({ timing: { stopMs: 15_000 } });
    const look = async () => {
      const { instance } = await lightsail.send(new GetInstanceCommand(named));
      return [instance?.state?.name, instance?.publicIpAddress];
    };

    const seen = [await look()];
    await lightsail.send(new StopInstanceCommand(named));
    seen.push(await look());
    clock.advance(15_000);
    seen.push(await look());
    await lightsail.send(new StartInstanceCommand(named));
    seen.push(await look());
    clock.advance(BOOTED_MS);
    seen.push(await look());

    expect(seen).toEqual([
      ["running", "127.16.0.1"],
      ["stopping", undefined],
      ["stopped", undefined],
      ["pending", undefined],
      ["running", "127.16.0.2"],
    ]);
    expect(cloud.servers().map((server) => server.publicIp)).toEqual(["127.16.0.2"]);
  });

  test("keep the address when addresses are not dynamic", async () => {
    const { lightsail, clock, cloud } = await withRunning({ dynamicAddresses: false });

    await lightsail.send(new StopInstanceCommand(named));
    clock.advance(BOOTED_MS);
    await lightsail.send(new StartInstanceCommand(named));
    clock.advance(BOOTED_MS);

    expect(cloud.servers().map((server) => server.publicIp)).toEqual(["127.16.0.1"]);
  });

  test("are refused in the wrong state", async () => {
    const { lightsail, clock } = await withRunning();

    await expect(lightsail.send(new StartInstanceCommand(named))).rejects.toThrow(
      OperationFailureException,
    );
    await lightsail.send(new StopInstanceCommand(named));
    clock.advance(BOOTED_MS);
    await expect(lightsail.send(new StopInstanceCommand(named))).rejects.toThrow(
      OperationFailureException,
    );
    await expect(lightsail.send(new RebootInstanceCommand(named))).rejects.toThrow(
      OperationFailureException,
    );
  });
});

describe("a reboot", () => {
  test("takes the machine away for a while, though the API goes on saying running", async () => {
    const { lightsail, clock, cloud } = await withRunning({ timing: { rebootMs: 20_000 } });
    const before = cloud.servers()[0]?.runningSince ?? 0;

    await lightsail.send(new RebootInstanceCommand(named));
    const { instance } = await lightsail.send(new GetInstanceCommand(named));
    const during = cloud.servers();
    clock.advance(20_000);
    const after = cloud.servers()[0]?.runningSince ?? 0;

    expect(instance?.state?.name).toBe("running");
    expect(during).toEqual([]);
    expect(after).toBeGreaterThan(before);
  });
});

describe("a pending instance", () => {
  const calls = {
    StopInstance: new StopInstanceCommand(named),
    RebootInstance: new RebootInstanceCommand(named),
    DeleteInstance: new DeleteInstanceCommand(named),
  };

  test.each([
    ["OperationFailureException" as const, OperationFailureException],
    ["InvalidInputException" as const, InvalidInputException],
  ])("refuses stop, reboot and delete with %s", async (pending, type) => {
    const { lightsail, cloud } = await startAws({ pending });
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));

    await expect(lightsail.send(calls.StopInstance)).rejects.toThrow(type);
    await expect(lightsail.send(calls.RebootInstance)).rejects.toThrow(type);
    await expect(lightsail.send(calls.DeleteInstance)).rejects.toThrow(type);
    expect(cloud.instance("media-1")?.state).toBe("pending");
  });

  test("accepts what it is told to accept, and that alone", async () => {
    const { lightsail, cloud } = await startAws({ pending: { DeleteInstance: "accept" } });
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));

    await expect(lightsail.send(calls.StopInstance)).rejects.toThrow(OperationFailureException);
    await lightsail.send(calls.DeleteInstance);

    expect(cloud.instance("media-1", REGION)?.state).toBe("shutting-down");
  });
});
