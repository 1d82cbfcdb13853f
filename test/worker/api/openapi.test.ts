import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { KINDS, PROBLEM_KINDS } from "../../../worker/api/problem-kinds.ts";
import { problemExample } from "../../../worker/api/openapi/document.ts";
import { ROUTES } from "../../../worker/api/routes.ts";
import { noSpareBody, problemBody } from "../../../worker/api/schemas/problem.ts";
import { createWorld, serve } from "./fakes.ts";

const operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  "x-role": z.string(),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })),
  responses: z.record(z.string(), z.looseObject({})),
});
const described = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});

async function read(): Promise<z.output<typeof described>> {
  const { app } = serve(createWorld());
  const reply = await app.request("/openapi.json");
  expect(reply.headers.get("Content-Type")).toBe("application/json");
  return described.parse(await reply.json());
}

describe("/openapi.json", () => {
  it("is OpenAPI 3.1, by OpenAPI's own schema", async () => {
    const validator = new Validator();

    const result = await validator.validate(await read());

    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  it("describes every route of the app, and no other", async () => {
    const { paths } = await read();

    const told = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const { app } = serve(createWorld());
    const routes = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/gu, "{$1}")}`);
    expect(told.sort()).toEqual(routes.sort());
  });

  it("gives every operation a name of its own, its role, and what goes wrong", async () => {
    const { paths } = await read();
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));

    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const each of operations) {
      const role = each["x-role"];
      const open = role === "open" || role === "published";
      expect(each.summary.length, each.operationId).toBeGreaterThan(10);
      expect(each.security, each.operationId).toEqual(open ? [] : undefined);
      expect(Object.keys(each.responses)).toEqual(expect.arrayContaining(["400", "500", "503"]));
      if (!open) expect(each.responses).toHaveProperty("401");
      if (role === "operator") expect(each.responses).toHaveProperty("403");
    }
  });

  it("names every parameter that a route knows", async () => {
    const { paths } = await read();

    for (const { method, path, operation } of ROUTES) {
      const told = paths[path.replaceAll(/:(\w+)/gu, "{$1}")]?.[method.toLowerCase()];
      const names = (place: string) =>
        told?.parameters.filter((each) => each.in === place).map(({ name }) => name);
      expect(names("query")).toEqual(Object.keys(operation.query.shape));
      expect(names("path")).toEqual([...path.matchAll(/:(\w+)/gu)].map(([, name]) => name));
    }
  });

  it("does not call required what may be missing, as the fuzz found that it did", async () => {
    const { app } = serve(createWorld());
    const document = z
      .looseObject({
        components: z.looseObject({
          schemas: z.looseObject({ PortRule: z.looseObject({ required: z.array(z.string()) }) }),
        }),
      })
      .parse(await (await app.request("/openapi.json")).json());

    expect(document.components.schemas.PortRule.required).toEqual(["protocol", "from", "to"]);
  });

  it("is small enough to be read at once", async () => {
    expect(JSON.stringify(await read()).length).toBeLessThan(200_000);
  });
});

describe("the examples", () => {
  it("are all there, and are what the schemas say", () => {
    for (const { operation } of ROUTES) {
      const replies = Object.values(operation.replies).flatMap(({ content }) =>
        Object.values(content ?? {}),
      );
      for (const { schema, example } of replies)
        expect(schema.safeParse(example).error, operation.id).toBeUndefined();
      if (operation.body !== null)
        expect(operation.body.schema.safeParse(operation.body.example).error).toBeUndefined();
    }
  });

  it("are there for every kind of problem", () => {
    for (const kind of PROBLEM_KINDS) {
      const schema = kind === "no-spare" ? noSpareBody : problemBody;
      expect(schema.safeParse(problemExample(kind)).error, kind).toBeUndefined();
      expect(problemExample(kind).status).toBe(KINDS[kind].status);
    }
  });
});

describe("/docs", () => {
  it("shows every operation and every thing, without a script", async () => {
    const { app } = serve(createWorld());

    const reply = await app.request("/docs");
    const page = await reply.text();

    expect(reply.headers.get("Content-Type")).toContain("text/html");
    for (const { operation } of ROUTES) expect(page).toContain(`id="${operation.id}"`);
    const links = [...page.matchAll(/href="#([^"]+)"/gu)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
    expect(page).not.toContain("<script");
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//u);
  });

  it("is shown under a policy that allows its own style and nothing else", async () => {
    const { app } = serve(createWorld());

    const reply = await app.request("/docs");

    const policy = reply.headers.get("Content-Security-Policy") ?? "";
    const style = /<style>([^]*?)<\/style>/u.exec(await reply.text())?.[1] ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(
      `style-src 'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`,
    );
    expect(policy).not.toContain("unsafe");
    expect(reply.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  it("escapes whatever the description says", async () => {
    const { html } = await import("../../../worker/api/docs/html.ts");

    expect(html`<p>${'<b class="x">&</b>'}</p>`.text).toBe(
      "<p>&lt;b class=&quot;x&quot;&gt;&amp;&lt;/b&gt;</p>",
    );
  });
});
