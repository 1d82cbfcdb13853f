/** XML text in the making: a list of elements, each with text or further elements. */
export type Element = readonly [name: string, content: string | readonly Element[]];

const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** A successful reply: `<{op}Response xmlns=...><requestId>...</requestId>...`. */
export function renderResponse(
  operation: string,
  requestId: string,
  content: readonly Element[],
): string {
  const inner = render([["requestId", requestId], ...content]);
  return `${DECLARATION}<${operation}Response xmlns="${NAMESPACE}">${inner}</${operation}Response>`;
}

/** An error: the envelope says `RequestID` where a success says `requestId`. */
export function renderError(code: string, message: string, requestId: string): string {
  const error: Element = [
    "Error",
    [
      ["Code", code],
      ["Message", message],
    ],
  ];
  return (
    DECLARATION +
    render([
      [
        "Response",
        [
          ["Errors", [error]],
          ["RequestID", requestId],
        ],
      ],
    ])
  );
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

function render(elements: readonly Element[]): string {
  return elements
    .map(
      ([name, content]) =>
        `<${name}>${typeof content === "string" ? escape(content) : render(content)}</${name}>`,
    )
    .join("");
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
