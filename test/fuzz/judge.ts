/** Whether the description allows a reply. It is read by a validator that shares nothing with the Worker. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv";
import { type Description, type Operation, operationsOf, type Reply } from "./description.ts";

export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const ID = "openapi";
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/u;
const PROBLEM = "application/problem+json";
const ALWAYS = ["X-Request-Id", "Server-Timing", "Cache-Control"];
/** What is answered where no operation is meant. */
const STRANGE = new Map([
  [400, "a path that cannot be read"],
  [401, "no token"],
  [404, "an unknown path"],
  [405, "another method"],
  [429, "too many wrong tokens"],
]);

export class Judge {
  readonly #description: Description;
  readonly #ajv: Ajv2020;
  readonly #operations: readonly { readonly operation: Operation; readonly path: RegExp }[];
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(description: Description) {
    this.#description = description;
    this.#ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
    this.#ajv.addFormat("date-time", isMoment);
    this.#ajv.addSchema({ ...description, $id: ID });
    this.#operations = operationsOf(description).map((operation) => ({
      operation,
      path: new RegExp(`^${operation.path.replaceAll(/\{\w+\}/gu, "[^/]+")}$`, "u"),
    }));
  }

  /** Everything that is wrong with a reply; nothing where the description allows it. */
  faultsOf(method: string, url: string, heard: Heard): string[] {
    const { pathname } = new URL(url);
    if (pathname === "/" || pathname.startsWith("/page/")) return [];
    const missing = ALWAYS.filter((name) => !heard.headers.has(name));
    const operation = this.#find(method, pathname);
    return [
      ...missing.map((name) => `it comes without ${name}`),
      ...(operation === null ? this.#strange(heard) : this.#expected(operation, heard)),
    ];
  }

  /** The name of the operation that a request meant; null where it meant none. */
  operationOf(method: string, url: string): string | null {
    return this.#find(method, new URL(url).pathname)?.operationId ?? null;
  }

  #find(method: string, pathname: string): Operation | null {
    return (
      this.#operations.find((each) => each.operation.method === method && each.path.test(pathname))
        ?.operation ?? null
    );
  }

  #strange(heard: Heard): string[] {
    if (!STRANGE.has(heard.status)) return [`nothing of the description answers ${heard.status}`];
    return this.#bodyFaults("/components/schemas/Problem", PROBLEM, heard);
  }

  #expected({ path, method, responses }: Operation, heard: Heard): string[] {
    const told = responses[String(heard.status)];
    if (told === undefined) return [`${heard.status} is not in the description`];
    const own = `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${heard.status}`;
    const place = told.$ref === undefined ? own : told.$ref.slice(1);
    const reply = told.$ref === undefined ? told : this.#shared(told.$ref);
    const type = heard.headers.get("Content-Type")?.split(";")[0] ?? null;
    // A failure is told as a failure: only a state that has a body of its own may be 5xx.
    if (heard.status >= 500 && type === PROBLEM) return [`it failed: ${heard.text.slice(0, 400)}`];
    const types = Object.keys(reply.content ?? {});
    if (types.length === 0)
      return heard.text === "" ? [] : ["it has a body, and none is described"];
    if (type === null || !types.includes(type)) return [`${type} is none of ${types.join(", ")}`];
    return this.#bodyFaults(`${place}/content/${escaped(type)}/schema`, type, heard);
  }

  #shared(ref: string): Reply {
    const found = this.#description.components.responses[ref.split("/").at(-1) ?? ""];
    if (found === undefined) throw new Error(`${ref} is not in the description`);
    return found;
  }

  #bodyFaults(place: string, type: string, { text }: Heard): string[] {
    const value: unknown = type.endsWith("json") ? parsed(text) : text;
    if (value === undefined) return [`it is no JSON: ${text.slice(0, 200)}`];
    const validate = this.#validatorOf(place);
    if (validate(value)) return [];
    const errors = validate.errors ?? [];
    return errors.map(
      (each) =>
        `${each.instancePath || "the body"} ${each.message ?? ""} ${JSON.stringify(each.params)}`,
    );
  }

  #validatorOf(place: string): ValidateFunction {
    const known = this.#validators.get(place);
    if (known !== undefined) return known;
    const made = this.#ajv.compile({ $ref: `${ID}#${place}` });
    this.#validators.set(place, made);
    return made;
  }
}

/** RFC 3339, with its offset; and there is such a day. */
function isMoment(text: string): boolean {
  return MOMENT.test(text) && !Number.isNaN(Date.parse(text));
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** As a part of a JSON pointer in a URI. */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}
