/** The values of the target that a spec names. */

/** Every expression of a section `spares`. */
export function textsOf(spares: unknown): string[] {
  const { default: text, schedule = [], specialDays = [] } = (spares ?? {}) as WantedSpares;
  const told = [...schedule, ...specialDays].map((each) => each.spares);
  return text === undefined ? told : [text, ...told];
}

interface WantedSpares {
  readonly default?: string;
  readonly schedule?: readonly { readonly spares: string }[];
  readonly specialDays?: readonly { readonly spares: string }[];
}
