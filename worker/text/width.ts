/** Text on a terminal: how many columns it takes, and how it is cut and wrapped to them. */

/** Hangul, Han, Kana, full-width forms and most pictures take two columns; so may some signs, and they are counted as two. */
const WIDE =
  /[\u1100-\u115f\u231a-\u231b\u23e9-\u23f3\u25fd-\u25fe\u2600-\u27bf\u2b1b-\u2b55\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NO_COLUMN = /[\p{Mn}\p{Me}\u1160-\u11ff]/u;

const CUT = "...";

/**
 * What a terminal may be shown of a text that somebody else wrote: one line of signs that are seen.
 * An escape sequence in a reason must not steer the terminal of its reader.
 */
export function cleaned(text: string): string {
  return text
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(/[\p{Cf}\ufe0e\ufe0f]/gu, "")
    .replace(/[\p{Cs}\p{Co}\p{Cn}]/gu, "?")
    .trim();
}

export function widthOf(text: string): number {
  let width = 0;
  for (const sign of text) width += columnsOf(sign);
  return width;
}

/** The text, cut where it is too wide. */
export function fit(text: string, width: number): string {
  return widthOf(text) <= width ? text : cut(text, width);
}

/** The text in lines; only a word that is wider than a line is broken. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (widthOf(line) > width) {
      const [head, rest] = split(line, width);
      lines.push(head);
      line = rest;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** At most so many lines; that some are missing is seen at the end of the last. */
export function clip(lines: readonly string[], most: number, width: number): string[] {
  if (lines.length <= most) return [...lines];
  const kept = lines.slice(0, most);
  const last = kept.pop();
  if (last === undefined) return [];
  const open = `${last} ${CUT}`;
  return [...kept, widthOf(open) <= width ? open : cut(last, width)];
}

function cut(text: string, width: number): string {
  return `${split(text, width - CUT.length)[0].trimEnd()}${CUT}`;
}

/** The first part is as wide as fits, and the rest is the second. */
function split(text: string, width: number): [string, string] {
  let taken = 0;
  let end = 0;
  for (const sign of text) {
    taken += columnsOf(sign);
    if (taken > width) break;
    end += sign.length;
  }
  return [text.slice(0, end), text.slice(end)];
}

function columnsOf(sign: string): number {
  if (NO_COLUMN.test(sign)) return 0;
  return WIDE.test(sign) ? 2 : 1;
}
