/** Whom the doctor looks at, and what was seen. */
import type { Checkup } from "../../durable/rules/checkup-views.ts";
import type { Spec } from "../../durable/rules/spec.ts";
import type { Config } from "../env.ts";
import type { Look } from "./look.ts";

/** A spec, and what its fleet tells, null where none is there yet. */
export interface Patient {
  readonly fleet: string;
  readonly spec: Spec;
  readonly checkup: Checkup | null;
}

/** Everything that the checks stand on. */
export interface Examined extends Patient {
  readonly look: Look;
  readonly config: Pick<Config, "credentials" | "credentialsAdvice" | "secret">;
  /** By which the fleet's own instances are known. */
  readonly owner: string;
  readonly now: number;
}
