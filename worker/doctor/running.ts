/** What of a fleet runs, or would: its quota, its secrets, its ticks, and the way to one server. */
import { isAbsurd } from "../../durable/rules/absurd.ts";
import { TICK_AGE_MAX_MS } from "../../durable/rules/dead.ts";
import { many } from "../../durable/rules/phrases.ts";
import { secretsNamedIn } from "../launch-script.ts";
import { lookedUpAs } from "../secret-names.ts";
import { notSeen } from "./failures.ts";
import type { Examined } from "./patient.ts";
import { type Check, fail, ok, skipped, warn } from "./report.ts";

/** What AWS gives a new account in a region, in vCPUs; it can be less (Service Quotas, L-4259AF9B). */
const QUOTA_DEFAULT = 20;
const QUOTA_CONSOLE =
  "Service Quotas console, AWS services, Amazon Lightsail, Instances (L-4259AF9B), in the region of the spec";

export function checkQuota(examined: Examined): Check {
  const { look, spec, checkup, config, owner } = examined;
  if (checkup !== null && checkup.quotaHeld !== null)
    return fail(
      "quota",
      `AWS says that the quota is used up. ${checkup.quotaHeld}`,
      `Ask for more: ${QUOTA_CONSOLE}.`,
    );
  const hasKey = config.credentials !== null;
  if (look.instances.kind !== "done") return notSeen("quota", look.instances, hasKey);
  if (look.offers.kind !== "done") return notSeen("quota", look.offers, hasKey);

  const vcpus = new Map(look.offers.value.map((offer) => [offer.id, offer.vcpus]));
  const each = vcpus.get(spec.bundle);
  if (each === undefined) return skipped("quota", "The bundle is not known, see `bundle`.");
  const others = look.instances.value
    .filter((instance) => instance.owner !== owner)
    .reduce((sum, { bundle }) => sum + (vcpus.get(bundle ?? "") ?? 0), 0);
  const own = each * spec.limits.maxInstances;
  const words = `At limits.maxInstances the fleet has ${own} vCPUs, and other servers of the account in ${spec.region} have ${others}. AWS's quota cannot be read with this key.`;
  const { maxVcpus } = spec.limits;
  if (maxVcpus !== null)
    return ok("quota", `${words} limits.maxVcpus holds the fleet within ${maxVcpus}.`);
  if (others + own <= QUOTA_DEFAULT)
    return ok("quota", `${words} A new account has ${QUOTA_DEFAULT} or fewer.`);
  return warn(
    "quota",
    `${words} A new account has ${QUOTA_DEFAULT} or fewer: unless it was raised, launches are refused beyond that.`,
    `Look it up and ask for more: ${QUOTA_CONSOLE}. Then put what of it is this fleet's into \`limits.maxVcpus\`.`,
  );
}

export function checkSecrets({ spec, config, checkup }: Examined): Check {
  const checks = [spec.health, ...(checkup?.earlier ?? [])];
  const refs = checks.flatMap(({ header, drain }) => [header?.secretRef, drain?.secretRef]);
  const ofScript = secretsNamedIn(spec.userData);
  const named = [...new Set([...refs.flatMap((name) => name ?? []), ...ofScript])];
  if (named.length === 0) return skipped("secrets", "The spec names none.");
  const missing = named.filter((name) => config.secret(name) === null);
  return missing.length === 0
    ? ok("secrets", `The Worker has ${named.join(" and ")}.`)
    : fail(
        "secrets",
        `The Worker has no secret ${missing.join(" and ")}, which spec.health or userData names, or an earlier spec named for servers that still run: those cannot be asked, and none is launched by a script that cannot be filled in.`,
        missing.map((name) => `Run \`npx wrangler secret put ${lookedUpAs(name)[0]}\`.`).join(" "),
      );
}

export function checkTick({ checkup, now }: Examined): Check {
  if (checkup === null) return skipped("tick", "The spec is not applied yet: nothing ticks.");
  const { lastTickAt, lastTickError } = checkup;
  if (lastTickAt === null)
    return skipped("tick", "The fleet's object has just woken: no tick has ended since.");
  const ageMs = now - Date.parse(lastTickAt);
  if (ageMs > TICK_AGE_MAX_MS)
    return fail(
      "tick",
      `The last good tick ended at ${lastTickAt}${lastTickError === null ? "" : `, and the last one failed: ${lastTickError}`}.`,
      "The cron trigger revives a stopped alarm within a minute or two; if it does not, `npx wrangler tail` shows the errors.",
    );
  return lastTickError === null
    ? ok("tick", `The last good tick ended at ${lastTickAt}.`)
    : warn(
        "tick",
        `The last tick failed: ${lastTickError}.`,
        "The next one comes all the same. If it stays so, `npx wrangler tail` shows more.",
      );
}

export function checkProbe({ look, checkup }: Examined): Check {
  const { reading } = look;
  if (checkup === null || checkup.candidate === null || reading === null)
    return skipped("probe", "No server of the fleet is running yet, so that none can be asked.");
  const { name, address, health } = checkup.candidate;
  const { port, path } = health;
  if (reading.kind === "answer") {
    const draining = reading.draining ? ", and drains" : "";
    if (isAbsurd(reading.sessions, health.capacity))
      return fail(
        "probe",
        `${name} answered ${reading.sessions} sessions, at a capacity of ${health.capacity}: that cannot be, and such a reply is not believed.`,
        "Look at what `health.sessionsPointer` points to, and at `health.capacity`.",
      );
    const said = `${name} answered: ${many(reading.sessions, "session")}${draining}`;
    if (health.nameRequired && reading.named !== true)
      return warn(
        "probe",
        `${said}, and did not say its name: no server that answers so is ever deleted as empty.`,
        `Let the media server repeat \`"instance": "${name}"\` in its health reply, or set \`health.nameRequired\` to false and know what that means (docs/safety.md).`,
      );
    return ok("probe", `${said}.`);
  }
  const what = `${name} (${address}) did not tell its sessions: ${reading.detail}.`;
  const fix = `Ask it yourself: \`curl http://${address}:${port}${path}\`. If it answers you, look at \`health\` in the spec; if not, at the port in Lightsail's firewall, at the host's own, and at the media server.`;
  // Of many that answer, one that does not is that one's trouble.
  return checkup.answering > 0
    ? warn("probe", `${what} Others have answered lately: ${checkup.answering}.`, fix)
    : fail("probe", what, fix);
}
