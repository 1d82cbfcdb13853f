/** Mistakes in the calls on AWS, in what they say, and in who may ask for them. */
import type { PlantedBug } from "../bug.ts";

const CLIENT = "worker/aws/client.ts";

export const CALLS: readonly PlantedBug[] = [
  {
    name: "commands-come-late",
    what: "the hands wait a while before they begin, and do not look how old their commands are",
    incident: "DynamoDB 2025: a delayed hand carried out an old plan",
    invariants: ["I12"],
    file: CLIENT,
    find: "if (aws.clock.now() > site.notAfter) {",
    replace: "if (site.notAfter < 0) {",
    more: [
      {
        file: "worker/act.ts",
        find: "  const deadline = deadlineIn(deps.clock, ACT_LIMIT_MS);\n",
        replace:
          "  await new Promise<void>((resolve) => void deps.clock.after(45_000, resolve));\n  const deadline = deadlineIn(deps.clock, ACT_LIMIT_MS);\n",
      },
    ],
  },
  {
    name: "lost-reply-is-unsent",
    what: "a connection that broke counts as if nothing had been sent",
    incident: "karpenter-hetzner 53: died between create and record, billed for ever",
    invariants: ["I2", "I4", "I7", "I12"],
    file: CLIENT,
    find: 'const kind = neverConnected(thrown) ? "unsent" : "lost";',
    replace: 'const kind = "unsent";',
  },
  {
    name: "throttled-is-done",
    what: "a command that AWS throttled counts as done",
    incident: null,
    invariants: ["I2", "I4", "I7", "I18"],
    file: "durable/rules/settle.ts",
    find: "return again(state, rows, `throttled by AWS: ${outcome.code}`, state.now, 0);",
    replace: "return { ...NO_MOVES, rows: rows.map((row) => done(state, row, command)) };",
  },
  {
    name: "retries-without-pause",
    what: "what failed is tried again in every tick, and no lane is ever empty",
    incident: "Metastable failures: retries kept the overload alive",
    invariants: ["I6", "I12", "I18", "I21"],
    file: "durable/rules/wanted-calls.ts",
    find: "(row) => row.command === null && row.nextAttemptAt <= state.now,",
    replace: "(row) => row.command === null,",
    more: [
      {
        file: "durable/rules/token-bucket.ts",
        find: "if (bucket.ratePerSecond === null) return Number.POSITIVE_INFINITY;",
        replace: "return bucket.levelAt > now ? 0 : Number.POSITIVE_INFINITY;",
      },
    ],
  },
  {
    name: "key-in-the-error",
    what: "the secret key stands in the message of a failed call",
    incident: null,
    invariants: ["I16"],
    file: CLIENT,
    find: "no answer from ${request.url}:",
    replace: "no answer from ${request.url} for ${aws.config.credentials?.secretAccessKey}:",
  },
  {
    name: "every-role-is-operator",
    what: "who may read may also change",
    incident: null,
    invariants: ["I17"],
    file: "worker/api/auth.ts",
    find: "return RANK[role] >= RANK[needed];",
    replace: "return RANK[role] > 0 && RANK[needed] > 0;",
  },
];
