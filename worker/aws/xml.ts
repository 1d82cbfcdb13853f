/** EC2's XML, as plain objects in which every text stays text. */
import { XMLParser } from "fast-xml-parser";

/**
 * Texts are neither trimmed nor read as numbers: the tag value `010` is not 10, and `1e3` is not
 * 1000. `htmlEntities` is what makes the parser decode numeric references such as `&#xC5EC;`.
 */
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => name === "item" || name === "Error",
});

/** The document, or null where it is not well-formed, or brings a DTD (AWS sends none). */
export function parseXml(text: string): unknown {
  if (/<!DOCTYPE/i.test(text)) return null;
  try {
    const document: unknown = parser.parse(text, true);
    return document;
  } catch {
    // The parser throws for whatever is not XML; that is an answer like any other.
    return null;
  }
}
