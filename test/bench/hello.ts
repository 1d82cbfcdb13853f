/** What a Worker on Hono costs that does nothing: the other figures are told beside it. */
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.text("hello"));

export default app;
