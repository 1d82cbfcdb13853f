import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { numberOf, UsageError, wholeOf } from "../aws/command-line.ts";

/** What is mutated. */
export type Scope =
  | { readonly kind: "changed"; readonly base: string | null }
  | { readonly kind: "all" }
  | { readonly kind: "files"; readonly paths: readonly string[] };

/** What the command line of `npm run mutate` says. */
export interface Options {
  readonly scope: Scope;
  /** Files and folders that are left out. */
  readonly except: readonly string[];
  /** Null for as many mutants as fit into the time. */
  readonly sample: number | null;
  /** Null for a fresh seed. */
  readonly seed: number | null;
  readonly minutes: number;
  readonly workers: number;
  /** How many test files judge each source file. */
  readonly judges: number;
  /** Null, or the score below which the run fails. */
  readonly minScore: number | null;
  readonly json: boolean;
}

const DEFAULTS = { minutes: 5, judges: 16, workersMax: 4 } as const;
const LIMITS = { sample: 1_000_000, seed: 0xffff_ffff, minutes: 1_440, workers: 64, judges: 1_000 };

export const USAGE = `Changes the program in one place at a time, and sees whether a test notices.

Usage: npm run mutate -- [options]

What is changed:
  --changed [BASE]   only lines that differ from the commit BASE, whether committed or not (the default;
                     BASE is by default where this branch left origin/main, or else the commit before)
  --files PATH ...   these files, and those in these folders
  --all              every file of durable/ and worker/ that Node can run
  --except PATH      not this file or folder; may be given several times

How long:
  --minutes M        stop after so long, and say what was not reached (default ${DEFAULTS.minutes})
  --sample N         only N of the mutants, drawn over all files alike
  --seed S           draw, and order, by this seed (default: a fresh one, which is printed)
  --judges N         at most N test files for each file, the nearest by imports (default ${DEFAULTS.judges})
  --workers N        mutants at the same time (default: half of this machine's cores, at most ${DEFAULTS.workersMax})

What comes out:
  --json             one JSON document on stdout at the end, progress on stderr
  --min-score P      end with 1 if fewer than P percent were killed
  --help             this text

Each survivor is named by file and line, with its change. Survivors alone are no failure: it ends with 0,
with 1 if the score is under --min-score or a test fails without any change, with 2 if the options make
no sense.`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;
const SCHEMA = {
  changed: FLAG,
  files: FLAG,
  all: FLAG,
  except: { type: "string", multiple: true },
  minutes: TEXT,
  sample: TEXT,
  seed: TEXT,
  judges: TEXT,
  workers: TEXT,
  json: FLAG,
  "min-score": TEXT,
  help: FLAG,
} as const;

type Given = ReturnType<typeof parsed>;

/**
 * Reads a command line.
 *
 * @returns null if it asks for help.
 * @throws UsageError if it makes no sense.
 */
export function readOptions(args: readonly string[]): Options | null {
  const given = parsed(args);
  const { values } = given;
  if (values.help === true) return null;
  const cores = Math.floor(availableParallelism() / 2);
  const workers = Math.max(1, Math.min(cores, DEFAULTS.workersMax));
  return {
    scope: scopeOf(given),
    except: values.except ?? [],
    sample:
      values.sample === undefined ? null : wholeOf("--sample", values.sample, 0, 1, LIMITS.sample),
    seed: values.seed === undefined ? null : wholeOf("--seed", values.seed, 0, 0, LIMITS.seed),
    minutes: numberOf("--minutes", values.minutes, DEFAULTS.minutes, 0.1, LIMITS.minutes),
    workers: wholeOf("--workers", values.workers, workers, 1, LIMITS.workers),
    judges: wholeOf("--judges", values.judges, DEFAULTS.judges, 1, LIMITS.judges),
    minScore:
      values["min-score"] === undefined
        ? null
        : numberOf("--min-score", values["min-score"], 0, 0, 100),
    json: values.json === true,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: SCHEMA, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function scopeOf({ values, positionals }: Given): Scope {
  const chosen = (["changed", "files", "all"] as const).filter((name) => values[name] === true);
  if (chosen.length > 1) {
    throw new UsageError(`--${chosen.join(" and --")} exclude each other: choose one.`);
  }
  const [first, ...rest] = positionals;
  switch (chosen[0] ?? "changed") {
    case "files":
      if (first === undefined) throw new UsageError("--files needs at least one file or folder.");
      return { kind: "files", paths: positionals };
    case "all":
      if (first !== undefined) throw new UsageError(`--all takes no "${first}".`);
      return { kind: "all" };
    case "changed":
      if (rest.length > 0) {
        throw new UsageError(`--changed takes one commit, not "${positionals.join(" ")}".`);
      }
      return { kind: "changed", base: first ?? null };
  }
}
