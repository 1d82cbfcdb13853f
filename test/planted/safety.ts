/** docs/safety.md as data: what it promises, and which tests it names for each promise. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Promised {
  readonly number: number;
  /** Its first sentence, or as much of it as is in bold. */
  readonly words: string;
  /** The names that stand behind *Held by*, as they are written. */
  readonly named: readonly string[];
  /** The simulator is among what holds it. */
  readonly isSimulated: boolean;
  /** Invariants of the simulator that it names, such as `I10`. */
  readonly invariants: readonly string[];
}

const HEADING = /^\*\*(?<number>\d+)\. (?<words>[^*]+)/u;
const HELD_BY = /\*Held by\*(?<names>[^\n]*)/gu;
const TEST_NAME = /`(?<name>[\w./*-]+\.test\.ts|test\/[\w./-]+)`/gu;

/** @param root of the project */
export function promisesOf(root: string): readonly Promised[] {
  const text = readFileSync(join(root, "docs/safety.md"), "utf8");
  // What is not promised ends with the next heading, or the page.
  return text
    .split(/\n(?=\*\*\d+\. |## )/u)
    .flatMap((part) => promiseOf(part))
    .toSorted((one, other) => one.number - other.number);
}

function promiseOf(part: string): Promised[] {
  const heading = HEADING.exec(part)?.groups;
  if (heading === undefined) return [];
  const held = [...part.matchAll(HELD_BY)].map(({ groups }) => groups?.["names"] ?? "").join(" ");
  return [
    {
      number: Number(heading["number"]),
      words: heading["words"] ?? "",
      named: [...held.matchAll(TEST_NAME)].map(({ groups }) => groups?.["name"] ?? ""),
      isSimulated: held.includes("simulator"),
      invariants: [...new Set(part.match(/\bI\d+\b/gu) ?? [])],
    },
  ];
}

/** Every test file, by its path from the root. */
export function testFilesOf(root: string): readonly string[] {
  return globSync("test/**/*.test.ts", { cwd: root }).map((path) => path.replaceAll("\\", "/"));
}

/** The test files that a name stands for: the end of a path, also with a star in it, or a folder. */
export function filesNamed(name: string, files: readonly string[]): readonly string[] {
  const written = name.replaceAll(".", "\\.").replaceAll("*", "[\\w-]*");
  const end = new RegExp(`(?:^|/)${written}$`, "u");
  return files.filter((file) => end.test(file) || file.startsWith(`${name}/`));
}
