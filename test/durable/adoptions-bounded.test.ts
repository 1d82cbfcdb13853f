/** How many instances may wait for their adoption: each costs a call of AWS in every look. */
import { expect, it } from "vitest";
import { act } from "../../durable/operate-instance.ts";
import { aFleet, given, OLGA, stateOf } from "./fleet-builder.ts";

it("an adoption is refused while fifty others wait, and one that waits may be asked for again", () => {
  const fleet = aFleet({});
  const adopt = (name: string) =>
    act(fleet.engine, name, { kind: "adopt", reason: "a test" }, OLGA, given(fleet));
  for (let each = 1; each <= 50; each += 1)
    expect(adopt(`by-hand-${each}`)).toEqual({ instance: null });

  expect(adopt("one-too-many")).toMatchObject({ refused: { status: 409 } });
  expect(adopt("by-hand-7")).toEqual({ instance: null });
  expect(stateOf(fleet).adoptions).toHaveLength(50);
});
