/**
 * What AWS is known to answer, a class of answers each: the fleet meets every one of them at every call
 * (test/virtual/refusals.test.ts), and the simulator draws from them.
 */
import type { FaultInput } from "./faults.ts";

/** What AWS says in its refusals; it must come through to people. */
export const WORDS = "Zebra crossing 42";

/** The operations that change something, and those that look. */
export const OPERATIONS = [
  "CreateInstances",
  "PutInstancePublicPorts",
  "DeleteInstance",
  "TagResource",
  "UntagResource",
  "CreateTags",
  "DescribeTags",
  "GetInstances",
] as const;

export const ANSWERS: readonly (readonly [string, FaultInput["effect"]])[] = [
  ["throttled", { kind: "throttled" }],
  ["a refused key", { kind: "error", type: "AccessDeniedException", message: WORDS }],
  [
    "a refusal for now",
    { kind: "error", type: "OperationFailureException", message: `${WORDS} pending verification` },
  ],
  [
    "an account in setup",
    { kind: "error", type: "AccountSetupInProgressException", message: WORDS },
  ],
  ["a refusal of the input", { kind: "error", type: "InvalidInputException", message: WORDS }],
  [
    "a refusal in words that nothing knows",
    { kind: "error", type: "OperationFailureException", message: WORDS },
  ],
  ["a failing server", { kind: "error", type: "ServiceException", message: WORDS, status: 500 }],
  ["silence", { kind: "lost", when: "before" }],
  ["silence after the effect", { kind: "lost", when: "after" }],
  ["garbage", { kind: "garbled", body: "<html>Zebra</html>" }],
];
