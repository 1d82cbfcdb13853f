/** The account's own object, on a disk of its own: it outlives every fleet's object. */
import { AccountBudget } from "../../../durable/account-budget.ts";
import type { Value } from "../../../durable/ledger/sql.ts";
import type { AccountApi } from "../../../durable/rules/account.ts";
import { nodeSql } from "../../virtual/node-sql.ts";

/** The account's objects, by AWS region. */
export type Accounts = (region: string) => AccountApi;

export function createAccounts(): Accounts {
  const made = new Map<string, AccountApi>();
  return (region) => {
    const account = made.get(region) ?? createAccount();
    made.set(region, account);
    return account;
  };
}

function createAccount(): AccountApi {
  const sql = nodeSql();
  const storage = {
    sql: {
      exec: (statement: string, ...bindings: Value[]) => ({
        toArray: () => sql.rows(statement, ...bindings),
      }),
    },
    transactionSync: <T>(work: () => T): T => sql.transaction(work),
  };
  return new AccountBudget({ storage } as unknown as DurableObjectState, {} as unknown as Env);
}
