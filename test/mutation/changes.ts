/** Finds which files and lines are to be mutated, from Git. */
import { execFileSync } from "node:child_process";
import { UsageError } from "../aws/command-line.ts";
import type { Options } from "./options.ts";

/** Lines of a file, from 1, both ends included. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

/** A file to mutate. */
export interface Subject {
  readonly path: string;
  /** Null for all lines. */
  readonly lines: readonly Lines[] | null;
}

export interface Chosen {
  /** What was compared or chosen, as a sentence. */
  readonly what: string;
  readonly subjects: readonly Subject[];
}

/** The browser gets these files as they are: no test in Node runs them. */
const IN_BROWSER = "worker/dashboard/browser/";

export function chooseSubjects({ scope, except }: Options, root: string): Chosen {
  const kept = ({ path }: Subject) =>
    isProduct(path) && !except.some((excluded) => isUnder(path, excluded));
  switch (scope.kind) {
    case "all": {
      const subjects = wholeFiles(root).filter(kept);
      return { what: "Mutating every file of durable and worker.", subjects };
    }
    case "files": {
      const files = wholeFiles(root).filter(kept);
      const empty = scope.paths.find((path) => !files.some((file) => isUnder(file.path, path)));
      if (empty !== undefined) {
        throw new UsageError(`${empty} is no TypeScript file of durable or worker, nor holds one.`);
      }
      const subjects = files.filter((file) => scope.paths.some((path) => isUnder(file.path, path)));
      return { what: `Mutating ${scope.paths.join(", ")}.`, subjects };
    }
    case "changed": {
      const { commit, why } = baseOf(scope.base, root);
      const subjects = [...changedLines(commit, root), ...untracked(root)].filter(kept);
      return { what: `Mutating the lines that differ from ${commit}, ${why}.`, subjects };
    }
  }
}

function isProduct(path: string): boolean {
  return /^(?:durable|worker)\/.*(?<!\.d)\.ts$/u.test(path) && !path.startsWith(IN_BROWSER);
}

function isUnder(path: string, folder: string): boolean {
  const name = folder.replace(/^\.\//u, "").replace(/\/$/u, "");
  return path === name || path.startsWith(`${name}/`);
}

function wholeFiles(root: string): Subject[] {
  const listed = git(root, "ls-files", "--cached", "--others", "--exclude-standard");
  return linesOf(listed).map((path) => ({ path, lines: null }));
}

function untracked(root: string): Subject[] {
  const listed = git(root, "ls-files", "--others", "--exclude-standard");
  return linesOf(listed).map((path) => ({ path, lines: null }));
}

/** The commit to compare with, shortened, and why it was taken. */
function baseOf(given: string | null, root: string): { commit: string; why: string } {
  if (given !== null) {
    const commit = resolve(given, root);
    if (commit === null) throw new UsageError(`"${given}" is no commit that Git knows here.`);
    return { commit, why: `which is ${given}` };
  }
  const head = resolve("HEAD", root);
  if (resolve("origin/main", root) !== null) {
    const fork = shortened(git(root, "merge-base", "HEAD", "origin/main"), root);
    if (fork !== head) return { commit: fork, why: "where this branch left origin/main" };
  }
  if (head !== null && git(root, "status", "--porcelain", "--", "durable", "worker") !== "") {
    return { commit: head, why: "the last commit: what is not committed yet" };
  }
  const before = resolve("HEAD~1", root);
  if (before === null) {
    throw new UsageError(
      "There is no commit before this one to compare with. A shallow clone has none: fetch at least two commits, or name a BASE.",
    );
  }
  return { commit: before, why: "the commit before the last one" };
}

function resolve(commit: string, root: string): string | null {
  try {
    return shortened(`${commit}^{commit}`, root);
  } catch {
    return null;
  }
}

function shortened(commit: string, root: string): string {
  return git(root, "rev-parse", "--short", "--verify", "--quiet", commit.trim()).trim();
}

function changedLines(commit: string, root: string): Subject[] {
  return parseDiff(
    git(root, "diff", "--unified=0", "--no-color", "--no-ext-diff", "--diff-filter=d", commit),
  );
}

/** Reads a diff without context lines. Lines that were only removed count as their neighbours. */
export function parseDiff(diff: string): Subject[] {
  const subjects: { path: string; lines: Lines[] }[] = [];
  for (const line of diff.split("\n")) {
    const file = /^\+\+\+ b\/(.*)$/u.exec(line)?.[1];
    if (file !== undefined) subjects.push({ path: file, lines: [] });
    const hunk = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/u.exec(line);
    if (hunk === null) continue;
    const first = Number(hunk[1]);
    const count = Number(hunk[2] ?? 1);
    const last = count === 0 ? first + 1 : first + count - 1;
    subjects.at(-1)?.lines.push({ first, last });
  }
  return subjects.filter(({ lines }) => lines.length > 0);
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

const OUTPUT_MAX = 256 * 1_024 * 1_024;

function git(root: string, ...args: readonly string[]): string {
  return execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: OUTPUT_MAX,
    stdio: ["ignore", "pipe", "pipe"],
  });
}
