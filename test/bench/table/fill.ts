/** Puts tables into a document, each between the two comments that name its benchmark. */

/** @throws where the document has no place for a table. */
export function fill(document: string, tables: ReadonlyMap<string, string>): string {
  let filled = document;
  for (const [bench, table] of tables) {
    const [opens, closes] = [`<!-- bench:${bench} -->`, `<!-- /bench:${bench} -->`];
    const [before, rest, ...more] = filled.split(opens);
    const after = rest?.split(closes)[1];
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`The document has no place, or more than one, for ${opens}.`);
    filled = `${before}${opens}\n\n${table}\n\n${closes}${after}`;
  }
  return filled;
}
