import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseSubjects } from "./changes.ts";
import { type Options, readOptions } from "./options.ts";

let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "changes-"));
  mkdirSync(join(root, "durable"));
  mkdirSync(join(root, "worker/dashboard/browser"), { recursive: true });
  git("init", "--quiet", "--initial-branch=main");
  write("durable/a.ts", "1\n2\n3\n4\n5\n6\n");
  write("durable/b.ts", "1\n2\n3\n");
  write("worker/dashboard/browser/page.ts", "1\n");
  write("notes.ts", "1\n");
  commit();
  write("durable/a.ts", "1\ntwo\n3\n4\n6\n");
  write("notes.ts", "one\n");
  write("worker/dashboard/browser/page.ts", "one\n");
  commit();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function git(...args: string[]): void {
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  execFileSync("git", [...author, ...args], { cwd: root });
}

function commit(): void {
  git("add", ".");
  git("commit", "--quiet", "--no-verify", "--message=change");
}

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function optionsOf(...args: string[]): Options {
  const options = readOptions(args);
  if (options === null) throw new Error("asked for help");
  return options;
}

const LAST_CHANGE = {
  path: "durable/a.ts",
  lines: [
    { first: 2, last: 2 },
    { first: 4, last: 5 },
  ],
};

describe("what is mutated", () => {
  test("is what the last commit changed of the program, with the neighbours of lines that it removed", () => {
    const { what, subjects } = chooseSubjects(optionsOf(), root);

    expect(subjects).toEqual([LAST_CHANGE]);
    expect(what).toMatch(/differ from [0-9a-f]+, the commit before the last one\.$/u);
  });

  test("is what is not committed yet, with files that Git does not know yet", () => {
    write("durable/b.ts", "1\n2\nthree\n");
    write("durable/new.ts", "1\n");
    try {
      const { what, subjects } = chooseSubjects(optionsOf(), root);

      expect(subjects).toEqual([
        { path: "durable/b.ts", lines: [{ first: 3, last: 3 }] },
        { path: "durable/new.ts", lines: null },
      ]);
      expect(what).toContain("what is not committed yet");
    } finally {
      git("checkout", "--quiet", "durable/b.ts");
      rmSync(join(root, "durable/new.ts"));
    }
  });

  test("is what differs from a commit that was named, and nothing if nothing does", () => {
    expect(chooseSubjects(optionsOf("--changed", "HEAD~1"), root).subjects).toEqual([LAST_CHANGE]);
    expect(chooseSubjects(optionsOf("--changed", "HEAD"), root).subjects).toEqual([]);
  });

  test("is every file of a folder, but for what is left out and for the browser's", () => {
    const whole = (path: string) => ({ path, lines: null });

    expect(chooseSubjects(optionsOf("--files", "./durable/"), root).subjects).toEqual([
      whole("durable/a.ts"),
      whole("durable/b.ts"),
    ]);
    expect(chooseSubjects(optionsOf("--all", "--except", "durable/a.ts"), root).subjects).toEqual([
      whole("durable/b.ts"),
    ]);
  });

  test("is refused if Git knows no such commit, or there is no such file of the program", () => {
    expect(() => chooseSubjects(optionsOf("--changed", "v9"), root)).toThrow('"v9" is no commit');
    expect(() => chooseSubjects(optionsOf("--files", "notes.ts"), root)).toThrow("notes.ts is no");
  });
});
