/** The description of the API, for programs and for people. It is made once, when it is first asked for. */
import { z } from "zod";
import { type Operation, WHATEVER, onAll } from "../operation.ts";
import type { Route } from "../routes.ts";
import { documentOf } from "./document.ts";
import { docsOf } from "../docs/page.ts";

interface Made {
  readonly json: string;
  readonly html: string;
  /** The whole policy under which the page is shown. */
  readonly policy: string;
}

/** The routes are asked for when they are known: these two are among them. */
export function describing(routes: () => readonly Route[]): {
  readonly getDescription: Operation;
  readonly getDocs: Operation;
} {
  let made: Promise<Made> | null = null;
  const make = async (): Promise<Made> => await (made ??= describe(routes()));

  const getDescription = onAll({
    id: "getDescription",
    tag: "Service",
    summary: "This description, as OpenAPI 3.1",
    query: WHATEVER,
    replies: {
      200: {
        description: "The description.",
        content: {
          "application/json": {
            schema: z.looseObject({ openapi: z.string() }),
            example: { openapi: "3.1.0" },
          },
        },
      },
    },
    answer: async (c) => c.body((await make()).json, 200, { "Content-Type": "application/json" }),
  });

  const getDocs = onAll({
    id: "getDocs",
    tag: "Service",
    summary: "This description, for people",
    query: WHATEVER,
    replies: {
      200: {
        description: "A page without scripts.",
        content: { "text/html": { schema: z.string(), example: "<!doctype html>..." } },
      },
    },
    answer: async (c) => {
      const { html, policy } = await make();
      c.set("policy", policy);
      return c.html(html);
    },
  });
  return { getDescription, getDocs };
}

async function describe(routes: readonly Route[]): Promise<Made> {
  const document = documentOf(routes);
  return { json: JSON.stringify(document), ...(await docsOf(document)) };
}
