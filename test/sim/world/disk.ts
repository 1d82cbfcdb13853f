/**
 * The disk of the Durable Object: its SQLite and its alarm. It outlives the object, and journals what
 * each transaction wrote, as SQLite itself saw it.
 */
import type { Value } from "../../../durable/ledger/sql.ts";
import type { Command } from "../../../durable/rules/world.ts";
import { type NodeSql, nodeSql } from "../../virtual/node-sql.ts";
import type { Move } from "../event.ts";

/** What one transaction wrote. */
export interface Written {
  readonly moves: readonly Move[];
  readonly commands: readonly Command[];
}

const JOURNAL = [
  "CREATE TEMP TABLE journal (name TEXT NOT NULL, origin TEXT, phase TEXT NOT NULL)",
  `CREATE TEMP TRIGGER journal_new AFTER INSERT ON instances
    BEGIN INSERT INTO journal VALUES (NEW.name, NULL, NEW.phase); END`,
  `CREATE TEMP TRIGGER journal_moved AFTER UPDATE OF phase ON instances WHEN OLD.phase <> NEW.phase
    BEGIN INSERT INTO journal VALUES (NEW.name, OLD.phase, NEW.phase); END`,
];

export class Disk {
  #sql: NodeSql = nodeSql();
  #isJournaled = false;
  #commands: Command[] = [];
  #rows = false;
  #wrote = false;
  #onlyOutbox = true;
  #isInFlight = false;
  alarmAt: number | null = null;
  /** Raised by everything that may have changed a table. */
  version = 0;

  get sql(): NodeSql {
    return this.#sql;
  }

  rows(statement: string, ...bindings: Value[]) {
    if (!statement.startsWith("SELECT")) {
      if (!statement.startsWith("DELETE FROM outbox")) this.#onlyOutbox = false;
      this.#wrote = true;
      this.version++;
    }
    if (statement.startsWith("INSERT INTO instances")) this.#rows = true;
    if (statement.startsWith("INSERT INTO commands"))
      this.#commands.push(JSON.parse(String(bindings[3])) as Command);
    return this.#sql.rows(statement, ...bindings);
  }

  /** The transaction under way has taken messages out of the outbox, and nothing else. */
  get isPost(): boolean {
    return this.#wrote && this.#onlyOutbox;
  }

  /** What was written last can still be lost. */
  get isInFlight(): boolean {
    return this.#isInFlight;
  }

  /** What was written last is durable from here on. */
  makeDurable(): void {
    if (this.#isInFlight) this.#sql.rows("COMMIT");
    this.#isInFlight = false;
  }

  /** What was written last, and is not durable, is as if it had never been written. */
  loseInFlight(): void {
    if (!this.#isInFlight) return;
    this.#sql.rows("ROLLBACK");
    this.#isInFlight = false;
    this.version++;
  }

  /**
   * One transaction, after which what was written before it is durable. What it writes itself is in flight
   * where it has commands in it.
   *
   * @param beforeCommit runs in it, last
   * @returns `written` is null where nothing was written
   */
  transaction<T>(work: () => T, beforeCommit: () => void): { value: T; written: Written | null } {
    this.makeDurable();
    this.#journal();
    this.#commands = [];
    this.#rows = false;
    this.#wrote = false;
    this.#onlyOutbox = true;
    this.#sql.rows("BEGIN");
    this.#isInFlight = true;
    try {
      const value = work();
      beforeCommit();
      const written = this.#wrote ? { moves: this.#takeMoves(), commands: this.#commands } : null;
      if (this.#commands.length === 0) this.makeDurable();
      return { value, written };
    } catch (error) {
      // What was written is taken back: those who read it meanwhile must read again.
      this.loseInFlight();
      throw error;
    }
  }

  #takeMoves(): Move[] {
    if (!this.#rows || !this.#isJournaled) return [];
    const moves = this.#sql.rows('SELECT name, origin AS "from", phase AS "to" FROM journal');
    if (moves.length > 0) this.#sql.rows("DELETE FROM journal");
    return moves as unknown as Move[];
  }

  /** The journal begins as soon as there are tables to watch. */
  #journal(): void {
    if (this.#isJournaled) return;
    const [table] = this.#sql.rows(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'instances'",
    );
    if (table === undefined) return;
    for (const statement of JOURNAL) this.#sql.rows(statement);
    this.#isJournaled = true;
  }

  wipe(): void {
    this.#sql = nodeSql();
    this.#isInFlight = false;
    this.#isJournaled = false;
    this.version++;
    this.alarmAt = null;
  }
}
