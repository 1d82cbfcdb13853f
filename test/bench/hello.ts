/** What Hono, and a Durable Object that writes one row, cost by themselves: the other figures are told beside it. */
import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";

interface Bindings {
  readonly ROWS: DurableObjectNamespace<Rows>;
}

export class Rows extends DurableObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, at INTEGER)");
  }

  write(): void {
    this.ctx.storage.sql.exec("INSERT INTO rows (at) VALUES (?)", Date.now());
  }
}

const app = new Hono<{ Bindings: Bindings }>();
app.get("/", (c) => c.text("hello"));
app.post("/rows", async (c) => {
  await c.env.ROWS.getByName("rows").write();
  return c.text("written", 201);
});

export default app;
