/** Which files count as changed, in a repository that the test makes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UsageError } from "../aws/command-line.ts";
import { changedFiles } from "./changed.ts";

let root: string;

function git(...args: readonly string[]): void {
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.org", ...args], {
    cwd: root,
    stdio: "ignore",
  });
}

function commit(file: string, text: string): void {
  writeFileSync(join(root, file), text);
  git("add", file);
  git("commit", "-m", file);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lightfleet-changed-"));
  git("init", "--initial-branch=main");
  commit("a", "1");
  commit("b", "1");
});

afterEach(() => rmSync(root, { recursive: true }));

test("on main the files of the last commit have changed", async () => {
  expect(await changedFiles(root)).toEqual(new Set(["b"]));
});

test("on a branch all have that differ from where it left main, committed or not", async () => {
  git("checkout", "-b", "topic");
  commit("c", "1");
  writeFileSync(join(root, "a"), "2");
  writeFileSync(join(root, "d"), "1");

  expect(await changedFiles(root)).toEqual(new Set(["a", "c", "d"]));
});

test("without a branch main nobody can say", async () => {
  git("branch", "-m", "other");

  await expect(changedFiles(root)).rejects.toThrow(UsageError);
});
