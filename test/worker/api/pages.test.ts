import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byName, pageOfNames } from "../../../durable/rules/pages.ts";
import { pageOf } from "../../../worker/api/pages.ts";
import { createWorld, errorsOf, serve } from "./fakes.ts";
import { instance, lease, override, status } from "./views.ts";

const MEDIA = "/v1/fleets/media";

interface Told {
  readonly nextCursor: string | null;
  readonly [member: string]: unknown;
}

/** Reads a list to its end, as a caller would. */
async function readAll(path: string, limit: number, world = filled()): Promise<unknown[][]> {
  const { call } = serve(world);
  const pages: unknown[][] = [];
  const member = path.split("/").at(-1) ?? "";
  for (let cursor: string | null = ""; cursor !== null;) {
    const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const told: Told = await (await call("GET", `${path}?limit=${limit}${more}`)).json();
    pages.push(told[member] as unknown[]);
    cursor = told.nextCursor;
  }
  return pages;
}

/** Five of each. */
function filled() {
  const world = createWorld();
  for (const letter of ["a", "b", "c", "d"]) {
    world.statuses.set(`media-${letter}`, status(`media-${letter}`));
    world.leases.set(letter, lease(letter));
    world.overrides.set(letter, override(letter));
  }
  return world;
}

describe("a list", () => {
  it.each(["/v1/fleets", `${MEDIA}/leases`, `${MEDIA}/overrides`])(
    "of %s is told page by page, each item once",
    async (path) => {
      const whole = (await readAll(path, 100)).flat();

      const pages = await readAll(path, 2);

      expect(whole).toHaveLength(5);
      expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
      expect(pages.flat()).toEqual(whole);
    },
  );

  it("of instances asks the fleet for one more than its limit, and goes on after its cursor", async () => {
    const world = createWorld();
    for (let n = 2; n <= 4; n += 1)
      world.instances.set(`media-ab12-${n}`, instance(`media-ab12-${n}`));
    const { call } = serve(world);

    const reply = await call("GET", `${MEDIA}/instances?limit=2&cursor=media-ab12-1`);

    const { instances, nextCursor } = (await reply.json()) as {
      instances: { name: string }[];
      nextCursor: string;
    };
    expect(world.calls[0]?.args[1]).toEqual({ after: "media-ab12-1", limit: 3 });
    expect(instances).toHaveLength(2);
    expect(nextCursor).toBe(instances[1]?.name);
  });

  it("of many instances asks the fleet for 250 at a time, so that no tick waits for them all", async () => {
    const world = createWorld();
    const { call } = serve(world);
    world.instances.clear();
    for (let n = 1; n <= 600; n += 1)
      world.instances.set(`media-ab12-${n}`, instance(`media-ab12-${n}`));

    const reply = await call("GET", `${MEDIA}/instances`);

    const { instances } = (await reply.json()) as { instances: { name: string }[] };
    expect(instances.map(({ name }) => name)).toEqual([...world.instances.keys()]);
    expect(world.calls.map(({ args }) => args[1])).toEqual([
      { after: null, limit: 250 },
      { after: "media-ab12-250", limit: 250 },
      { after: "media-ab12-500", limit: 250 },
    ]);
  });

  it.each(["/v1/fleets", `${MEDIA}/instances`, `${MEDIA}/leases`, `${MEDIA}/overrides`])(
    "of %s refuses a limit or a cursor that is none",
    async (path) => {
      const { call } = serve(createWorld());

      for (const query of ["limit=0", "limit=1001", "limit=x", "cursor=", "cursor=a%20b"]) {
        const reply = await call("GET", `${path}?${query}`);
        expect(reply.status, query).toBe(400);
        expect((await errorsOf(reply))[0]).toContain(query.split("=")[0]);
      }
    },
  );

  it("asks only the fleets of its page", async () => {
    const world = filled();

    await serve(world).call("GET", "/v1/fleets?limit=2&cursor=media");

    const asked = world.calls.filter(({ method }) => method === "status");
    expect(asked.map(({ fleet }) => fleet)).toEqual(["media-a", "media-b"]);
  });
});

describe("pages", () => {
  const names = fc.uniqueArray(
    fc.tuple(fc.constantFrom("media-ab12", "old"), fc.nat(2_000)).map(([a, b]) => `${a}-${b}`),
    { minLength: 1, maxLength: 60 },
  );

  it("of names hold each one once, by its number, also where some go away meanwhile", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 9 }), fc.nat(), (all, limit, gone) => {
        const left = all.filter((_, index) => index !== gone % all.length || all.length === 1);
        const seen: string[] = [];
        for (let after: string | null = null, round = 0; ; round += 1) {
          const page: string[] = pageOfNames(round === 0 ? all : left, { after, limit });
          seen.push(...page);
          if (page.length < limit) break;
          after = page.at(-1) ?? null;
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual(expect.arrayContaining(left));
        expect(seen).toEqual(seen.toSorted(byName));
      }),
    );
  });

  it("put the tenth after the ninth", () => {
    const all = ["m-10", "m-9", "m-1", "m-100"];

    expect(pageOfNames(all, { after: null, limit: 9 })).toEqual(["m-1", "m-9", "m-10", "m-100"]);
  });

  it("end where the last one is full", () => {
    const page = pageOf(["a", "b"], (item) => item, { limit: 2 });

    expect(page).toEqual({ items: ["a", "b"], nextCursor: null });
  });
});
