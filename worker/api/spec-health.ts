/** How a spec says that a media server is asked for its sessions. */
import { z } from "zod";
import { mayLeave, SECRET_NAME_RULE } from "../secret-names.ts";
import { decimal, oneOf, said, strict, text, whole } from "./fields.ts";

/** Mail: no Worker may connect to it (Cloudflare's docs, TCP sockets, "Considerations"). */
const BLOCKED_PORT = 25;
const PATH_LENGTH_MAX = 1_024;
const HOST_NAME_LENGTH_MAX = 253;
const CAPACITY_MAX = 10_000;
const INTERVAL_SECONDS = { min: 0.2, max: 300 };
/** A look at the world takes at most 4 s, so that a probe must have ended before. */
const TIMEOUT_SECONDS = { min: 0.1, max: 3.5 };

/** Printable ASCII without spaces: the path goes into the request line as it is. */
const PATH = /^\/[\x21-\x22\x24-\x7e]*$/u;
const JSON_POINTER = /^(\/([^~/]|~[01])*)*$/u;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,64}$/iu;
const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/iu;
/** What the probe fills in for each server. */
const HOST_PLACEHOLDERS = /\{(ip-dashed|ip|name)\}/gu;

/** Headers that the probe writes itself; a second one would break the exchange. */
const OWN_HEADERS = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
  "expect",
]);

/** A drain call carries these, and a server must not find two of one. */
const DRAIN_HEADERS = /^x-lightfleet-/iu;

const path = text(
  (written) => written.length <= PATH_LENGTH_MAX && PATH.test(written),
  `must begin with / and hold no space, no # and no control character, at most ${PATH_LENGTH_MAX} of them`,
);

function secretRef(purpose: string, example: string) {
  return text(
    mayLeave,
    `must be the name of a Worker secret made for ${purpose}, such as \`${example}\`: ${SECRET_NAME_RULE}. Put a secret of another name anew under such a one with \`wrangler secret put\``,
  );
}

const header = strict({
  name: text(
    (name) =>
      HEADER_NAME.test(name) && !OWN_HEADERS.has(name.toLowerCase()) && !DRAIN_HEADERS.test(name),
    "must be the name of a header that the probe does not write itself, such as `X-Probe-Key`",
  ),
  secretRef: secretRef("the probe", "PROBE_KEY"),
});

/** How a server that takes part in draining is called; `{verb}` in the path may stay away. */
const drain = strict({
  method: oneOf(["POST", "PUT"]).default("POST"),
  path,
  secretRef: secretRef("drain calls", "DRAIN_KEY"),
});

export const health = strict({
  kind: z
    .literal("http", said("must be `http`: this version knows no other probe"))
    .default("http"),
  port: whole(1, 65_535).refine(
    (port) => port !== BLOCKED_PORT,
    said(`must be another port: Cloudflare makes no connection to port ${BLOCKED_PORT}`),
  ),
  path,
  sessionsPointer: text(
    (pointer) => pointer.length <= PATH_LENGTH_MAX && JSON_POINTER.test(pointer),
    "must be a JSON pointer (RFC 6901) such as `/sessions`",
  ).default("/sessions"),
  capacity: whole(1, CAPACITY_MAX).default(1),
  intervalSeconds: decimal(INTERVAL_SECONDS.min, INTERVAL_SECONDS.max).default(5),
  timeoutSeconds: decimal(TIMEOUT_SECONDS.min, TIMEOUT_SECONDS.max).default(2),
  header: header.nullable().default(null),
  host: text(
    isHostTemplate,
    "must be a host name with {ip-dashed}, {ip} or {name} in it, such as `{ip-dashed}.example.org`",
  )
    .nullable()
    .default(null),
  drain: drain.nullable().default(null),
  nameRequired: z.boolean(said("must be true or false")).optional(),
})
  .refine((written) => written.drain?.secretRef !== (written.header?.secretRef ?? null), {
    path: ["drain", "secretRef"],
    message:
      "must be another secret than health.header's: that one goes over the wire with every probe, and anyone who reads it could sign",
  })
  // A server that takes part in draining knows its name: each drain call says whom it means.
  .transform((written) => ({
    ...written,
    nameRequired: written.nameRequired ?? written.drain !== null,
  }));

/** Without a placeholder every probe would ask the same server, and one idle reply speak for all. */
function isHostTemplate(template: string): boolean {
  const example = template.replaceAll(HOST_PLACEHOLDERS, "x");
  return example !== template && example.length <= HOST_NAME_LENGTH_MAX && HOST_NAME.test(example);
}
