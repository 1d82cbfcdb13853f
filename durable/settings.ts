/** The two settings that the object itself needs. The Worker checks them in full, in `worker/env.ts`. */

export interface Settings {
  readonly deployment: string;
  readonly tickMs: number;
}

const TICK_MS = 5_000;

export function settingsOf(env: object): Settings {
  const vars = env as Readonly<Record<string, unknown>>;
  const { DEPLOYMENT: deployment, TICK_MS: tickText } = vars;
  const tickMs = Number(tickText);
  return {
    deployment: typeof deployment === "string" && deployment !== "" ? deployment : "default",
    tickMs: Number.isFinite(tickMs) && tickMs > 0 ? tickMs : TICK_MS,
  };
}
