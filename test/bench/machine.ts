/** The line that every bench begins with: figures mean nothing without the machine that made them. */
import { cpus, loadavg } from "node:os";
import { rounded } from "./figures.ts";

export function machine(bench: string) {
  return {
    bench,
    machine: cpus()[0]?.model ?? "?",
    cores: cpus().length,
    node: process.versions.node,
    load: rounded(loadavg()[0] ?? 0),
  };
}
