import { OPERATIONS_MAX } from "./options.ts";

/** What AWS did, or is doing, in answer to a call. `endsAt` is infinite for what never ends. */
export interface Operation {
  readonly id: string;
  readonly seq: number;
  /** A member of the model's `OperationType`; null where the model has no word for it (tags). */
  readonly type: string | null;
  readonly resourceName: string;
  readonly resourceType: "Instance" | "InstanceSnapshot" | "KeyPair";
  readonly region: string;
  readonly zone: string;
  readonly details: string | null;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly failure: { readonly code: string; readonly details: string } | null;
}

export type OperationStatus = "Started" | "Succeeded" | "Failed";

/** Where an operation stands at a moment. */
export function statusAt(
  operation: Operation,
  at: number,
): { status: OperationStatus; changedAt: number } {
  if (at < operation.endsAt) return { status: "Started", changedAt: operation.startedAt };
  return {
    status: operation.failure === null ? "Succeeded" : "Failed",
    changedAt: operation.endsAt,
  };
}

/** The operations of one region, oldest first. */
export class OperationLog {
  #operations: Operation[] = [];

  add(operation: Operation): Operation {
    this.#operations.push(operation);
    if (this.#operations.length > OPERATIONS_MAX * 2)
      this.#operations = this.#operations.slice(-OPERATIONS_MAX);
    return operation;
  }

  all(): readonly Operation[] {
    return this.#operations;
  }

  of(resourceName: string): readonly Operation[] {
    return this.#operations.filter((operation) => operation.resourceName === resourceName);
  }

  find(id: string): Operation | null {
    return this.#operations.findLast((operation) => operation.id === id) ?? null;
  }
}
