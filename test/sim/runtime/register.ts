/**
 * Loaded before the simulator (`node --import`): stands in for what only the Workers runtime has, so
 * that the Durable Object's own file runs in Node as it is.
 */
import { registerHooks } from "node:module";
import { installCrypto } from "./crypto.ts";
import { installScheduler } from "./scheduler.ts";

const STAND_INS: Readonly<Record<string, URL>> = {
  "cloudflare:workers": new URL("cloudflare-workers.ts", import.meta.url),
};

registerHooks({
  resolve(specifier, context, nextResolve) {
    const standIn = STAND_INS[specifier];
    return standIn === undefined
      ? nextResolve(specifier, context)
      : { url: standIn.href, shortCircuit: true };
  },
});

installCrypto();
installScheduler();
