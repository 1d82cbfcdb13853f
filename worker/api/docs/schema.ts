/** A schema as people read it: its type in words, and a table of its members. */
import type { Schema } from "./described.ts";
import { type Html, html, inline } from "./html.ts";

const REF = "#/components/schemas/";

/** A schema of the components, under its own anchor. */
export function thingOf(name: string, schema: Schema): Html {
  return html`<section class="thing" id="schema-${name}">
    <h3>${name}</h3>
    <p>${inline(schema.description ?? "")}</p>
    ${schema.properties === undefined ? html`<p>${typeOf(schema)}</p>` : membersOf(schema)}
  </section>`;
}

/** The members of an object, each with what it may be. */
export function membersOf({ properties = {}, required = [] }: Schema): Html {
  const rows = Object.entries(properties).map(
    ([name, member]) =>
      html`<tr>
        <th scope="row">
          <code>${name}</code>${required.includes(name) ? html`` : html` <i>optional</i>`}
        </th>
        <td>${typeOf(member)}${said(member)}</td>
      </tr>`,
  );
  return html`<table>
    ${rows}
  </table>`;
}

/** In a few words, with links to what stands elsewhere. */
export function typeOf(schema: Schema): Html {
  const { $ref, items, properties, additionalProperties } = schema;
  if ($ref !== undefined) return linkTo($ref.slice(REF.length));
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices !== undefined) return joined(choices.map(typeOf));
  if (schema.enum !== undefined)
    return joined(schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`));
  if (items !== undefined) return html`list of ${typeOf(items)}`;
  if (properties !== undefined) return html`object ${membersOf(schema)}`;
  if (typeof additionalProperties === "object")
    return html`object of ${typeOf(additionalProperties)}`;
  return html`${[schema.type ?? "anything"].flat().join(" or ")}${boundsOf(schema)}`;
}

function linkTo(name: string): Html {
  return html`<a href="#schema-${name}">${name}</a>`;
}

function joined(parts: readonly Html[]): Html {
  return html`${parts.map((part, index) => (index === 0 ? part : html` or ${part}`))}`;
}

function boundsOf({ format, minimum, maximum }: Schema): string {
  if (format !== undefined) return ` (${format})`;
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  return "";
}

function said({ description, default: standard }: Schema): Html[] {
  return [
    ...(standard === undefined
      ? []
      : [html`; without it <code>${JSON.stringify(standard)}</code>`]),
    ...(description === undefined ? [] : [html`<br /><small>${inline(description)}</small>`]),
  ];
}
