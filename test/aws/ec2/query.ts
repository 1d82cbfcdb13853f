/** The `ec2` query protocol: a form body whose lists are flattened as `Name.1.Part`. */
export type Params = ReadonlyMap<string, string>;

/** Reads a form body. Of a name given twice the last one counts. */
export function parseForm(body: string): Params {
  return new Map(new URLSearchParams(body));
}

/** The values of `{prefix}.1`, `{prefix}.2` and so on, up to the first gap. */
export function listOf(params: Params, prefix: string): string[] {
  const values: string[] = [];
  for (let index = 1; ; index++) {
    const value = params.get(`${prefix}.${index}`);
    if (value === undefined) return values;
    values.push(value);
  }
}

/** So many structures `{prefix}.1.*` as there are without a gap; each is given by its prefix. */
export function structuresOf(params: Params, prefix: string): string[] {
  const names = [...params.keys()];
  const prefixes: string[] = [];
  for (let index = 1; ; index++) {
    const one = `${prefix}.${index}`;
    if (!names.some((name) => name.startsWith(`${one}.`))) return prefixes;
    prefixes.push(one);
  }
}
