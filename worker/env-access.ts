/** The settings of Cloudflare Access: https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/ */

type Role = "viewer" | "dispatcher" | "operator";

export interface AccessSettings {
  /** `https://<team>.cloudflareaccess.com`. */
  readonly issuer: string;
  /** The tags of the applications whose tokens count. */
  readonly audiences: readonly string[];
  /** What a person may do. */
  readonly role: Role;
  /** The mail addresses of people who may do everything, in lower case. */
  readonly operators: readonly string[];
}

interface Written {
  readonly ACCESS_TEAM_DOMAIN: string | null;
  readonly ACCESS_AUD: string | null;
  readonly ACCESS_ROLE: string | null;
  readonly ACCESS_OPERATORS: string | null;
}

const ROLES: Readonly<Record<Role, Role>> = {
  viewer: "viewer",
  dispatcher: "dispatcher",
  operator: "operator",
};

const TEAM_DOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.cloudflareaccess\.com$/;
const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d{1,5}$/;
const AUDIENCE = /^[0-9a-f]{64}$/;
const MAIL = /^[\u0021-\u007e]+@[\u0021-\u007e]+$/;

/** Null where none of them is set; what is wrong with them by the name of the setting. */
export function readAccess(
  written: Written,
  isDevelopment: boolean,
): { readonly settings: AccessSettings | null; readonly problems: readonly string[] } {
  const { ACCESS_TEAM_DOMAIN: domain, ACCESS_AUD: aud } = written;
  const operators = listOf(written.ACCESS_OPERATORS?.toLowerCase() ?? null);
  const role = roleOf(written.ACCESS_ROLE ?? ROLES.viewer);
  const anySet = Object.entries(written).some(
    ([name, value]) => name.startsWith("ACCESS_") && value !== null,
  );
  if (!anySet) return { settings: null, problems: [] };

  const audiences = listOf(aud);
  const issuer = domain === null ? null : issuerOf(domain, isDevelopment);
  const problems = [
    ...(issuer === null
      ? ["ACCESS_TEAM_DOMAIN must be your team's domain, such as example.cloudflareaccess.com"]
      : []),
    ...(audiences.length === 0 || !audiences.every((each) => AUDIENCE.test(each))
      ? [
          "ACCESS_AUD must be the application's audience tag (64 hex digits), or several with commas",
        ]
      : []),
    ...(role === null ? [`ACCESS_ROLE must be one of ${Object.keys(ROLES).join(", ")}`] : []),
    ...(operators.every((each) => MAIL.test(each))
      ? []
      : ["ACCESS_OPERATORS must be mail addresses with commas between them"]),
  ];
  if (issuer === null || role === null || problems.length > 0) return { settings: null, problems };
  return { settings: { issuer, audiences, role, operators }, problems };
}

/** On one machine with an emulated AWS, Access may be emulated too. */
function issuerOf(domain: string, isDevelopment: boolean): string | null {
  if (isDevelopment && LOOPBACK.test(domain)) return domain;
  return TEAM_DOMAIN.test(domain) ? `https://${domain}` : null;
}

function roleOf(text: string): Role | null {
  return Object.values(ROLES).find((role) => role === text) ?? null;
}

function listOf(text: string | null): string[] {
  return text === null ? [] : text.split(",").map((entry) => entry.trim());
}
