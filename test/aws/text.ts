/** A body as text; what is no UTF-8 becomes replacement characters. */
export function textOf(body: string | Uint8Array): string {
  return typeof body === "string" ? body : new TextDecoder().decode(body);
}

/** Makes an opaque token of ASCII text. */
export function toToken(text: string): string {
  return btoa(text).replaceAll("=", "");
}

/** What a token was made of, or empty text if it is not one of ours. */
export function fromToken(token: string): string {
  return /^[A-Za-z0-9+/]+$/.test(token) && token.length % 4 !== 1 ? atob(token) : "";
}
