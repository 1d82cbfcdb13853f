/** Which files differ from main. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { UsageError } from "../aws/command-line.ts";

const MAIN = "main";

const execute = promisify(execFile);

/**
 * Files of the work tree that are not as on main where it branched off, or, on main itself, as in the
 * commit before the last; what is not committed yet is among them.
 *
 * @param root of the work tree
 * @returns paths from the root
 */
export async function changedFiles(root: string): Promise<ReadonlySet<string>> {
  const git = async (...args: readonly string[]): Promise<string> => {
    try {
      return (await execute("git", args, { cwd: root })).stdout.trim();
    } catch (error) {
      throw new UsageError(`--changed compares with the branch ${MAIN}: ${String(error)}`);
    }
  };
  const head = await git("rev-parse", "HEAD");
  const fork = await git("merge-base", "HEAD", MAIN);
  const base = fork === head ? `${head}^` : fork;
  const differing = await git("diff", "--name-only", base);
  const fresh = await git("ls-files", "--others", "--exclude-standard");
  return new Set(
    [differing, fresh]
      .join("\n")
      .split("\n")
      .filter((line) => line !== ""),
  );
}
