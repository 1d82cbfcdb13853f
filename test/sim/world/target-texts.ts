/** What a spec says of the target, as the operator wrote it. */

interface WantedSpares {
  readonly default?: string;
  readonly schedule?: readonly { readonly spares: string }[];
  readonly specialDays?: readonly { readonly spares: string }[];
}

/** Every expression of a section `spares`. */
export function textsOf(spares: unknown): string[] {
  const { default: text, schedule = [], specialDays = [] } = (spares ?? {}) as WantedSpares;
  const told = [...schedule, ...specialDays].map((each) => each.spares);
  return text === undefined ? told : [text, ...told];
}
