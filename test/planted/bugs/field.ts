/** Faults that users of such tools have reported, and that must not come back. */
import type { HeldBug } from "../bug.ts";

const KIND = "a fault from the field";

export const FIELD: readonly HeldBug[] = [
  {
    name: "an-odd-row-is-absent",
    kind: KIND,
    what: "a server of ours that AWS gives in a form which cannot be read is missed, and lost",
    heldBy: ["test/durable/rules/unread.test.ts"],
    file: "durable/rules/unread.ts",
    find: "  if (listed.length === 0) return ALL_READ;",
    replace: "  if (listed.length >= 0) return ALL_READ;",
  },
  {
    name: "others-oddities-are-ours",
    kind: KIND,
    what: "an instance of somebody else's that cannot be read holds the fleet up",
    heldBy: ["test/virtual/oddities.test.ts"],
    file: "worker/observe.ts",
    find: "    .filter(({ owner }) => owner === undefined || owner === watch.owner)",
    replace: "    .filter(({ name }) => name !== undefined)",
  },
  {
    name: "another-deployment-is-nobody",
    kind: KIND,
    what: "the servers of another deployment in the account are reported as nobody's",
    heldBy: ["test/virtual/loop.test.ts"],
    file: "worker/observe.ts",
    find: "    owner === null || (owner !== watch.owner && owner.startsWith(deployment));",
    replace: "    owner !== watch.owner || owner.startsWith(`${deployment}nobody`);",
  },
  {
    name: "a-slip-of-the-tag-rules-at-once",
    kind: KIND,
    what: "a typing error in the tag launches two hundred servers",
    heldBy: ["test/durable/tag-jump.test.ts"],
    file: "durable/rules/tag-jump.ts",
    find: "  return after - before >= JUMP_LEAST && after > state.spec.limits.jumpMax * before;",
    replace:
      "  return after - before >= JUMP_LEAST && after > 1_000 * state.spec.limits.jumpMax * before;",
  },
  {
    name: "drift-is-mended-in-silence",
    kind: KIND,
    what: "what somebody changed by hand is put right, and nobody learns what it was",
    heldBy: ["test/virtual/loop.test.ts"],
    file: "durable/rules/absorb-listing.ts",
    find: "if (drift.differs !== null) told.push(",
    replace: 'if (drift.differs === "") told.push(',
  },
];
