/** Starts in Node what the tests in workerd need and cannot start: badly behaved servers, and an AWS. */
import type { TestProject } from "vitest/node";
import { createCloud } from "../../aws/cloud/cloud.ts";
import { listen as listenAws } from "../../aws/server.ts";
import { createWire } from "../../aws/wire/wire.ts";
import { type BehaviourName, NAMES } from "./expected.ts";
import { BEHAVIOURS, type Running, listen } from "./servers.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The port of each server on 127.0.0.1. */
    probePorts: Record<BehaviourName, number>;
    /** The embedded AWS; it is steered by its control endpoint. */
    awsEndpoint: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running: Running[] = [];
  const ports: Partial<Record<BehaviourName, number>> = {};
  for (const name of NAMES) {
    const server = await listen(BEHAVIOURS[name]);
    running.push(server);
    ports[name] = server.port;
  }
  project.provide("probePorts", ports as Record<BehaviourName, number>);
  const cloud = createCloud({
    now: Date.now,
    keyPairs: [{ name: "ops" }],
    snapshots: [{ name: "golden-7", blueprintId: "ubuntu_22_04", sizeGb: 60 }],
  });
  const aws = await listenAws(createWire(cloud));
  project.provide("awsEndpoint", aws.endpoint);
  return async () => {
    await aws.close();
    await Promise.all(running.map((server) => server.close()));
  };
}
