/**
 * What the body of a media server's answer says. Whatever is not clearly a number of sessions of
 * this very server is no reading: a wrong zero would let a live server be deleted.
 */
import { z } from "zod";
import { parseJson } from "./json.ts";

export type Interpretation =
  | {
      readonly kind: "answer";
      readonly sessions: number;
      readonly draining: boolean;
      /** It says that it is the instance which was asked. */
      readonly named: boolean;
    }
  | { readonly kind: "hole"; readonly detail: string };

/** Members that an answer may have beside the number of sessions. */
const Members = z.object({
  instance: z.string().nullish(),
  draining: z.boolean().nullish(),
});

/**
 * @param status only 200 is an answer; a redirect or an error page is none.
 * @param pointer RFC 6901, to the number of sessions.
 * @param name the instance that was asked; an answer may repeat it in `instance`.
 */
export function interpret(
  status: number,
  body: Uint8Array,
  pointer: string,
  name: string,
): Interpretation {
  if (status !== 200) return hole(`it answered HTTP ${status}`);

  const document = documentOf(body);
  if (document === undefined) return hole("its answer is not JSON, or says a key twice");

  const sessions = resolve(document, pointer);
  if (sessions === undefined) return hole(`its answer has nothing at ${pointer}`);
  if (typeof sessions !== "number" || !Number.isSafeInteger(sessions) || sessions < 0) {
    return hole(`its answer has no whole number at ${pointer}`);
  }

  // An answer that is a bare number, or a list, has no members.
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return { kind: "answer", sessions, draining: false, named: false };
  }
  const members = Members.safeParse(document);
  if (!members.success) return hole("`instance` is not a name, or `draining` is not true or false");
  const { instance, draining } = members.data;
  if (typeof instance === "string" && instance !== name)
    return hole("it answers in another's name");
  return { kind: "answer", sessions, draining: draining ?? false, named: instance === name };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

function hole(detail: string): Interpretation {
  return { kind: "hole", detail };
}

/** The document, or undefined, which no JSON is. */
function documentOf(body: Uint8Array): unknown {
  try {
    return parseJson(utf8.decode(body));
  } catch {
    // UTF-8 is not promised either by what listens on that port.
    return undefined;
  }
}

/** The value at a JSON pointer, or undefined where there is none. */
export function resolve(document: unknown, pointer: string): unknown {
  if (pointer === "") return document;
  if (!pointer.startsWith("/")) return undefined;

  let value = document;
  for (const token of pointer.slice(1).split("/")) {
    // In this order, or `~01` would become a slash (RFC 6901, 4).
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) {
      const items: unknown[] = value;
      value = /^(0|[1-9]\d*)$/.test(key) ? items[Number(key)] : undefined;
    } else if (typeof value === "object" && value !== null && Object.hasOwn(value, key)) {
      value = Object.getOwnPropertyDescriptor(value, key)?.value;
    } else {
      return undefined;
    }
  }
  return value;
}
