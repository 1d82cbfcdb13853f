import { describe, expect, it } from "vitest";
import type { Checkup } from "../../../durable/rules/checkup-views.ts";
import type { Reading } from "../../../durable/rules/world.ts";
import { checkLooks } from "../../../worker/doctor/looks.ts";
import type { Examined } from "../../../worker/doctor/patient.ts";
import { aSpec } from "../../durable/rules/spec-builder.ts";

const ANSWER: Reading = {
  kind: "answer",
  name: "media-a-1",
  revision: 0,
  startedAt: 0,
  tookMs: 210,
  sessions: 0,
  draining: false,
};

function check(checkup: Partial<Checkup> | null, reading: Reading | null = ANSWER) {
  const examined = { spec: aSpec(), checkup, look: { reading } };
  return checkLooks(examined as unknown as Examined);
}

describe("what the doctor says of looks", () => {
  it("is how many servers one look reads, and how long a probe takes", () => {
    expect(check({ probed: 30, probeMs: 40 })).toEqual({
      name: "looks",
      status: "ok",
      what: "A probe takes 40 ms. The doctor's own probe took 210 ms. One look reads 30 of your 30 servers.",
      fix: null,
    });
  });

  it("names the shards that a larger fleet needs", () => {
    const { status, what } = check({ probed: 300, probeMs: 200 });

    expect(status).toBe("ok");
    expect(what).toContain("One look reads 300 of your 300 servers with the help of 3 shards.");
  });

  it("is a warning, with what to do, where one look is too short for all", () => {
    const { status, what, fix } = check({ probed: 1_000, probeMs: 400 });

    expect(status).toBe("warn");
    expect(what).toContain("One look reads 405 of your 1000 servers with the help of 8 shards.");
    expect(what).toContain("each in one of 3 looks");
    expect(fix).toContain(
      "Make the health reply faster, or share the servers among several fleets",
    );
    expect(fix).toContain("lies far from ap-northeast-2");
  });

  it("stands on the doctor's own probe until the fleet has measured one", () => {
    expect(check({ probed: 2, probeMs: null }).what).toContain("A probe takes 210 ms.");
  });

  it("is nothing where no server has answered, or there is no fleet yet", () => {
    expect(check({ probed: 2, probeMs: null }, null).status).toBe("skipped");
    expect(check({ probed: 0, probeMs: 200 }).status).toBe("skipped");
    expect(check(null).status).toBe("skipped");
  });
});
