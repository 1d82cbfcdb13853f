/** Starts the badly behaved servers in Node, for the tests that run in workerd and cannot. */
import type { TestProject } from "vitest/node";
import { type BehaviourName, NAMES } from "./expected.ts";
import { BEHAVIOURS, type Running, listen } from "./servers.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The port of each server on 127.0.0.1. */
    probePorts: Record<BehaviourName, number>;
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
  return async () => {
    await Promise.all(running.map((server) => server.close()));
  };
}
