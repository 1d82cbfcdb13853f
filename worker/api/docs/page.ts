/**
 * The description of the API as a page: made of the OpenAPI document, without any script. Its policy
 * allows the one style that it brings, and nothing else.
 */
import type { Description, Media, Operation, Parameter, Reply } from "./described.ts";
import { Html, html, inline, prose } from "./html.ts";
import { membersOf, thingOf, typeOf } from "./schema.ts";
import { STYLE } from "./style.ts";

/** In one piece, for its text is what the policy names: a space more, and it is another style. */
const STYLED = new Html(`<style>${STYLE}</style>`);

const RESPONSES = "#/components/responses/";

interface Placed extends Operation {
  readonly method: string;
  readonly path: string;
}

export async function docsOf(
  document: unknown,
): Promise<{ readonly html: string; readonly policy: string }> {
  // Made by `document.ts`, and held against OpenAPI's own schema in the tests.
  const described = document as Description;
  const hash = await sha256(STYLE);
  return {
    html: pageOf(described).text,
    policy: `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}

function pageOf(described: Description): Html {
  const { info, tags, components } = described;
  const placed = operationsOf(described);
  const groups = tags.map((tag) => ({
    ...tag,
    operations: placed.filter((each) => each.tags.includes(tag.name)),
  }));
  const names = Object.keys(components.schemas).toSorted();
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${info.title}: the API</title>
        ${STYLED}
      </head>
      <body>
        <nav aria-label="Operations">
          <details open>
            <summary>Contents</summary>
            ${groups.map(({ name, operations }) => contentsOf(name, operations))}
            <p><a href="#problems">Problems</a></p>
            <p><a href="#things">Things</a></p>
          </details>
        </nav>
        <main>
          <h1>${info.title}: the API</h1>
          ${prose(info.description)}
          <p>
            For programs: <a href="/openapi.json">openapi.json</a>. The fleet itself:
            <a href="/">the page</a>.
          </p>
          ${groups.map(
            ({ name, description, operations }) =>
              html`<h2 id="tag-${name}">${name}</h2>
                <p>${inline(description)}</p>
                ${operations.map((each) => operationOf(each, components.responses))}`,
          )}
          <h2 id="problems">Problems</h2>
          ${Object.entries(components.responses).map(problemOf)}
          <h2 id="things">Things</h2>
          ${names.map((name) => thingOf(name, components.schemas[name] ?? {}))}
        </main>
      </body>
    </html>`;
}

function operationsOf({ paths }: Description): Placed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
}

function contentsOf(name: string, operations: readonly Placed[]): Html {
  const lines = operations.map(
    ({ operationId, method, path }) =>
      html`<li>
        <a href="#${operationId}"><b class="${method}">${method}</b> ${shortened(path)}</a>
      </li>`,
  );
  return html`<h2><a href="#tag-${name}">${name}</a></h2>
    <ul>
      ${lines}
    </ul>`;
}

/** What all of them begin with says nothing in a list. */
function shortened(path: string): string {
  return path.replace("/v1/fleets/{fleet}/", "…/");
}

function operationOf(operation: Placed, shared: Description["components"]["responses"]): Html {
  const { operationId, method, path, summary, description, requestBody, responses } = operation;
  const parameters = operation.parameters?.filter((each) => each.in !== "header") ?? [];
  const headers = operation.parameters?.filter((each) => each.in === "header") ?? [];
  return html`<section class="operation" id="${operationId}">
    <h3><b class="${method}">${method}</b> <code>${path}</code></h3>
    <p><strong>${inline(summary)}</strong></p>
    ${prose(description)} ${parametersOf("Parameters", parameters)}
    ${
      requestBody === undefined
        ? html``
        : html`<h4>Body</h4>
            ${mediaOf(requestBody.content)}`
    }
    <h4>Replies</h4>
    ${Object.entries(responses).map(([status, reply]) =>
      "$ref" in reply ? sharedOf(status, reply.$ref, shared) : replyOf(status, reply),
    )}
    ${parametersOf("Headers of the request", headers)}
  </section>`;
}

function parametersOf(words: string, parameters: readonly Parameter[]): Html {
  if (parameters.length === 0) return html``;
  const properties = Object.fromEntries(
    parameters.map(({ name, schema, description }) => [
      name,
      { ...schema, ...(description === undefined ? {} : { description }) },
    ]),
  );
  const required = parameters.filter((each) => each.required === true).map(({ name }) => name);
  return html`<h4>${words}</h4>
    ${membersOf({ properties, required })}`;
}

function replyOf(status: string, { description, content = {}, headers = {} }: Reply): Html {
  const names = Object.keys(headers).map(
    (name, index) => html`${index === 0 ? "" : ", "}<code>${name}</code>`,
  );
  return html`<details>
    <summary><b class="status s${status.slice(0, 1)}">${status}</b> ${inline(description)}</summary>
    ${mediaOf(content)}
    <p><small>Headers: ${names}</small></p>
  </details>`;
}

/** What many operations answer stands in one place, and is named here. */
function sharedOf(
  status: string,
  ref: string,
  shared: Description["components"]["responses"],
): Html {
  const name = ref.slice(RESPONSES.length);
  return html`<p>
    <b class="s${status.slice(0, 1)}">${status}</b>
    <a href="#problem-${name}">${shared[name]?.description ?? name}</a>
  </p>`;
}

function problemOf([name, { description, content = {} }]: [string, Reply]): Html {
  return html`<section id="problem-${name}">
    <h3>${description}</h3>
    ${mediaOf(content)}
  </section>`;
}

function mediaOf(content: Readonly<Record<string, Media>>): Html[] {
  return Object.entries(content).map(([type, { schema, example, examples }]) => {
    const values =
      examples === undefined ? [example] : Object.values(examples).map(({ value }) => value);
    const shown = values.map((value) => html`<pre tabindex="0">${textOf(value)}</pre>`);
    return html`<p><code>${type}</code> ${schema === undefined ? "" : typeOf(schema)}</p>
      ${shown}`;
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
