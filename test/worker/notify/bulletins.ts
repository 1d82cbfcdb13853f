import type { Bulletin } from "../../../durable/rules/bulletins.ts";

export function aBulletin(overrides: Partial<Bulletin> = {}): Bulletin {
  return {
    fleet: "media",
    at: Date.UTC(2026, 10, 22, 10, 0, 5),
    kind: "guard",
    subject: "maxInstances",
    severity: "tell",
    stage: "begins",
    what: "No more servers can be launched.",
    doing: "Lightfleet keeps what runs.",
    canDo: "You can raise limits.maxInstances.",
    ...overrides,
  };
}
