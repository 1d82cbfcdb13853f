/**
 * What Lightsail does to a launch script. It puts lines of its own, which begin with `#!/bin/sh`, in front
 * of `userData`: the whole then runs under sh (dash on Debian and Ubuntu), whatever its shebang says, and
 * nothing tells of it but a file on the server. More than eighteen public repositories report it.
 */

/** The first line of a script that needs bash: it starts itself anew under bash. */
export const BASH_GUARD = '[ -z "${BASH_VERSION:-}" ] && exec /bin/bash "$0" "$@"';

/** The code of a create that was not sent, for a secret that the launch script names is not there. */
export const SCRIPT_NOT_FILLED = "LaunchScriptNotFilled";

/** Where a server says what its launch script did. */
export const SCRIPT_LOG = "/var/log/cloud-init-output.log";

/** Lightsail's own lines are believed to count for the 16 kB. */
const SAFE_BYTES = 15 * 1024;

const GUARD = /BASH_VERSION\b.*\bexec\s+\S*\bbash\b/u;
const PIPEFAIL = /^[^#]*\bset\s.*-\w*o\s+pipefail\b/u;
const SHELL = /^#!\s*\S*\/(env\s+(-S\s+)?)?(?<name>[\w.+-]+)/u;

/** What will not do what it seems to do, each in a sentence; empty where nothing is known. */
export function scriptWarnings(userData: string, bytes: number): string[] {
  if (userData.trim() === "") return [];
  const lines = userData.split("\n");
  const [first = ""] = lines;
  return [...warningsOfHead(first, lines), ...warningsOfSize(bytes)];
}

function warningsOfHead(first: string, lines: readonly string[]): string[] {
  if (/^(#cloud-(config|boothook)|#include|content-type:\s*multipart|#part-handler)/iu.test(first))
    return [
      `userData begins with ${first.slice(0, 40).trim()}, which does nothing: Lightsail puts its own #!/bin/sh lines in front, and runs all of it under sh. Write it as a shell script.`,
    ];
  const guardedAt = lines.findIndex((line) => GUARD.test(line));
  const shell = SHELL.exec(first)?.groups?.["name"] ?? "sh";
  if (shell !== "bash" && shell !== "sh" && shell !== "dash" && guardedAt < 0)
    return [
      `userData begins with ${first.slice(0, 80).trim()}, which is a mere comment: Lightsail puts its own #!/bin/sh lines in front, and runs all of it under sh. Let a shell script write the program into a file, and run that.`,
    ];
  const pipefailAt = lines.findIndex((line) => PIPEFAIL.test(line));
  if (pipefailAt >= 0 && (guardedAt < 0 || pipefailAt < guardedAt))
    return [
      `userData says \`set -o pipefail\`, which ends the first boot: Lightsail runs it under sh, whatever its shebang says. Put this line before it: ${BASH_GUARD}`,
    ];
  if (shell === "bash" && guardedAt < 0)
    return [
      `userData begins with ${first.slice(0, 80).trim()}, but Lightsail puts its own #!/bin/sh lines in front, and runs all of it under sh. If it needs bash, put this line first: ${BASH_GUARD}`,
    ];
  return [];
}

function warningsOfSize(bytes: number): string[] {
  if (bytes <= SAFE_BYTES) return [];
  return [
    `userData has ${bytes} bytes: Lightsail's own lines come on top, and above 16,384 bytes in all AWS may refuse it or cut it. Let a short script download the rest.`,
  ];
}
