import { expect, test } from "vitest";
import { callsOf } from "./witness.ts";

test("calls are told apart by their outcome, whichever operation it was", () => {
  const counts = {
    "GetInstances/ok": 90,
    "GetInstances/ThrottlingException": 4,
    "DescribeTags/RequestLimitExceeded": 2,
    "CreateInstances/dropped": 1,
    "CreateInstances/InvalidInputException": 3,
  };

  expect(callsOf(counts)).toEqual({ all: 100, throttled: 6, lost: 1 });
});

test("no calls are none of each kind", () => {
  expect(callsOf({})).toEqual({ all: 0, throttled: 0, lost: 0 });
});
