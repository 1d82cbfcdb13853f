import { expect, it } from "vitest";
import { deadlineIn, orAborted } from "../worker/clock.ts";
import { endingBy, mustEnd } from "./must-end.ts";
import { manualClock } from "./worker/aws/support.ts";

const never = () => new Promise<never>(() => undefined);

it("work that no clock ends fails at once, and says what waits at which time", async () => {
  const clock = manualClock();
  clock.advance(4_000);

  await expect(mustEnd(never(), "the look", clock)).rejects.toThrow(
    "nothing can end the look any more: the clock stands at +4000 ms, and no timer is set",
  );
});

it("a timer that the test does not reach ends nothing: it is named", async () => {
  const clock = manualClock();
  const port = endingBy({ look: never }, "a look", clock);
  clock.after(8_000, () => undefined);

  await expect(port.look()).rejects.toThrow("timers are set for +8000 ms");
});

it("work that its time limit ends is left alone, with its result or its failure", async () => {
  const clock = manualClock();
  const deadline = deadlineIn(clock, 1_000);
  const limited = mustEnd(orAborted(never(), deadline.signal), "the call", clock);

  clock.advance(1_000);

  await expect(limited).rejects.toThrow("no end within 1 s");
  expect(await mustEnd(Promise.resolve(5), "the call", clock)).toBe(5);
});
