/**
 * As much of HTTP/1.1 as a request without a body needs, over any connection: the bytes of the
 * request, and a parser that is fed what arrives. It stops at Content-Length or at the last chunk:
 * a server that keeps the connection open must not make a probe wait.
 */

export const HEAD_BYTES_MAX = 16 * 1024;
export const BODY_BYTES_MAX = 64 * 1024;

export interface HeaderLine {
  readonly name: string;
  readonly value: string;
}

export type Method = "GET" | "POST" | "PUT";

export interface HttpRequest {
  readonly method: Method;
  /** The value of Host. */
  readonly host: string;
  readonly path: string;
  /** Beside those that every request has. */
  readonly headers: readonly HeaderLine[];
}

export type BuiltRequest =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "refused"; readonly detail: string };

/** The bytes of a request; refused is whatever would let a setting write lines of its own. */
export function buildRequest({ method, host, path, headers }: HttpRequest): BuiltRequest {
  if (!/^[A-Za-z0-9.:[\]-]+$/.test(host)) return refused("the host is not one of HTTP's");
  const problem = pathProblem(path) ?? headersProblem(headers);
  if (problem !== null) return refused(problem);

  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: close",
    // A server may wait for the body of a change until it hears that there is none.
    ...(method === "GET" ? [] : ["Content-Length: 0"]),
    "Accept: application/json",
    "Accept-Encoding: identity",
    "User-Agent: lightfleet",
    ...headers.map(({ name, value }) => `${name}: ${value}`),
  ];
  return { kind: "bytes", bytes: new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`) };
}

/** Why a path cannot be sent as it is, or null. */
export function pathProblem(path: string): string | null {
  // Spaces, line ends and other control characters end a request line; others must be encoded.
  if (/^\/[\u0021-\u007e]*$/.test(path)) return null;
  return "its path must begin with / and have no spaces, line ends or unencoded characters";
}

const OWN_HEADERS = ["host", "connection", "content-length", "transfer-encoding"];

/** Why headers cannot be sent as they are, or null. Values may be secrets, and are not repeated. */
export function headersProblem(headers: readonly HeaderLine[]): string | null {
  const names = new Set(headers.map(({ name }) => name.toLowerCase()));
  // Of two lines with one name a server may believe either.
  if (names.size !== headers.length) return "health.header.name is a header that is set already";

  for (const { name, value } of headers) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || OWN_HEADERS.includes(name.toLowerCase())) {
      return "health.header.name is not the name of a header that can be set";
    }
    if (!/^[\u0020-\u007e\t]*$/.test(value)) {
      return `the value of the header ${name} has line ends or characters that are not ASCII`;
    }
  }
  return null;
}

function refused(detail: string): BuiltRequest {
  return { kind: "refused", detail };
}

/** `more`: feed it on. A reply or a failure is final. */
export type Progress =
  | { readonly kind: "more" }
  | { readonly kind: "reply"; readonly status: number; readonly body: Uint8Array }
  | { readonly kind: "failed"; readonly detail: string };

type Expecting =
  | { kind: "statusLine" }
  | { kind: "headers" }
  | { kind: "fixedBody"; left: number }
  | { kind: "bodyToEnd" }
  | { kind: "chunkSize" }
  | { kind: "chunk"; left: number }
  | { kind: "chunkEnd" }
  | { kind: "trailers" };

/** Reads one response, byte by byte, however it is cut into pieces. */
export class ResponseParser {
  #expecting: Expecting = { kind: "statusLine" };
  #status = 0;
  #headers = new Map<string, string>();
  #line = "";
  #headBytes = 0;
  readonly #body: number[] = [];
  #result: Progress = { kind: "more" };

  /** Takes what arrived. After a reply or a failure it changes nothing more. */
  push(bytes: Uint8Array): Progress {
    for (const byte of bytes) {
      if (this.#result.kind !== "more") break;
      this.#result = this.#take(byte);
    }
    return this.#result;
  }

  /** The connection has ended. */
  end(): Progress {
    if (this.#result.kind === "more") {
      this.#result =
        this.#expecting.kind === "bodyToEnd"
          ? this.#reply()
          : fail("the connection ended in the middle of the answer");
    }
    return this.#result;
  }

  #take(byte: number): Progress {
    const expecting = this.#expecting;
    switch (expecting.kind) {
      case "fixedBody":
      case "chunk":
      case "bodyToEnd":
        return this.#takeBody(byte, expecting);
      case "statusLine":
      case "headers":
      case "chunkSize":
      case "chunkEnd":
      case "trailers":
        break;
    }

    this.#headBytes += 1;
    if (this.#headBytes > HEAD_BYTES_MAX) return fail(`its head is over ${HEAD_BYTES_MAX} bytes`);
    // A bare line feed ends a line too (RFC 9112, 2.2).
    if (byte !== 0x0a) {
      this.#line += String.fromCharCode(byte);
      return { kind: "more" };
    }
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    return this.#takeLine(line, expecting);
  }

  #takeBody(
    byte: number,
    expecting: Extract<Expecting, { kind: "fixedBody" | "chunk" | "bodyToEnd" }>,
  ): Progress {
    this.#body.push(byte);
    if (this.#body.length > BODY_BYTES_MAX) return tooLarge();
    if (expecting.kind === "bodyToEnd") return { kind: "more" };

    expecting.left -= 1;
    if (expecting.left > 0) return { kind: "more" };
    if (expecting.kind === "fixedBody") return this.#reply();
    this.#expecting = { kind: "chunkEnd" };
    return { kind: "more" };
  }

  #takeLine(
    line: string,
    expecting: Exclude<Expecting, { kind: "fixedBody" | "chunk" | "bodyToEnd" }>,
  ): Progress {
    if (expecting.kind === "statusLine") return this.#takeStatusLine(line);
    if (expecting.kind === "headers") {
      return line === "" ? this.#endHead() : this.#takeHeader(line);
    }
    if (expecting.kind === "chunkSize") return this.#takeChunkSize(line);
    if (expecting.kind === "chunkEnd") {
      if (line !== "") return fail("a chunk is longer than it says");
      this.#expecting = { kind: "chunkSize" };
      return { kind: "more" };
    }
    return line === "" ? this.#reply() : { kind: "more" };
  }

  #takeStatusLine(line: string): Progress {
    const status = /^HTTP\/1\.[01] ([1-5]\d\d)( |$)/.exec(line)?.[1];
    if (status === undefined) return fail("it does not answer in HTTP/1.1");

    this.#status = Number(status);
    this.#expecting = { kind: "headers" };
    return { kind: "more" };
  }

  #takeHeader(line: string): Progress {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return fail("a header line cannot be read");

    const key = name.toLowerCase();
    const before = this.#headers.get(key);
    this.#headers.set(key, before === undefined ? value : `${before}, ${value}`);
    return { kind: "more" };
  }

  #endHead(): Progress {
    if (this.#status < 200) {
      // An interim response (100 Continue, 103 Early Hints); the real one follows.
      this.#expecting = { kind: "statusLine" };
      this.#headers = new Map();
      return { kind: "more" };
    }
    if (this.#status === 204 || this.#status === 304) return this.#reply();

    const coding = this.#headers.get("transfer-encoding");
    if (coding !== undefined) {
      if (coding.toLowerCase() !== "chunked") return fail("its transfer coding is not chunked");
      this.#expecting = { kind: "chunkSize" };
      return { kind: "more" };
    }
    const length = this.#headers.get("content-length");
    if (length === undefined) {
      this.#expecting = { kind: "bodyToEnd" };
      return { kind: "more" };
    }
    // Two lengths arrive here as "3, 5", and are no number.
    if (!/^\d{1,15}$/.test(length)) return fail("its Content-Length is not a number");
    if (Number(length) > BODY_BYTES_MAX) return tooLarge();
    if (Number(length) === 0) return this.#reply();
    this.#expecting = { kind: "fixedBody", left: Number(length) };
    return { kind: "more" };
  }

  #takeChunkSize(line: string): Progress {
    const digits = /^([0-9a-fA-F]{1,8})[ \t]*(;|$)/.exec(line)?.[1];
    if (digits === undefined) return fail("the size of a chunk cannot be read");

    const left = Number.parseInt(digits, 16);
    if (this.#body.length + left > BODY_BYTES_MAX) return tooLarge();
    this.#expecting = left === 0 ? { kind: "trailers" } : { kind: "chunk", left };
    return { kind: "more" };
  }

  #reply(): Progress {
    return { kind: "reply", status: this.#status, body: Uint8Array.from(this.#body) };
  }
}

function fail(detail: string): Progress {
  return { kind: "failed", detail };
}

function tooLarge(): Progress {
  return fail(`its body is over ${BODY_BYTES_MAX} bytes`);
}
