/** Conditions on a spec, through the API and the real object that keeps it. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { createApi } from "../../../worker/api/app.ts";
import { createPage } from "../../../worker/dashboard/page.ts";
import { doctorReport } from "./fake-books.ts";
import { LEAST, TOKENS } from "./fakes.ts";
import { held } from "./held.ts";

const app = held(
  createApi({
    tokens: TOKENS,
    settingsProblems: [],
    requestsPerSecond: 1_000,
    access: null,
    fleet: (name) => env.FLEET.getByName(name),
    directory: () => env.DIRECTORY.getByName("directory"),
    doctor: async (patient) => doctorReport(patient),
    scriptProblem: () => null,
    page: createPage({ shell: "", files: {} }),
    now: () => Date.now(),
    log: () => undefined,
  }),
);

/** Fleets that a test has put: they would tick on through the tests of other files. */
const fleets = new Set<string>();

afterEach(async () => {
  for (const name of fleets)
    await runInDurableObject(env.FLEET.getByName(name), (_, { storage }) => storage.deleteAlarm());
  fleets.clear();
});

type Conditions = Readonly<Record<string, string>>;

function put(fleet: string, spares: number, conditions: Conditions = {}, query = "") {
  fleets.add(fleet);
  return app.request(`/v1/fleets/${fleet}${query}`, {
    method: "PUT",
    headers: {
      Authorization: "Bearer operator-token",
      "Content-Type": "application/json",
      ...conditions,
    },
    body: JSON.stringify({ ...LEAST, mode: "observe", spares: { default: spares } }),
  });
}

function read(fleet: string, conditions: Conditions = {}) {
  return app.request(`/v1/fleets/${fleet}/spec`, {
    headers: { Authorization: "Bearer viewer-token", ...conditions },
  });
}

async function sparesOf(fleet: string): Promise<string> {
  const view: { spec: { spares: { default: string } } } = await (await read(fleet)).json();
  return view.spec.spares.default;
}

describe("the ETag of a spec", () => {
  it("is strong, is given by PUT and GET alike, and is another one after each change", async () => {
    const created = await put("tagged", 1);
    const first = created.headers.get("ETag");
    const same = await put("tagged", 1);
    const second = (await put("tagged", 2)).headers.get("ETag");

    expect(created.status).toBe(201);
    expect(first).toMatch(/^"[a-z0-9]+\.1"$/u);
    expect(same.headers.get("ETag")).toBe(first);
    expect(second).toMatch(/^"[a-z0-9]+\.2"$/u);
    expect((await read("tagged")).headers.get("ETag")).toBe(second);
  });

  it("is not that of another fleet's spec with the same version", async () => {
    const one = (await put("tagged-one", 1)).headers.get("ETag");
    const other = (await put("tagged-other", 1)).headers.get("ETag");

    expect(one).not.toBe(other);
  });

  it("spares a reader the spec that it has", async () => {
    const tag = (await put("known", 1)).headers.get("ETag") ?? "";

    const known = await read("known", { "If-None-Match": `"old", W/${tag}` });
    const changed = await read("known", { "If-None-Match": '"old"' });

    expect(known.status).toBe(304);
    expect(known.headers.get("ETag")).toBe(tag);
    expect(await known.text()).toBe("");
    expect(changed.status).toBe(200);
  });
});

describe("a PUT with If-Match", () => {
  it("of the spec that is there is applied", async () => {
    const tag = (await put("matched", 1)).headers.get("ETag") ?? "";

    expect((await put("matched", 2, { "If-Match": `"other", ${tag}` })).status).toBe(200);
    expect(await sparesOf("matched")).toBe("2");
  });

  it("of an older spec is 412, says what is there, and changes nothing", async () => {
    const old = (await put("stale", 1)).headers.get("ETag") ?? "";
    const now = (await put("stale", 2)).headers.get("ETag") ?? "";

    const reply = await put("stale", 3, { "If-Match": old });

    expect(reply.status).toBe(412);
    expect(reply.headers.get("Content-Type")).toBe("application/problem+json");
    const { type, detail }: { type: string; detail: string } = await reply.json();
    expect(type).toBe("urn:lightfleet:problem:precondition-failed");
    expect(detail).toContain(now);
    expect(await sparesOf("stale")).toBe("2");
    expect((await read("stale")).headers.get("ETag")).toBe(now);
  });

  it("lets one of many that change the same spec at once win, and no other", async () => {
    const tag = (await put("raced", 1)).headers.get("ETag") ?? "";

    const replies = await Promise.all(
      [10, 11, 12, 13, 14, 15].map((spares) => put("raced", spares, { "If-Match": tag })),
    );

    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(5);
  });

  it("of any spec needs one: without a fleet it is 412, and leaves no name behind", async () => {
    expect((await put("nowhere", 1, { "If-Match": "*" })).status).toBe(412);
    expect((await read("nowhere")).status).toBe(404);
    expect(await env.DIRECTORY.getByName("directory").names()).not.toContain("nowhere");
    await put("somewhere", 1);
    expect((await put("somewhere", 2, { "If-Match": "*" })).status).toBe(200);
  });

  it("of the tag that Cloudflare's compression made weak is applied as the strong one is", async () => {
    const tag = (await put("weak", 1)).headers.get("ETag") ?? "";

    expect((await put("weak", 2, { "If-Match": `W/${tag}` })).status).toBe(200);
    expect(await sparesOf("weak")).toBe("2");
    expect((await put("weak", 3, { "If-Match": `W/${tag}` })).status).toBe(412);
    expect((await put("weak", 3, { "If-Match": `"other", W/"another"` })).status).toBe(412);
    expect(await sparesOf("weak")).toBe("2");
  });

  it("of something that is no tag is 400, and changes nothing", async () => {
    await put("garbled", 1);

    for (const header of ["ab12.1", '"a" "b"', '*, "a"', '"a'])
      expect((await put("garbled", 2, { "If-Match": header })).status, header).toBe(400);
    expect(await sparesOf("garbled")).toBe("1");
  });

  it("is judged in a dry run too", async () => {
    await put("dry", 1);

    expect((await put("dry", 2, { "If-Match": '"old"' }, "?dryRun=true")).status).toBe(412);
  });
});

describe("a PUT with If-None-Match: *", () => {
  it("creates a fleet, and does not touch one that is there", async () => {
    expect((await put("fresh", 1, { "If-None-Match": "*" })).status).toBe(201);
    expect((await put("fresh", 2, { "If-None-Match": "*" })).status).toBe(412);
    expect(await sparesOf("fresh")).toBe("1");
  });
});
