import { expect, test } from "vitest";
import type { FleetApi } from "../../../durable/rules/views.ts";
import type { SimEvent } from "../event.ts";
import { createPeople } from "./people.ts";

const PAUSE = "/v1/fleets/media/pause";

/** A fleet that writes a pause into its ledger, and answers when it is told to. */
function slowFleet() {
  const { promise: told, resolve: answer } = Promise.withResolvers<void>();
  let commits = 0;
  const pause: FleetApi["pause"] = async () => {
    commits += 1;
    await told;
    return [];
  };
  return { fleet: { pause } as unknown as FleetApi, commits: () => commits, answer };
}

function peopleOf({ fleet, commits }: ReturnType<typeof slowFleet>) {
  const requests: Extract<SimEvent, { kind: "request" }>[] = [];
  const ask = createPeople({
    fleet: () => fleet,
    names: { list: async () => [] } as unknown as Parameters<typeof createPeople>[0]["names"],
    requestCommits: commits,
    objectNow: () => 0,
    emit: (event) => void (event.kind === "request" && requests.push(event)),
  });
  return { ask, requests };
}

test("a request that changes the ledger says so", async () => {
  const slow = slowFleet();
  const { ask, requests } = peopleOf(slow);
  slow.answer();

  await ask("POST", PAUSE, { what: ["retire"], reason: "INC-7", expiresInSeconds: 600 });

  expect(requests).toMatchObject([{ status: 200, changed: true }]);
});

test("seed 600124: what another request changed is not put down to one without the right", async () => {
  const slow = slowFleet();
  const { ask, requests } = peopleOf(slow);

  const viewers = ask("POST", PAUSE, { what: ["retire"], reason: "x" }, "viewer");
  const operators = ask("POST", PAUSE, {
    what: ["retire"],
    reason: "INC-7",
    expiresInSeconds: 600,
  });
  await viewers;
  slow.answer();
  await operators;

  expect(requests).toMatchObject([
    { role: "viewer", status: 403, changed: false },
    { role: "operator", status: 200 },
  ]);
});
