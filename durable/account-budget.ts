/**
 * The Durable Object of one AWS account and region. It learns AWS's token buckets from the fleets' reports,
 * and tells each fleet how many calls it may make. It only answers, and arms no alarm.
 */
import { DurableObject } from "cloudflare:workers";
import { readAccount, writeAccount } from "./ledger/account.ts";
import { sqlOf } from "./object-sql.ts";
import type { Account, AccountApi, Reply, Report } from "./rules/account.ts";
import { exchange } from "./rules/account-exchange.ts";

export class AccountBudget extends DurableObject<Env> implements AccountApi {
  #account: Account | null = null;

  async exchange(report: Report): Promise<Reply> {
    const sql = sqlOf(this.ctx.storage);
    const now = Date.now();
    const before = this.#account ?? readAccount(sql, now);
    const { account, reply } = exchange(before, report, now);
    // If the tables refuse, the memory is dropped too: the next report reads them again.
    this.#account = null;
    sql.transaction(() => writeAccount(sql, before, account));
    this.#account = account;
    return reply;
  }
}
