/** The commands that were committed, by what they do and to whom: the intents behind the calls. */
import { type Command, namesOf } from "../../../durable/rules/world.ts";
import type { Truth } from "./invariant.ts";
import { type CallEvent, isCreate } from "./sightings.ts";

export interface Intent {
  readonly number: number;
  /** By the object's clock, and by the true one. */
  readonly notAfter: number;
  readonly trueNotAfter: number;
  readonly committedAt: number;
}

type Kind = Command["action"]["kind"];

/** The kind of command that makes such a call; null for calls that no command makes. */
export function kindOf(call: CallEvent): Kind | null {
  if (isCreate(call)) return "create";
  if (call.op === "DeleteInstance") return "delete";
  if (call.op === "CreateTags") return "targetTag";
  if (call.op === "TagResource" || call.op === "UntagResource") return "tags";
  return call.op === "PutInstancePublicPorts" ? "ports" : null;
}

/** What a command is about: instances, or the resource whose tag says the target. */
function targetsOf(action: Command["action"]): readonly string[] {
  return action.kind === "targetTag" ? [action.tag.resource] : namesOf(action);
}

export class Intents {
  readonly #byTarget = new Map<string, Intent>();

  add({ action, number, notAfter }: Command, truth: Truth): void {
    const intent = {
      number,
      notAfter,
      trueNotAfter: notAfter + truth.now - truth.objectNow,
      committedAt: truth.now,
    };
    for (const name of targetsOf(action)) this.#byTarget.set(`${action.kind} ${name}`, intent);
  }

  /** The last one. */
  of(kind: Kind, name: string): Intent | null {
    return this.#byTarget.get(`${kind} ${name}`) ?? null;
  }

  forgetBefore(moment: number): void {
    for (const [target, { committedAt }] of this.#byTarget)
      if (committedAt < moment) this.#byTarget.delete(target);
  }
}
