/**
 * Which secrets of the Worker may leave it: to a media server with a probe, as the key of a signature, or in a
 * launch script. A name says by its beginning that its secret was made for that. All others stay, whatever a
 * spec names: the Worker has secrets of which nobody thought when this list was made.
 */

const PREFIXES = ["PROBE_", "DRAIN_", "AGENT_", "USERDATA_"] as const;

const FORM = new RegExp(`^(?:${PREFIXES.join("|")})[A-Z0-9_]{1,55}$`, "u");

/** Settings of the Worker's own that begin like a secret of a spec. */
const OWN: ReadonlySet<string> = new Set(["PROBE_VIA"]);

/** How a name must be, for people. */
export const SECRET_NAME_RULE = `its name begins with ${PREFIXES.slice(0, -1).join(", ")} or ${PREFIXES.at(-1)}, and goes on in capitals, digits and _`;

/** Whether the secret of that name may leave the Worker. */
export function mayLeave(name: string): boolean {
  return FORM.test(name) && !OWN.has(name);
}

/**
 * The names under which the Worker looks for a secret, in this order. A spec that was stored before names had to
 * begin in this way, and the servers that were built under it, name `KEY`: its secret is found as `PROBE_KEY`.
 */
export function lookedUpAs(name: string): readonly string[] {
  if (mayLeave(name)) return [name];
  return PREFIXES.map((prefix) => `${prefix}${name}`).filter((each) => mayLeave(each));
}

/** What to do about a secret that is named and that the Worker has not. */
export function secretAdvice(name: string, of: string): string {
  if (mayLeave(name))
    return `the secret ${name} of ${of} is not set: run \`wrangler secret put ${name}\``;
  const [moved = ""] = lookedUpAs(name);
  return `the secret ${name} of ${of} is not set under a name that lets it leave the Worker (${SECRET_NAME_RULE}): run \`wrangler secret put ${moved}\`, which is used for ${name} too, and name ${moved} in the spec`;
}
