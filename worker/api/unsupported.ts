/**
 * Keys of the spec that this version does not act on. Taking them in silence would be a promise that
 * nobody keeps (a budget that caps nothing), so each is refused, except for the value that asks for
 * nothing. They are no part of the stored spec.
 */
import { z } from "zod";

export const UNSUPPORTED = {
  spec: { rollout: absent() },
  spares: { schedule: onlyEmptyList(), specialDays: onlyEmptyList() },
  limits: { maxMonthlyUsd: onlyNull(), maxVcpus: onlyNull() },
} as const;

const WORDS = "is not supported by this version; leave it out";

function absent() {
  return z.custom<never>(() => false, { error: () => WORDS }).optional();
}

function onlyEmptyList() {
  return z
    .custom<never[]>((value) => Array.isArray(value) && value.length === 0, {
      error: () => `${WORDS}, or give []`,
    })
    .optional();
}

function onlyNull() {
  return z
    .custom<null>((value) => value === null, { error: () => `${WORDS}, or give null` })
    .optional();
}
