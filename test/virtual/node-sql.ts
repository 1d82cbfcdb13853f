/** The ledger's Sql port on SQLite inside Node, with the strictness of a Durable Object where they differ. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Row, Sql, Value } from "../../durable/ledger/sql.ts";

export interface NodeSql extends Sql {
  /** Statements that wrote something since the count was last taken. */
  takeWrites(): number;
}

interface Prepared {
  readonly statement: StatementSync;
  readonly writes: boolean;
}

export function nodeSql(path = ":memory:"): NodeSql {
  const database = new DatabaseSync(path);
  const statements = new Map<string, Prepared>();
  let writes = 0;
  const prepared = (text: string): Prepared => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const made = { statement: database.prepare(text), writes: !/^\s*SELECT/iu.test(text) };
    statements.set(text, made);
    return made;
  };
  const begin = database.prepare("BEGIN");
  const commit = database.prepare("COMMIT");
  return {
    rows(text: string, ...bindings: Value[]): Row[] {
      const { statement, writes: isWrite } = prepared(text);
      if (isWrite) writes++;
      return statement.all(...bindings) as Row[];
    },
    transaction<T>(work: () => T): T {
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    takeWrites() {
      const count = writes;
      writes = 0;
      return count;
    },
  };
}
