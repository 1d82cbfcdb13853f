/**
 * The page at `/`: a shell without any data, and its files. It is open to everyone; what it shows, its
 * script fetches from the API with the token that somebody typed in. It loads nothing of another origin,
 * and the policy below keeps it so.
 */

/** The text of the shell, and of its files by their names. */
export interface PageFiles {
  readonly shell: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The reply for a path of the page; null for every other path. */
export type Page = (pathname: string) => Response | null;

const PREFIX = "/page/";
/** Stands in the shell for the folder of this version's files. */
const FOLDER = "{{folder}}";

const TYPES = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
} as const;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const SAFETY = {
  "Content-Security-Policy": POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  // As every reply of the API has it.
  "Strict-Transport-Security": "max-age=15552000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
} as const;

/**
 * The Workers runtime packs a body that is named so, and Cloudflare unpacks it for who cannot. Every
 * browser can; the shell is left plain for who looks at `/` with curl.
 */
const PACKED = { "Content-Encoding": "gzip" } as const;

const NEVER = { "Cache-Control": "no-store" } as const;
/** A file's address has the version in it, and so never changes its content. */
const FOR_A_YEAR = { "Cache-Control": "public, max-age=31536000, immutable" } as const;

export function createPage({ shell, files }: PageFiles): Page {
  const version = versionOf([shell, ...Object.values(files)]);
  const folder = `${PREFIX}${version}`;
  const front = shell.replaceAll(FOLDER, folder);

  return (pathname) => {
    if (pathname === "/") return reply(front, { "Content-Type": TYPES.html, ...NEVER });
    if (!pathname.startsWith(PREFIX)) return null;
    const [asked, name = "", ...rest] = pathname.slice(PREFIX.length).split("/");
    const ending = name.slice(name.lastIndexOf(".") + 1);
    if (rest.length > 0 || !isKnown(ending) || !Object.hasOwn(files, name)) return null;
    const type = TYPES[ending];
    // A page that was loaded just before a deployment still gets its files, but none that it may keep.
    const kept = asked === version ? FOR_A_YEAR : NEVER;
    return reply(files[name] ?? "", { "Content-Type": type, ...kept, ...PACKED });
  };
}

function isKnown(ending: string): ending is keyof typeof TYPES {
  return Object.hasOwn(TYPES, ending);
}

function reply(text: string, headers: Readonly<Record<string, string>>): Response {
  return new Response(text, { headers: { ...SAFETY, ...headers } });
}

/** FNV-1a, 32 bits: it tells versions apart, and protects nothing. */
function versionOf(texts: readonly string[]): string {
  let value = 0x811c9dc5;
  for (const text of texts)
    for (let index = 0; index < text.length; index += 1)
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, "0");
}
