/** JSON that says one thing only. */

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gsu;

/**
 * The document, or undefined, which no JSON is. One in which an object has a key twice is none: of two values one
 * reader believes the first and another the last.
 */
export function parseJson(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return hasRepeatedKey(text) ? undefined : document;
  } catch {
    // Neither JSON nor anything else is promised by what listens on that port.
    return undefined;
  }
}

/** Whether an object in it has a key twice, however the key is written. The text must be JSON. */
function hasRepeatedKey(text: string): boolean {
  /** The keys of each object that is open; null for a list. */
  const open: (Set<string> | null)[] = [];
  let isKeyNext = false;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") open.push(token === "{" ? new Set() : null);
    else if (token === "}" || token === "]") open.pop();
    else if (isKeyNext && token.startsWith('"')) {
      const key = String(JSON.parse(token));
      const keys = open.at(-1);
      if (keys?.has(key) === true) return true;
      keys?.add(key);
    }
    isKeyNext = token === "{" || (token === "," && open.at(-1) instanceof Set);
  }
  return false;
}
