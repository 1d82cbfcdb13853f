/** The ledger's Sql port on SQLite inside Node, with the strictness of a Durable Object where they differ. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Row, Sql, Value } from "../../durable/ledger/sql.ts";

export interface NodeSql extends Sql {
  /** Statements that wrote something since the count was last taken. */
  takeWrites(): number;
}

export function nodeSql(path = ":memory:"): NodeSql {
  const database = new DatabaseSync(path);
  const statements = new Map<string, StatementSync>();
  let writes = 0;
  const prepared = (text: string): StatementSync => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = database.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  return {
    rows(text: string, ...bindings: Value[]): Row[] {
      if (!/^\s*SELECT/iu.test(text)) writes++;
      return prepared(text).all(...bindings) as Row[];
    },
    transaction<T>(work: () => T): T {
      database.exec("BEGIN");
      try {
        const result = work();
        database.exec("COMMIT");
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
