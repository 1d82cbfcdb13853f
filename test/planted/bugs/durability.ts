/** Effects that come before what they rest on is durable. */
import type { HeldBug } from "../bug.ts";

const ENGINE = "durable/engine.ts";
const KIND = "an effect before it is durable";

export const DURABILITY: readonly HeldBug[] = [
  {
    name: "calls-before-the-sync",
    kind: KIND,
    what: "calls go out before the commands are durable: a death in between leaves servers that nobody intended",
    heldBy: ["test/durable/tick.test.ts"],
    file: "durable/tick.ts",
    find: '    if (commands.length > 0) await sync();\n    laps.end("plan");\n    const { outcomes, ahead } = await work(ports, commands);',
    replace:
      '    laps.end("plan");\n    const { outcomes, ahead } = await work(ports, commands);\n    if (commands.length > 0) await sync();',
  },
  {
    name: "nobody-waits-for-the-sync",
    kind: KIND,
    what: "the sync is begun, and the calls do not wait for its end",
    heldBy: ["test/durable/tick.test.ts"],
    file: "durable/tick.ts",
    find: "if (commands.length > 0) await sync();",
    replace: "if (commands.length > 0) void sync();",
  },
  {
    name: "message-is-forgotten-before-it-is-sent",
    kind: KIND,
    what: "a message is lost when the object dies while Slack is asked",
    heldBy: ["test/durable/post.test.ts"],
    file: "durable/post.ts",
    find: "    const delivery = await send(waiting.map(({ bulletin }) => bulletin));",
    replace:
      "    markSent(sql, waiting);\n    const delivery = await send(waiting.map(({ bulletin }) => bulletin));",
  },
  {
    name: "account-keeps-what-its-tables-refused",
    kind: KIND,
    what: "the account counts a report that its tables have refused",
    heldBy: ["test/durable/account-budget.workerd.test.ts"],
    file: "durable/account-budget.ts",
    find: "    this.#account = null;\n    sql.transaction(() => writeAccount(sql, before, account));\n    this.#account = account;",
    replace:
      "    this.#account = account;\n    sql.transaction(() => writeAccount(sql, before, account));",
  },
  {
    name: "sample-is-known-before-it-is-kept",
    kind: KIND,
    what: "a sample whose commit was refused counts as kept, and the history has a hole",
    heldBy: ["test/durable/engine.test.ts"],
    file: ENGINE,
    find: "      newest = keepSample(this.#sql, sample, this.#tickMs, newest);\n",
    replace:
      "      newest = this.#newestSample = keepSample(this.#sql, sample, this.#tickMs, newest);\n",
  },
  {
    name: "counted-before-it-is-committed",
    kind: KIND,
    what: "launches that the tables have refused are counted, and once more when they are made",
    heldBy: ["test/durable/engine.test.ts"],
    file: ENGINE,
    find: "    const next = recordOf(record, after);\n    let state = after;\n",
    replace:
      "    const next = recordOf(record, after);\n    let state = after;\n    this.meters.moved(base, moves);\n",
    more: [
      {
        file: ENGINE,
        find: "    this.#live = { state, record: next };\n    this.meters.moved(base, moves);\n",
        replace: "    this.#live = { state, record: next };\n",
      },
    ],
  },
  {
    name: "fleet-ticks-before-it-is-known",
    kind: KIND,
    what: "a fleet whose name the directory did not take ticks unwatched",
    heldBy: ["test/worker/api/fleets.test.ts"],
    file: "worker/api/fleets.ts",
    find: "  if (condition.ifMatch === null) await deps.directory().register(name);\n  const applied = await fleet.configure(name, spec, asked, condition);\n",
    replace:
      "  const applied = await fleet.configure(name, spec, asked, condition);\n  if (condition.ifMatch === null) await deps.directory().register(name);\n",
  },
  {
    name: "lost-answer-was-not-sent",
    kind: KIND,
    what: "a call whose connection was lost counts as one that was never sent",
    heldBy: ["test/worker/aws/client.test.ts"],
    file: "worker/aws/client.ts",
    find: 'const kind = neverConnected(thrown) ? "unsent" : "lost";',
    replace: 'const kind = signal.aborted ? "lost" : "unsent";',
  },
  {
    name: "unreadable-change-is-done",
    kind: KIND,
    what: "a change whose answer cannot be read counts as made",
    heldBy: ["test/worker/act.test.ts"],
    file: "worker/aws/errors.ts",
    find: '    return { number, calls, kind: "unknown", message: result.message };',
    replace: '    return { number, calls, kind: "done", requestId: null };',
  },
  {
    name: "failed-operation-is-done",
    kind: KIND,
    what: "a delete that AWS answered with HTTP 200 and a failed operation counts as made",
    heldBy: ["test/worker/aws/lightsail.test.ts"],
    file: "worker/aws/lightsail.ts",
    find: "  if (first === undefined) {\n",
    replace: "  if (first === undefined || first.errorCode === undefined) {\n",
  },
];
