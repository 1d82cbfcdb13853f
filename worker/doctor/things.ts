/** Whether AWS has what the spec names, in the spec's region: image, bundle, zones, key pair, tag. */
import { parseExpression } from "../../durable/rules/expression.ts";
import { dollars, many } from "../../durable/rules/phrases.ts";
import { PRICED_HOURS_PER_MONTH } from "../../durable/rules/spend.ts";
import { skippedDayWarnings } from "../../durable/calendar/skipped-days.ts";
import { SCRIPT_LOG, scriptWarnings } from "../../durable/rules/launch-script.ts";
import type { Offer } from "../aws/catalogue.ts";
import type { Result } from "../aws/errors.ts";
import { notSeen } from "./failures.ts";
import type { Examined } from "./patient.ts";
import { type Check, fail, ok, skipped, warn } from "./report.ts";
import { utf8Length } from "../../durable/rules/utf8.ts";

const NAMES_SHOWN_MAX = 8;

export function checkZones({ look, spec, config }: Examined): Check {
  const { zones } = look;
  if (zones.kind !== "done") return notSeen("zones", zones, config.credentials !== null);
  const names = zones.value.map(({ name }) => name);
  const known = new Map(zones.value.map(({ name, state }) => [name, state]));
  const missing = spec.availabilityZones.filter((zone) => !known.has(zone));
  if (missing.length > 0)
    return fail(
      "zones",
      `${spec.region} has no zone ${missing.join(", ")}.`,
      `Set \`availabilityZones\` to some of ${names.join(", ")}.`,
    );
  const impaired = spec.availabilityZones.filter((zone) => known.get(zone) !== "available");
  if (impaired.length > 0)
    return warn(
      "zones",
      `AWS says that ${impaired.join(", ")} is not available now.`,
      "Name other zones besides in `availabilityZones`, or wait.",
    );
  return ok("zones", `${spec.availabilityZones.join(", ")}: available.`);
}

export function checkBundle({ look, spec, config }: Examined): Check {
  const { offers } = look;
  if (offers.kind !== "done") return notSeen("bundle", offers, config.credentials !== null);
  const offer = offers.value.find(({ id }) => id === spec.bundle);
  const misfit = offer === undefined ? null : misfitOf(offer);
  if (misfit !== null)
    return fail("bundle", `${spec.bundle} ${misfit}.`, "Name a Linux bundle with a public IPv4.");
  if (offer?.isActive === true)
    return ok(
      "bundle",
      `${spec.bundle}: ${many(offer.vcpus, "vCPU")}, ${offer.diskGb} GB of disk.`,
    );
  const sold = offers.value
    .filter((one) => one.isActive && misfitOf(one) === null)
    .map(({ id }) => id);
  return fail(
    "bundle",
    offer === undefined
      ? `${spec.region} has no bundle ${spec.bundle}.`
      : `AWS does not sell ${spec.bundle} any more: no server is launched of it.`,
    `Set \`bundle\` to one of ${shown(sold)}.`,
  );
}

/** Lightsail tells nobody what became of a script: what is known of it is said before. Nothing without one. */
export function checkLaunchScript({ spec: { userData } }: Examined): Check[] {
  if (userData.trim() === "") return [];
  const warnings = scriptWarnings(userData, utf8Length(userData));
  if (warnings.length === 0)
    return [ok("userData", "Nothing in the launch script is known to fail under sh.")];
  const fix = `Change \`userData\` in the spec. What a script did stands on its server in ${SCRIPT_LOG}.`;
  return [warn("userData", warnings.join(" "), fix)];
}

/** Nothing without special days. */
export function checkSpecialDays({ spec: { spares } }: Examined): Check[] {
  if (spares.specialDays.length === 0) return [];
  const warnings = skippedDayWarnings(spares.specialDays);
  if (warnings.length === 0) return [ok("specialDays", "Every special day comes.")];
  const fix = "Let it begin before or end after the hour that is skipped, in `spares.specialDays`.";
  return [warn("specialDays", warnings.join(" "), fix)];
}

export function checkPrices({ look, spec, config }: Examined): Check {
  const { offers } = look;
  if (offers.kind !== "done") return notSeen("prices", offers, config.credentials !== null);
  const offer = offers.value.find(({ id }) => id === spec.bundle);
  if (offer === undefined) return skipped("prices", "The bundle is not known, see `bundle`.");
  const { usdPerMonth } = offer;
  const { maxInstances, maxMonthlyUsd } = spec.limits;
  const hourly = (usdPerMonth / PRICED_HOURS_PER_MONTH).toFixed(4);
  const words = `A server costs ${dollars(usdPerMonth)} a month, $${hourly} an hour; ${maxInstances} of them, the most that limits.maxInstances lets be, ${dollars(usdPerMonth * maxInstances)} a month.`;
  if (maxMonthlyUsd !== null && maxMonthlyUsd < usdPerMonth)
    return warn(
      "prices",
      `${words} limits.maxMonthlyUsd is ${dollars(maxMonthlyUsd)}: at the beginning of a month not one server can be launched.`,
      "Raise `limits.maxMonthlyUsd`, or name a smaller bundle.",
    );
  return ok("prices", words);
}

export function checkImage(examined: Examined): Check {
  const { image } = examined.spec;
  return "snapshot" in image
    ? checkSnapshot(examined, image.snapshot)
    : checkBlueprint(examined, image.blueprint);
}

function checkBlueprint({ look, spec, config }: Examined, id: string): Check {
  const { blueprints, offers } = look;
  if (blueprints === null) throw new Error("a spec of a blueprint had none looked up");
  if (blueprints.kind !== "done") return notSeen("image", blueprints, config.credentials !== null);
  const blueprint = blueprints.value.find((one) => one.id === id);
  if (blueprint?.isActive !== true) {
    const kin = blueprints.value.filter((one) => one.isActive && familyOf(one.id) === familyOf(id));
    const some = kin.length > 0 ? kin : blueprints.value.filter(({ isActive }) => isActive);
    return fail(
      "image",
      blueprint === undefined
        ? `${spec.region} has no blueprint ${id}.`
        : `AWS has withdrawn the blueprint ${id}: no server is launched from it.`,
      `Set \`image.blueprint\` to one such as ${shown(some.map((one) => one.id))}.`,
    );
  }
  if (blueprint.isWindows)
    return fail(
      "image",
      `The blueprint ${id} is for Windows, and Lightfleet runs Linux servers only.`,
      "Name a Linux blueprint, such as ubuntu_24_04.",
    );
  const offer = offers.kind === "done" ? offers.value.find((one) => one.id === spec.bundle) : null;
  if (offer && offer.power < blueprint.minPower)
    return fail(
      "image",
      `${spec.bundle} is too small for the blueprint ${id}: it has power ${offer.power}, and needs ${blueprint.minPower}.`,
      "Name a larger `bundle`.",
    );
  return ok("image", `The blueprint ${id} is there.`);
}

function checkSnapshot({ look, spec, config }: Examined, name: string): Check {
  const { snapshot, offers } = look;
  if (snapshot === null) throw new Error("a spec of a snapshot had none looked up");
  if (isAbsent(snapshot))
    return fail(
      "image",
      `${spec.region} has no instance snapshot ${name}.`,
      `Set \`image.snapshot\` to one of \`aws lightsail get-instance-snapshots --region ${spec.region}\`. One of another region is brought over with \`aws lightsail copy-snapshot\`.`,
    );
  if (snapshot.kind !== "done") return notSeen("image", snapshot, config.credentials !== null);
  const { state, sizeGb } = snapshot.value;
  if (state !== "available")
    return fail(
      "image",
      `The snapshot ${name} is ${state}, and not available.`,
      state === "pending" ? "Wait until it is." : "Make another snapshot, and name that.",
    );
  const offer = offers.kind === "done" ? offers.value.find((one) => one.id === spec.bundle) : null;
  if (offer && offer.diskGb < sizeGb)
    return fail(
      "image",
      `The snapshot ${name} needs ${sizeGb} GB of disk, and ${spec.bundle} has ${offer.diskGb}.`,
      "Name a larger `bundle`, or a smaller snapshot.",
    );
  return ok("image", `The snapshot ${name} is there, and needs ${sizeGb} GB.`);
}

export function checkKeyPair({ look, spec, config }: Examined): Check {
  const { keyPair } = look;
  if (keyPair === null)
    return skipped("keyPair", "The spec names none: servers get the region's default key.");
  if (isAbsent(keyPair))
    return fail(
      "keyPair",
      `${spec.region} has no key pair ${spec.keyPair}.`,
      'Upload the key in the Lightsail console (Account, SSH keys), or put `"keyPair": null` for the region\'s default key.',
    );
  if (keyPair.kind !== "done") return notSeen("keyPair", keyPair, config.credentials !== null);
  return ok("keyPair", `The key pair ${spec.keyPair} is there.`);
}

export function checkTag({ look, spec, config }: Examined): Check {
  const { tag: found, tagWrite } = look;
  const { tag } = spec.spares;
  if (tag === null || found === null)
    return skipped("tag", "The spec names none: the target is not read from AWS.");
  const resource = `${tag.resource} in ${spec.region}`;
  if (isAbsent(found) || (tagWrite !== null && isAbsent(tagWrite)))
    return fail(
      "tag",
      `EC2 knows no resource ${resource}.`,
      "Name one that is there in `spares.tag.resource`. An EC2 key pair costs nothing: `aws ec2 create-key-pair` gives its `KeyPairId`.",
    );
  if (found.kind !== "done") return notSeen("tag", found, config.credentials !== null);
  const { value, isThere } = found.value;
  if (value === null && !isThere)
    return warn(
      "tag",
      `${resource} has no tags, if it is there at all: EC2 answers alike in both cases.`,
      `Look for it in the EC2 console, and give it the tag ${tag.key}. Until then the target comes from the schedule or the default.`,
    );
  if (value === null)
    return warn(
      "tag",
      `${resource} has no tag ${tag.key}: the target comes from the schedule or the default.`,
      `Add the tag ${tag.key} with a number. With a schedule the fleet writes it at the next boundary.`,
    );
  const parsed = parseExpression(value);
  return parsed.ok
    ? ok("tag", `The tag ${tag.key} of ${resource} says ${value}.`)
    : warn(
        "tag",
        `The tag ${tag.key} of ${resource} says ${value}, and that is no target: ${parsed.error}.`,
        "Write a number of spares into it, such as 10, or 10+20%.",
      );
}

/** Why no server of this size could ever be ready; null where it could. */
function misfitOf({ hasPublicIpv4, runsLinux }: Offer): string | null {
  if (!hasPublicIpv4) return "gives its servers no public IPv4 address: no probe could reach them";
  return runsLinux ? null : "is for Windows, and Lightfleet runs Linux servers only";
}

/** AWS answered that there is no such thing. */
function isAbsent(result: Result<unknown>): boolean {
  return result.kind === "rejected" && result.rejection === "notFound";
}

function familyOf(blueprint: string): string {
  return blueprint.split("_")[0] ?? "";
}

function shown(names: readonly string[]): string {
  const rest = names.length - NAMES_SHOWN_MAX;
  return names.slice(0, NAMES_SHOWN_MAX).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
